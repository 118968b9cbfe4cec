package identity

import (
	"crypto/rand"
	"math"
	"regexp"
	"testing"
)

const (
	wantCode       = "648353"
	wantCommitment = "4762591292e5843510ec05520bd01d75a771740a35f3d4f28f06138d16fec2fd"
)

func randomPairing(t *testing.T) (p Pairing) {
	t.Helper()
	for _, field := range [][]byte{p.Exporter[:], p.Requester[:], p.Responder[:], p.RequesterNonce[:], p.ResponderNonce[:]} {
		rand.Read(field) // never fails
	}
	return p
}

// The code must never change between versions, or old and new devices could not
// pair. The values were computed apart from this program.
func TestCodeAndCommitmentAreFixed(t *testing.T) {
	var p Pairing
	for i := range 32 {
		p.Exporter[i], p.Requester[i], p.Responder[i] = byte(i), byte(i+32), byte(i+64)
		p.RequesterNonce[i], p.ResponderNonce[i] = byte(i+96), byte(i+128)
	}
	if got := p.Code(); got != wantCode {
		t.Errorf("code %s, want %s", got, wantCode)
	}
	commitment := Commitment(p.RequesterNonce, p.Requester, p.Responder)
	if got := DeviceID(commitment).String(); got != wantCommitment {
		t.Errorf("commitment %s, want %s", got, wantCommitment)
	}
}

func TestBothSidesSeeOneCode(t *testing.T) {
	six := regexp.MustCompile(`^[0-9]{6}$`)
	for range 1000 {
		p := randomPairing(t)
		mine := p
		theirs := Pairing{ // filled in by the other side from what it saw
			Exporter:       p.Exporter,
			Requester:      p.Requester,
			Responder:      p.Responder,
			RequesterNonce: p.RequesterNonce,
			ResponderNonce: p.ResponderNonce,
		}
		if mine.Code() != theirs.Code() {
			t.Fatal("two codes")
		}
		if !six.MatchString(p.Code()) {
			t.Fatalf("code %q", p.Code())
		}
	}
}

// Each thing that the code binds must change it: of many changed pairings only
// about one in a million may keep its code.
func TestCodeBindsEverything(t *testing.T) {
	for name, field := range map[string]func(*Pairing) []byte{
		"connection":      func(p *Pairing) []byte { return p.Exporter[:] },
		"requester":       func(p *Pairing) []byte { return p.Requester[:] },
		"responder":       func(p *Pairing) []byte { return p.Responder[:] },
		"requester nonce": func(p *Pairing) []byte { return p.RequesterNonce[:] },
		"responder nonce": func(p *Pairing) []byte { return p.ResponderNonce[:] },
	} {
		t.Run(name, func(t *testing.T) {
			same := 0
			for bit := range 256 {
				p := randomPairing(t)
				before := p.Code()
				field(&p)[bit/8] ^= 1 << (bit % 8)
				if p.Code() == before {
					same++
				}
			}
			if same > 2 { // by chance: less than once in 10^11 runs
				t.Errorf("%d of 256 changes keep the code", same)
			}
		})
	}
}

func TestRolesDoNotMix(t *testing.T) {
	same := 0
	for range 256 {
		p := randomPairing(t)
		swapped := p
		swapped.Requester, swapped.Responder = p.Responder, p.Requester
		swapped.RequesterNonce, swapped.ResponderNonce = p.ResponderNonce, p.RequesterNonce
		if p.Code() == swapped.Code() {
			same++
		}
	}
	if same > 2 {
		t.Errorf("%d of 256 pairings look the same from both sides", same)
	}
}

func TestCodesAreSpreadEvenly(t *testing.T) {
	const n = 20_000
	var digits [6][10]int
	for range n {
		code := randomPairing(t).Code()
		for i := range digits {
			digits[i][code[i]-'0']++
		}
	}
	limit := 7 * math.Sqrt(n*0.1*0.9) // seven standard deviations
	for i, counts := range digits {
		for d, count := range counts {
			if math.Abs(float64(count)-n/10) > limit {
				t.Errorf("digit %d is %d in %d of %d codes", i, d, count, n)
			}
		}
	}
}

func TestCommitmentBindsEverything(t *testing.T) {
	p := randomPairing(t)
	seen := map[[32]byte]string{Commitment(p.RequesterNonce, p.Requester, p.Responder): "the first"}
	for name, c := range map[string][32]byte{
		"another nonce":     Commitment(p.ResponderNonce, p.Requester, p.Responder),
		"another requester": Commitment(p.RequesterNonce, p.Exporter, p.Responder),
		"another responder": Commitment(p.RequesterNonce, p.Requester, p.Exporter),
		"swapped":           Commitment(p.RequesterNonce, p.Responder, p.Requester),
	} {
		if twin, ok := seen[c]; ok {
			t.Errorf("%s gives the commitment of %s", name, twin)
		}
		seen[c] = name
	}
}
