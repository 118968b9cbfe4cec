package judge

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
)

func TestAnswerReadsBack(t *testing.T) {
	for _, v := range []Verdict{
		{},
		{HasText: true},
		{Heads: [][32]byte{{1}, {2}}, HasText: true, Text: "Gräße\nund"},
		{Heads: [][32]byte{{31: 9}}},
	} {
		b := appendVerdict(nil, v)
		got, err := parseAnswer(b)
		if err != nil || got.Text != v.Text || got.HasText != v.HasText || fmt.Sprint(got.Heads) != fmt.Sprint(v.Heads) {
			t.Errorf("%+v became %+v, %v", v, got, err)
		}
		for n := range min(len(b), 5+32*len(v.Heads)) {
			if got, err := parseAnswer(b[:n]); !errors.Is(err, ErrDied) {
				t.Errorf("the first %d bytes of %+v became %+v, %v", n, v, got, err)
			}
		}
	}
	_, err := parseAnswer(appendRefusal(nil, errors.New("bad checksum\x1b[2J\nand more")))
	if !errors.Is(err, ErrRefused) || !strings.HasSuffix(err.Error(), `"bad checksum\x1b[2J"`) {
		t.Errorf("refusal became %v", err)
	}
	if _, err := parseAnswer(append(appendVerdict(nil, Verdict{}), 'x')); !errors.Is(err, ErrDied) {
		t.Errorf("a text where there is none: %v", err)
	}
}

func TestQuestionReadsBack(t *testing.T) {
	b := appendQuestion(nil, question{memory: 1 << 33, key: "content", chunks: []byte("chunks")})
	r := bytes.NewReader(b)
	memory, err := readMemory(r)
	key, errKey := readBlock(r)
	chunks, errChunks := readBlock(r)
	if err := errors.Join(err, errKey, errChunks); err != nil {
		t.Fatal(err)
	}
	if memory != 1<<33 || string(key) != "content" || string(chunks) != "chunks" || r.Len() > 0 {
		t.Errorf("got %d %q %q and %d more bytes", memory, key, chunks, r.Len())
	}
	if _, err := readBlock(bytes.NewReader([]byte{255, 255, 255, 255})); err == nil {
		t.Error("a block of 4 GB passes")
	}
}
