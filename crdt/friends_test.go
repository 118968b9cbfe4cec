package crdt

import (
	"compress/gzip"
	"encoding/json"
	"os"
	"testing"
	"time"
)

// friendsFile is a real history of two people who write at once. It is not kept
// in this project.
const friendsFile = "../../shared/traces/friendsforever.json.gz"

// transaction edits the text as it is when its parents are merged.
type transaction struct {
	Parents []int                `json:"parents"`
	Agent   int                  `json:"agent"`
	Patches [][3]json.RawMessage `json:"patches"`
}

func friends(t *testing.T) (txns []transaction, end string) {
	t.Helper()
	f, err := os.Open(friendsFile)
	if err != nil {
		t.Skipf("the trace is not here: %v", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var trace struct {
		End  string        `json:"endContent"`
		Txns []transaction `json:"txns"`
	}
	if err := json.NewDecoder(z).Decode(&trace); err != nil {
		t.Fatal(err)
	}
	return trace.Txns, trace.End
}

// replay has each person write from a document that holds just what they had
// seen.
type replay struct {
	txns []transaction
	made [][]Change
	docs [2]*device
	has  [2][]bool
}

// catchUp gives a person a transaction of the other one, and all that it builds
// on.
func (r *replay) catchUp(t *testing.T, who, txn int) {
	t.Helper()
	var batch []Change
	var gather func(i int)
	gather = func(i int) {
		if r.has[who][i] {
			return
		}
		for _, p := range r.txns[i].Parents {
			gather(p)
		}
		r.has[who][i] = true
		batch = append(batch, r.made[i]...)
	}
	gather(txn)
	if len(batch) == 0 {
		return
	}
	if _, err := r.docs[who].Apply(batch); err != nil {
		t.Fatal(err)
	}
}

func (r *replay) write(t *testing.T, txn int) {
	t.Helper()
	x := r.txns[txn]
	for _, p := range x.Parents {
		r.catchUp(t, x.Agent, p)
	}
	for _, patch := range x.Patches {
		var e Edit
		for i, v := range []any{&e.At, &e.Delete, &e.Insert} {
			if err := json.Unmarshal(patch[i], v); err != nil {
				t.Fatal(err)
			}
		}
		d := r.docs[x.Agent]
		e.Seen = d.log.last()
		out, err := d.Edit(e, time.Unix(0, 0))
		if err != nil {
			t.Fatal(err)
		}
		r.made[txn] = append(r.made[txn], out.Changes...)
	}
	r.has[x.Agent][txn] = true
}

// The history of two people is replayed, in short runs the first part of it.
func TestFriendsForever(t *testing.T) {
	txns, end := friends(t)
	if testing.Short() {
		txns = txns[:5000]
	}
	r := replay{txns: txns, made: make([][]Change, len(txns))}
	r.docs = [2]*device{newDevice(t, "first"), newDevice(t, "second")}
	c, err := r.docs[0].Found(time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.docs[1].Apply([]Change{c}); err != nil {
		t.Fatal(err)
	}
	for i := range r.has {
		r.has[i] = make([]bool, len(txns))
	}
	for i := range txns {
		r.write(t, i)
		if i%1000 > 0 && i < len(txns)-1 {
			continue
		}
		for _, d := range r.docs {
			if patches, err := d.Audit(); err != nil || len(patches) > 0 {
				t.Fatalf("transaction %d: %v, %v", i, patches, err)
			}
		}
	}
	for i := range txns {
		r.catchUp(t, 0, i)
		r.catchUp(t, 1, i)
	}
	for _, d := range r.docs {
		text, err := d.engine.string()
		switch {
		case err != nil || d.text != text:
			t.Fatalf("the text is not the engine's: %v", err)
		case !testing.Short() && text != end:
			t.Fatal("the text is not that of the trace")
		case !d.order.Exact():
			t.Fatal("the order stepped aside")
		}
	}
}
