package main

import (
	"encoding/binary"
	"os"
	"testing"
	"time"
)

// dump is a screen dump of one colour, with a row of padding after each line.
func dump(width, height int, pixel uint32) []byte {
	const header, colours, padding = 104, 2, 8
	line := width*4 + padding
	data := make([]byte, header+colours*colourBytes+line*height)
	for i, v := range map[int]int{0: header, 4: width, 5: height, 11: 32, 12: line, 19: colours} {
		binary.BigEndian.PutUint32(data[i*4:], uint32(v))
	}
	for y := range height {
		for x := range width {
			binary.LittleEndian.PutUint32(data[header+colours*colourBytes+y*line+x*4:], pixel)
		}
	}
	return data
}

func TestParse(t *testing.T) {
	p, err := parse(dump(11, 15, 0xff102030))
	if err != nil || len(p) != 9 || p[8] != 0x102030 || !p.uniform() {
		t.Errorf("the picture is %x, %v", p, err)
	}
	p[4] = 1
	if p.uniform() {
		t.Error("a pixel of another colour was not seen")
	}
	whole := dump(4, 4, 0)
	deep := dump(4, 4, 0)
	binary.BigEndian.PutUint32(deep[11*4:], 16)
	for name, data := range map[string][]byte{"nothing": nil, "cut short": whole[:len(whole)-1], "16 bits": deep} {
		if p, err := parse(data); err == nil || p != nil {
			t.Errorf("%s gave %v, %v", name, p, err)
		}
	}
}

func TestUsable(t *testing.T) {
	frame := func(pixels int) picture {
		p := make(picture, 4000)
		for i := range pixels {
			p[i] = 1
		}
		return p
	}
	for _, c := range []struct {
		name   string
		pixels []int // of each picture, one a second
		want   time.Duration
	}{
		{"at once", []int{100}, 0},
		{"after a wrong one", []int{100, 900}, time.Second},
		{"a blinking caret", []int{50, 1000, 1003, 1000, 1004}, time.Second},
		{"there and back", []int{1000, 0, 1000}, 2 * time.Second},
		{"little by little", []int{0, 3, 6, 9}, 2 * time.Second},
	} {
		var all []shown
		for i, n := range c.pixels {
			all = append(all, shown{time.Duration(i) * time.Second, frame(n)})
		}
		if got := usable(all); got != c.want {
			t.Errorf("%s: usable after %v, want %v", c.name, got, c.want)
		}
	}
}

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{9, 1, 5}, 5}, {[]float64{4, 1, 2, 3}, 2.5}} {
		if got := median(c.values); got != c.want {
			t.Errorf("the median of %v is %v, want %v", c.values, got, c.want)
		}
	}
}

func TestResident(t *testing.T) {
	if mb, err := resident(os.Getpid()); err != nil || mb < 1 || mb > 10_000 {
		t.Errorf("this process holds %v MB, %v", mb, err)
	}
}

func TestParseStat(t *testing.T) {
	const stat = "4711 (a ) b (c) S 1 2 3 0 -1 4194560 100 0 0 0 250 50 7 8 20 0 12 0 999 1000 200"
	if got, err := parseStat(stat); err != nil || got != 3*time.Second {
		t.Errorf("it is %v, %v, want 3 s", got, err)
	}
	for _, bad := range []string{"", "1 (a) S 1", "1 (a) S 1 2 3 0 -1 4194560 100 0 0 0 x 50"} {
		if got, err := parseStat(bad); err == nil {
			t.Errorf("%q gave %v", bad, got)
		}
	}
}
