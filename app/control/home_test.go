//go:build !windows && !darwin

package control

import "testing"

func TestDefaultHome(t *testing.T) {
	for _, test := range []struct{ data, user, want string }{
		{"/data", "/home/anna", "/data/starling"},
		{"", "/home/anna", "/home/anna/.local/share/starling"},
		{"relative", "/home/anna", "/home/anna/.local/share/starling"},
		{"", "", ""},
	} {
		t.Setenv("XDG_DATA_HOME", test.data)
		t.Setenv("HOME", test.user)
		home, err := DefaultHome()
		if home != test.want || (err == nil) != (test.want != "") {
			t.Errorf("with %q and %q the home is %q, %v; want %q", test.data, test.user, home, err, test.want)
		}
	}
}
