package format_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"starling/crdt/format"
	"starling/crdt/format/formattest"

	"github.com/automerge/automerge-go"
)

func sessions(t testing.TB) [][]byte {
	t.Helper()
	var all [][]byte
	for seed := range uint64(6) {
		chunks, err := formattest.Session(seed, 1+int(seed)%4, 60)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, chunks...)
	}
	return all
}

// What automerge-go writes is read, and encodes to the same bytes with the
// same meta data.
func TestRoundTripOfRealChanges(t *testing.T) {
	actions := map[format.Action]bool{}
	for _, chunk := range sessions(t) {
		c, err := format.ParseChange(chunk)
		if err != nil {
			t.Fatalf("%x: %v", chunk, err)
		}
		if got := c.Encode(); !bytes.Equal(got, chunk) {
			t.Fatalf("encoded\n%x, want\n%x", got, chunk)
		}
		for _, op := range c.Ops {
			actions[op.Action] = true
		}
		compareMeta(t, c, chunk)
	}
	for a := format.MakeMap; a <= format.Increment; a++ {
		if !actions[a] {
			t.Errorf("the sessions never had action %d", a)
		}
	}
}

func compareMeta(t *testing.T, c *format.Change, chunk []byte) {
	t.Helper()
	if len(c.Deps) > 0 {
		return // automerge-go reads no change alone that has dependencies
	}
	loaded, err := automerge.LoadChanges(chunk)
	if err != nil {
		t.Fatal(err)
	}
	want := loaded[0]
	if c.Hash != want.Hash() || c.Seq != want.ActorSeq() || c.Message != want.Message() ||
		c.Time != want.Timestamp().UnixMilli() {
		t.Errorf("read %x seq %d %q %d, automerge-go has %s seq %d %q %d", c.Hash, c.Seq, c.Message, c.Time,
			want.Hash(), want.ActorSeq(), want.Message(), want.Timestamp().UnixMilli())
	}
}

// base is a change with all that the table of refusals needs to spoil.
func base() *format.Change {
	set := format.Op{Key: format.Key{Map: true, Name: "key"}, Action: format.Set, Value: format.Value{Type: format.Int, Raw: []byte{5}}}
	over := set
	over.Pred = []format.OpID{{Counter: 3, Actor: 1}, {Counter: 3, Actor: 2}, {Counter: 7}}
	return &format.Change{
		Actor: []byte{5}, OtherActors: [][]byte{{4}, {6}}, Seq: 2, StartOp: 8, Time: -1, Message: "hi",
		Deps: [][32]byte{{1}, {2}}, Ops: []format.Op{set, over}, Extra: []byte("extra"),
		Unknown: []format.Column{{Spec: 0x04, Data: []byte{2}}, {Spec: 0x1f2, Data: []byte{2, 1}}},
	}
}

func TestRefusesSpoiltChange(t *testing.T) {
	if _, err := format.ParseChange(base().Encode()); err != nil {
		t.Fatalf("the change that is to be spoilt: %v", err)
	}
	for name, tc := range map[string]struct {
		spoil func(*format.Change)
		want  error
	}{
		"seq 0":             {func(c *format.Change) { c.Seq = 0 }, format.ErrNumber},
		"seq beyond 32":     {func(c *format.Change) { c.Seq = 1 << 32 }, format.ErrLimit},
		"start 0":           {func(c *format.Change) { c.StartOp = 0 }, format.ErrNumber},
		"counters overflow": {func(c *format.Change) { c.StartOp = format.MaxCounter - 1 }, format.ErrNumber},
		"no actor":          {func(c *format.Change) { c.Actor = nil }, format.ErrActors},
		"long actor":        {func(c *format.Change) { c.Actor = make([]byte, 65) }, format.ErrLimit},
		"actors unsorted":   {func(c *format.Change) { c.OtherActors = [][]byte{{6}, {4}} }, format.ErrActors},
		"actor twice":       {func(c *format.Change) { c.OtherActors = [][]byte{{4}, {4}} }, format.ErrActors},
		"author again":      {func(c *format.Change) { c.OtherActors = [][]byte{{4}, {5}} }, format.ErrActors},
		"actor not used":    {func(c *format.Change) { c.OtherActors = [][]byte{{4}, {6}, {7}} }, format.ErrActors},
		"deps unsorted":     {func(c *format.Change) { c.Deps = [][32]byte{{2}, {1}} }, format.ErrDeps},
		"dep twice":         {func(c *format.Change) { c.Deps = [][32]byte{{2}, {2}} }, format.ErrDeps},
		"many deps":         {func(c *format.Change) { c.Deps = make([][32]byte, format.MaxDeps+1) }, format.ErrLimit},
		"message bytes":     {func(c *format.Change) { c.Message = "\xff" }, format.ErrUTF8},
		"message length":    {func(c *format.Change) { c.Message = strings.Repeat("a", format.MaxMessage+1) }, format.ErrLimit},
		"key bytes":         {func(c *format.Change) { c.Ops[0].Key.Name = "\xc0" }, format.ErrUTF8},
		"key length":        {func(c *format.Change) { c.Ops[0].Key.Name = strings.Repeat("a", format.MaxKey+1) }, format.ErrLimit},
		"value length": {func(c *format.Change) {
			c.Ops[0].Value = format.Value{Type: format.Bytes, Raw: make([]byte, format.MaxValue+1)}
		}, format.ErrLimit},
		"chunk length":      {func(c *format.Change) { c.Extra = make([]byte, format.MaxChunk) }, format.ErrLimit},
		"string bytes":      {func(c *format.Change) { c.Ops[0].Value = format.Value{Type: format.String, Raw: []byte{0x80}} }, format.ErrUTF8},
		"null with bytes":   {func(c *format.Change) { c.Ops[0].Value.Type = format.Null }, format.ErrOp},
		"long int":          {func(c *format.Change) { c.Ops[0].Value.Raw = []byte{0x85, 0} }, format.ErrOp},
		"long negative int": {func(c *format.Change) { c.Ops[0].Value.Raw = []byte{0xff, 0x7f} }, format.ErrOp},
		"two ints":          {func(c *format.Change) { c.Ops[0].Value.Raw = []byte{1, 1} }, format.ErrOp},
		"short float":       {func(c *format.Change) { c.Ops[0].Value.Type = format.Float }, format.ErrOp},
		"unknown action":    {func(c *format.Change) { c.Ops[1].Action = 8 }, format.ErrOp},
		"pred actor":        {func(c *format.Change) { c.Ops[1].Pred[2].Actor = 3 }, format.ErrOp},
		"pred twice":        {func(c *format.Change) { c.Ops[1].Pred[1] = c.Ops[1].Pred[0] }, format.ErrOp},
		"preds unsorted":    {func(c *format.Change) { c.Ops[1].Pred[1].Counter = 8 }, format.ErrOp},
		"pred counter 0":    {func(c *format.Change) { c.Ops[1].Pred[0].Counter = 0 }, format.ErrOp},
		"object actor":      {func(c *format.Change) { c.Ops[1].Obj = format.OpID{Counter: 1, Actor: 9} }, format.ErrOp},
		"element actor":     {func(c *format.Change) { c.Ops[1].Key = format.Key{Elem: format.OpID{Counter: 1, Actor: 9}} }, format.ErrOp},
		"many operations":   {func(c *format.Change) { c.Ops = append(c.Ops, make([]format.Op, format.MaxOps)...) }, format.ErrLimit},
		"unknown unsorted":  {func(c *format.Change) { c.Unknown[1].Spec = 0x02 }, format.ErrColumns},
		"unknown empty":     {func(c *format.Change) { c.Unknown[0].Data = nil }, format.ErrColumns},
		"unknown deflated":  {func(c *format.Change) { c.Unknown[0].Spec |= 8 }, format.ErrColumns},
	} {
		t.Run(name, func(t *testing.T) {
			c := base()
			tc.spoil(c)
			got, err := format.ParseChange(c.Encode())
			if got != nil || !errors.Is(err, tc.want) {
				t.Errorf("got %v, %v; want %v", got, err, tc.want)
			}
		})
	}
}

// rebuild puts content behind a right header.
func rebuild(kind byte, content []byte) []byte { return formattest.Seal(kind, content) }

func contentOf(chunk []byte) []byte { return formattest.Content(chunk) }

func TestRefusesSpoiltChunk(t *testing.T) {
	good := base().Encode()
	content := contentOf(good)
	changed := func(at int, b byte) []byte {
		out := bytes.Clone(good)
		out[at] = b
		return out
	}
	overlong := append(bytes.Clone(good[:9]), byte(len(content))|0x80, 0x80|byte(len(content)>>7), 0)
	for name, tc := range map[string]struct {
		chunk []byte
		want  error
	}{
		"nothing":          {nil, format.ErrTruncated},
		"magic":            {changed(0, 0), format.ErrMagic},
		"checksum":         {changed(5, good[5]^1), format.ErrChecksum},
		"document":         {rebuild(0, content), format.ErrChunkType},
		"unknown type":     {rebuild(3, content), format.ErrChunkType},
		"trailing":         {append(bytes.Clone(good), 0), format.ErrTrailing},
		"two chunks":       {append(bytes.Clone(good), good...), format.ErrTrailing},
		"cut":              {good[:len(good)-1], format.ErrTruncated},
		"long length":      {append(overlong, content...), format.ErrNumber},
		"cut content":      {rebuild(1, content[:40]), format.ErrTruncated},
		"not deflated":     {rebuild(2, content), format.ErrInflate},
		"too much to read": {make([]byte, format.MaxChunk+1), format.ErrLimit},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := format.ParseChange(tc.chunk)
			if c != nil || !errors.Is(err, tc.want) {
				t.Errorf("got %v, %v; want %v", c, err, tc.want)
			}
		})
	}
}

// Every cut and every changed byte gives an error or another honest change,
// never a panic.
func TestSpoiltBytesNeverPanic(t *testing.T) {
	content := contentOf(base().Encode())
	for i := range content {
		for bit := range 8 {
			bad := bytes.Clone(content)
			bad[i] ^= 1 << bit
			chunk := rebuild(1, bad)
			c, err := format.ParseChange(chunk)
			if err == nil && !bytes.Equal(c.Encode(), chunk) {
				t.Fatalf("bit %d of byte %d: accepted, but encodes otherwise", bit, i)
			}
		}
		if c, err := format.ParseChange(rebuild(1, content[:i])); err == nil && len(c.Extra) >= len("extra") {
			t.Fatalf("cut at %d: accepted", i)
		}
	}
}

func TestCompressedChange(t *testing.T) {
	c := base()
	c.Extra = make([]byte, 10_000)
	plain := c.Encode()
	squeezed := formattest.Compress(plain)
	if len(squeezed) >= len(plain) {
		t.Fatal("the test's change does not shrink")
	}
	got, err := format.ParseChange(squeezed)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Encode(), plain) {
		t.Error("the inflated change is not the one that was compressed")
	}
	if _, err := format.ParseChange(formattest.CompressWith(plain, []byte{0})); !errors.Is(err, format.ErrTrailing) {
		t.Errorf("bytes after the deflate stream: %v", err)
	}
	bomb := formattest.Compress(rebuild(1, make([]byte, 10*format.MaxChunk)))
	if _, err := format.ParseChange(bomb); !errors.Is(err, format.ErrLimit) {
		t.Errorf("deflate bomb: %v", err)
	}
}

// Of the files that kill automerge-go, those that are wrong by themselves are
// refused here; the others (a seq, a start operation and a key that fit no
// document) are well formed, and the guard's to refuse.
func TestHostileFiles(t *testing.T) {
	wellFormed := map[string]bool{"bomb-seq5.bin": true, "bomb-mapkeyx.bin": true, "bomb-startop4294967294.bin": true}
	files, err := filepath.Glob("testdata/hostile/*.bin")
	if err != nil || len(files) != 12 {
		t.Fatalf("%d hostile files, %v", len(files), err)
	}
	for _, file := range files {
		chunk, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(file)
		c, err := format.ParseChange(chunk)
		if wellFormed[name] != (err == nil) || (c == nil) != (err != nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A change of a hundred bytes that claims a million operations must not take
// more memory than its bytes would suggest.
func TestBombCostsNothing(t *testing.T) {
	chunk, err := os.ReadFile("testdata/hostile/bomb-rle1000000.bin")
	if err != nil {
		t.Fatal(err)
	}
	r := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := format.ParseChange(chunk); !errors.Is(err, format.ErrLimit) {
				b.Fatal(err)
			}
		}
	})
	if r.AllocedBytesPerOp() > 16<<10 {
		t.Errorf("refusing it takes %d bytes", r.AllocedBytesPerOp())
	}
}

// FuzzParseChange reads anything as a change's content, in ten seconds, of which a busy
// machine may take nine, and 64 MB at most. What is accepted is written again as it was.
func FuzzParseChange(f *testing.F) {
	for i, chunk := range sessions(f) {
		if i%7 == 0 {
			f.Add(contentOf(chunk))
		}
	}
	f.Add(contentOf(base().Encode()))
	f.Fuzz(func(t *testing.T, content []byte) {
		chunk := rebuild(1, content)
		begin, before := time.Now(), allocated()
		c, err := format.ParseChange(chunk)
		if took, taken := time.Since(begin), allocated()-before; took > 10*time.Second || taken > 64<<20 {
			t.Fatalf("it took %v and %d bytes", took, taken)
		}
		if (c == nil) != (err != nil) {
			t.Fatalf("both or neither: %v, %v", c, err)
		}
		if err == nil && !bytes.Equal(c.Encode(), chunk) {
			t.Fatal("accepted, but encodes otherwise")
		}
	})
}

// allocated is how many bytes of memory this process has ever asked for.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

func BenchmarkParseChange(b *testing.B) {
	chunk := oneKey()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := format.ParseChange(chunk); err != nil {
			b.Fatal(err)
		}
	}
}

// oneKey is a keystroke: one character put after another.
func oneKey() []byte {
	c := format.Change{
		Actor: make([]byte, 16), Seq: 9, StartOp: 20, Time: 1_700_000_000, Deps: [][32]byte{{1}},
		Ops: []format.Op{{
			Obj: format.OpID{Counter: 1}, Key: format.Key{Elem: format.OpID{Counter: 19}}, Insert: true,
			Action: format.Set, Value: format.Value{Type: format.String, Raw: []byte("a")},
		}},
	}
	return c.Encode()
}
