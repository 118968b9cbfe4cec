package discovery

import (
	"bytes"
	"log"
	"testing"
)

func TestOnlyTheLibraryIsSilenced(t *testing.T) {
	before := log.Writer()
	defer log.SetOutput(before)
	var out bytes.Buffer
	log.SetOutput(&out)
	quietLibrary()
	quietLibrary() // twice does no harm
	log.Printf("[zeroconf] no suitable IPv6 interface: x")
	log.Println("[ERR] zeroconf: failed to send probe:", "x")
	log.Printf("[WARN] mdns: Failed to set multicast interface: x")
	for range cap(libraryLines) {
		log.Print("[zeroconf] too many to keep")
	}
	if out.Len() > 0 {
		t.Errorf("the library's lines got through: %q", out.String())
	}
	if got := <-libraryLines; !bytes.Contains([]byte(got), []byte("no suitable IPv6")) {
		t.Errorf("kept %q", got)
	}
	for len(libraryLines) > 0 {
		<-libraryLines
	}
	log.Print("someone else's line")
	if !bytes.Contains(out.Bytes(), []byte("someone else's line")) {
		t.Errorf("lost a line of others, got %q", out.String())
	}
}
