// Writes the .automerge files of this folder and, beside each, what JavaScript
// Automerge finds in it. To make them anew: copy this folder elsewhere, run
// "npm install" and "node make.mjs" there, and copy the files back.
//
// In the .json files: "heads"; "changes", the hashes in the order in which
// JavaScript gives them; "root", with values that JSON lacks tagged ($bytes in
// hex, $date in milliseconds, $counter, $int for a BigInt, $float for infinity and
// -0, $scalar for a string that is no text);
// "text", that under "content", where it is a text; "spans" of it, with marks
// and block markers; "conflicts" of the root's keys.
import * as A from "@automerge/automerge"
import { writeFileSync } from "node:fs"

const actor = (n) => n.toString(16).padStart(32, "0")
let clock = 1700000000

// edit makes a change whose time is set, so that each run gives the same file.
function edit(doc, fn, message) {
  return A.change(doc, { time: clock++, message }, fn)
}

function start(n, fn) {
  return edit(A.init({ actor: actor(n) }), fn)
}

function fork(doc, n) {
  return A.clone(doc, { actor: actor(n) })
}

function plain(v) {
  if (v instanceof Uint8Array) return { $bytes: Buffer.from(v).toString("hex") }
  if (v instanceof Date) return { $date: v.getTime() }
  if (v instanceof A.Counter) return { $counter: v.value }
  if (A.isImmutableString(v)) return { $scalar: v.toString() }
  if (typeof v === "bigint") return { $int: v.toString() }
  if (typeof v === "number" && (!Number.isFinite(v) || Object.is(v, -0))) return { $float: Object.is(v, -0) ? "-0" : String(v) }
  if (Array.isArray(v)) return v.map(plain)
  if (v !== null && typeof v === "object") return plainMap(v)
  return v
}

function plainMap(m) {
  return Object.fromEntries(Object.keys(m).sort().map((k) => [k, plain(m[k])]))
}

function conflictsOf(doc) {
  const all = {}
  for (const key of Object.keys(doc).sort()) {
    const values = A.getConflicts(doc, key)
    if (values) all[key] = plainMap(values)
  }
  return all
}

function keep(name, data) {
  const doc = A.load(data)
  const state = {
    heads: A.getHeads(doc),
    changes: A.getAllChanges(doc).map((c) => A.decodeChange(c).hash),
    root: plainMap(doc),
    conflicts: conflictsOf(doc),
  }
  if (typeof doc.content === "string") {
    state.text = doc.content
    state.spans = A.spans(doc, ["content"]).map(plain)
  }
  writeFileSync(name + ".automerge", data)
  writeFileSync(name + ".json", JSON.stringify(state, null, 1) + "\n")
}

function merged(...docs) {
  return docs.reduce((a, b) => A.merge(a, b))
}

function severalActors() {
  let a = start(5, (d) => { d.content = "The quick fox\n" })
  let b = fork(a, 2)
  let c = fork(a, 9)
  a = edit(a, (d) => A.splice(d, ["content"], 4, 0, "very "))
  b = edit(b, (d) => A.splice(d, ["content"], 4, 5, "slow"))
  c = edit(c, (d) => A.splice(d, ["content"], 4, 0, "not so "))
  b = A.merge(b, c)
  b = edit(b, (d) => A.splice(d, ["content"], 0, 3, "A"))
  c = edit(c, (d) => A.splice(d, ["content"], 14, 0, "jumped over the lazy dog. ".repeat(30)))
  a = A.merge(a, b)
  a = edit(a, (d) => A.splice(d, ["content"], 2, 2))
  return merged(a, b, c)
}

function unicode() {
  let a = start(1, (d) => { d.content = "x" })
  a = edit(a, (d) => A.splice(d, ["content"], 1, 0, "😀 👩‍👩‍👧‍👦 𝔘𝔫𝔦 é e\u0301 世界"))
  const b = edit(fork(a, 2), (d) => A.splice(d, ["content"], 1, 2, "🏳️‍🌈"))
  a = edit(a, (d) => { d["ключ 🔑"] = "\u0000\uFFFC\u{10FFFF}" })
  return merged(a, b)
}

function marks() {
  let a = start(3, (d) => { d.content = "bold, a link, and a comment" })
  a = edit(a, (d) => A.mark(d, ["content"], { start: 0, end: 4, expand: "both" }, "bold", true))
  let b = fork(a, 4)
  a = edit(a, (d) => A.mark(d, ["content"], { start: 6, end: 12, expand: "none" }, "link", "https://example.org/"))
  b = edit(b, (d) => {
    A.mark(d, ["content"], { start: 2, end: 20, expand: "after" }, "comment:1", 5)
    A.splice(d, ["content"], 4, 0, "er")
  })
  a = A.merge(a, b)
  a = edit(a, (d) => A.unmark(d, ["content"], { start: 1, end: 2, expand: "before" }, "bold"))
  a = edit(a, (d) => A.splice(d, ["content"], 0, 3))
  return merged(a, b)
}

function blocks() {
  let a = start(3, (d) => { d.content = "Heading text and more" })
  a = edit(a, (d) => A.splitBlock(d, ["content"], 0, { type: "heading", parents: [], attrs: { level: 1 } }))
  a = edit(a, (d) => A.splitBlock(d, ["content"], 8, { type: "paragraph", parents: ["list"], attrs: {} }))
  let b = fork(a, 7)
  b = edit(b, (d) => A.splitBlock(d, ["content"], 14, { type: "paragraph", parents: [], attrs: {} }))
  a = edit(a, (d) => A.updateBlock(d, ["content"], 8, { type: "quote", parents: [], attrs: { by: "x" } }))
  a = A.merge(a, b)
  a = edit(a, (d) => A.joinBlock(d, ["content"], 14))
  a = edit(a, (d) => A.splice(d, ["content"], 1, 3))
  return merged(a, b)
}

function values() {
  let a = start(8, (d) => {
    Object.assign(d, {
      content: "", yes: true, no: false, nothing: null, whole: 42, negative: new A.Int(-300), unsigned: new A.Uint(300),
      large: new A.Int(Number.MIN_SAFE_INTEGER), half: 0.5, tiny: 5e-324, infinite: Infinity, minusZero: new A.Float64(-0),
      date: new Date(-5), later: new Date(1700000000123), bytes: new Uint8Array([0, 127, 128, 255]),
      noBytes: new Uint8Array(0), scalar: new A.ImmutableString("no text"), counter: new A.Counter(-7),
      list: [1, "two", null, [3, [4]], { five: [5] }], map: { deep: { er: { still: "text" } }, empty: {}, none: [] },
    })
  })
  a = edit(a, (d) => { d.counter.increment(10); d.list.push(new A.Counter(1)); d.list.splice(1, 2) })
  a = edit(a, (d) => { d.list[d.list.length - 1].decrement(300); d.list[0] = "replaced"; d.map.deep.er.still = "other" })
  return edit(a, (d) => { d.whole = 43; delete d.yes; delete d.map.empty; d.list.unshift(new Date(0), new Uint8Array([1])) })
}

function conflicts() {
  const a = start(6, (d) => { d.content = "one"; d.key = 0; d.n = new A.Counter(1); d.gone = "x"; d.list = ["a", "b", "c"] })
  const b = edit(fork(a, 2), (d) => { d.key = "b"; d.n.increment(5); d.list[1] = "B"; d.made = { by: "b" } })
  const c = edit(fork(a, 7), (d) => { d.key = ["c"]; d.n.increment(-2); delete d.gone; d.list[1] = "C"; d.made = { by: "c" } })
  const e = edit(fork(a, 1), (d) => { d.key = new A.Counter(3); d.gone = "kept"; d.list.deleteAt(1); d.content = "new text" })
  let all = merged(fork(a, 20), b, c, e)
  const one = edit(fork(all, 21), (d) => { d.made.more = 1; d.list.push("d") })
  const two = edit(fork(all, 22), (d) => { delete d.key })
  return merged(all, one, two)
}

function updatedText() {
  let a = start(1, (d) => { d.content = "It was a dark night.\nNobody slept.\n" })
  const b = edit(fork(a, 2), (d) => A.updateText(d, ["content"], "It was a dark and stormy night.\nNobody slept well.\n"))
  a = edit(a, (d) => A.updateText(d, ["content"], "It is a bright night.\nEverybody slept.\n"))
  return merged(a, b)
}

function emptyChanges() {
  let a = A.emptyChange(A.init({ actor: actor(3) }), { time: clock++, message: "nothing yet" })
  a = edit(a, (d) => { d.content = "text" }, "größer 🙂")
  let b = A.emptyChange(fork(a, 1), { time: -1 })
  a = A.change(a, { time: 0, message: "" }, (d) => { d.content += "!" })
  a = A.merge(a, b)
  a = A.emptyChange(a, { time: 253402300800, message: "m".repeat(400) })
  return A.change(a, { time: 7, message: "same" }, (d) => { d.k = 1 })
}

// atPast edits an old version, so that operations are numbered beyond those of
// the dependencies.
function atPast() {
  let a = start(4, (d) => { d.content = "first" })
  const past = A.getHeads(a)
  for (let i = 0; i < 20; i++) a = edit(a, (d) => A.splice(d, ["content"], 5, 0, " then"))
  a = A.changeAt(a, past, { time: clock++ }, (d) => A.splice(d, ["content"], 0, 0, "at ")).newDoc
  return edit(a, (d) => A.splice(d, ["content"], 0, 1, "A"))
}

function incremental() {
  let a = start(1, (d) => { d.content = "saved once, " })
  const parts = [A.save(a)]
  const since = () => { parts.push(A.saveIncremental(a)) }
  A.saveIncremental(a)
  a = edit(a, (d) => A.splice(d, ["content"], 12, 0, "saved again, ")); since()
  a = edit(a, (d) => A.splice(d, ["content"], 25, 0, "long ".repeat(300)))
  a = edit(a, (d) => { d.key = "value" }); since()
  const b = edit(fork(a, 2), (d) => A.splice(d, ["content"], 0, 5, "kept"))
  parts.push(A.save(b))
  a = edit(a, (d) => { d.key = "last" }); since()
  return Buffer.concat(parts)
}

function changesOnly() {
  const a = edit(start(1, (d) => { d.content = "only changes" }), (d) => { d.k = "é" })
  return Buffer.concat(A.getAllChanges(a))
}

const documents = { severalActors, unicode, marks, blocks, values, conflicts, updatedText, emptyChanges, atPast }
for (const [name, make] of Object.entries(documents)) keep(name, A.save(make()))
keep("nothing", A.save(A.init({ actor: actor(1) })))
keep("incremental", incremental())
keep("changesOnly", changesOnly())
