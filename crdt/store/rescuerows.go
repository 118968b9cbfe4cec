package store

import (
	"context"
	"errors"
	"math"
	"strings"
)

// plainTable is a table whose rows are copied as they are.
type plainTable struct {
	name, columns string
	// key is an integer, which is not among the columns; or, if there is none, order
	// says by what it can be read.
	key, order string
	// sound reports whether a row, which begins with the key, if there is one, can
	// be right.
	sound func(row) bool
}

var plainTables = []plainTable{
	{name: "settings", columns: "key, value", order: "key", sound: func(row) bool { return true }},
	{name: "spaces", columns: "id, name, joined, gone", order: "id", sound: func(v row) bool { return len(v.bytes(0)) == 32 }},
	{name: "secrets", columns: "space, place, secret", order: "space, place", sound: func(v row) bool { return len(v.bytes(0)) == 32 }},
	{
		name: "people", columns: "device, name, colour, paired, address, typed, seen, consent, same", order: "device",
		sound: func(v row) bool { return len(v.bytes(0)) == 32 },
	},
	{
		name: "statements", columns: "space, hash, bytes", key: "num",
		sound: func(v row) bool { return len(v.bytes(1)) == 32 && len(v.bytes(2)) == 32 },
	},
	{
		name: "aside", columns: "kind, doc, device, reason, hash, bytes, at, change", key: "num",
		sound: func(v row) bool { return soundContent(nil, v.bytes(5), v.bytes(6)) },
	},
	{
		name: "rosters", columns: "num, hashes", key: "num",
		sound: func(v row) bool { return len(v.bytes(2)) > 0 && len(v.bytes(2))%32 == 0 },
	},
}

// copyTable copies what can be read of a table.
func (r *rescuer) copyTable(ctx context.Context, p plainTable) error {
	var rows []row
	take := func(v row) bool {
		if !p.sound(v) {
			r.lost[p.name] = true
			return false
		}
		if p.key != "" {
			v = v[1:]
		}
		rows = append(rows, v)
		if p.name == "rosters" {
			r.rosters[v.int(0)] = splitRoster(v.bytes(1))
		}
		return true
	}
	if p.key != "" {
		r.eachNum(ctx, p.name, p.columns, p.key, 0, math.MaxInt64, take)
	} else {
		r.eachKeyed(ctx, p.name, "SELECT "+p.columns+" FROM "+p.name, p.order, nil, func(v row) { take(v) })
	}
	places := strings.TrimSuffix(strings.Repeat("?, ", strings.Count(p.columns, ",")+1), ", ")
	insert := "INSERT OR IGNORE INTO " + p.name + " (" + p.columns + ") VALUES (" + places + ")"
	return r.to.do(ctx, func(t *txn) error {
		for _, v := range rows {
			_, err := t.conn.exec(insert, v...)
			if errors.Is(err, ErrNoSpace) {
				return err
			}
			if err != nil { // of another type than the column's
				r.lost[p.name] = true
			}
		}
		return nil
	})
}
