package packaging

// module is the name of our own module and of its root package.
const module = "starling"

// mayImport says which packages of ours each package may import, tests aside.
// Paths are relative to the module; "." is the root. A package that is not
// here has no place yet: give it one, with as little as it needs. A package
// that is here need not exist.
var mayImport = map[string][]string{
	".": {"app/control", "app/desktop", "assets", "crdt/judge", "sync/peer"},

	"app/desktop": {
		"app/buffer", "app/control", "app/doctor", "app/editor", "app/find", "app/markdown", "app/spell", "app/typeset", "assets",
		"crdt", "sync/peer",
	},
	"app/editor":    {"app/buffer", "app/find", "app/highlight", "app/markdown", "app/recent", "app/spell", "app/typeset"},
	"app/find":      {},
	"app/recent":    {},
	"app/highlight": {},
	"app/markdown":  {},
	"app/spell":     {},
	"app/typeset":   {"app/recent"},
	"app/buffer":    {"crdt"},
	"app/doctor":    {"sync/peer"},
	"app/control":   {"app/doctor", "crdt", "sync/peer"},
	"app/starlingd": {"app/control", "app/markdown", "crdt/judge", "sync/peer"},

	"crdt": {
		"crdt/format", "crdt/graph", "crdt/guard", "crdt/history", "crdt/opid", "crdt/opset", "crdt/sequence",
	},
	"crdt/format":            {},
	"crdt/format/formattest": {"crdt/format"}, // imported by tests only
	"crdt/graph":             {"crdt/format", "crdt/opid"},
	"crdt/guard":             {"crdt/format", "crdt/graph", "crdt/opid", "crdt/opset", "crdt/sequence"},
	"crdt/history":           {"crdt/graph", "crdt/opid", "crdt/sequence"},
	"crdt/judge":             {},
	"packaging/build":        {}, // tests only
	"crdt/opid":              {},
	"crdt/opset":             {"crdt/format", "crdt/opid", "crdt/sequence"},
	"crdt/sequence":          {"crdt/opid"},
	"crdt/tracetest":         {}, // imported by tests only
	"crdt/store":             {"crdt", "crdt/store/durable"},
	"crdt/store/durable":     {},
	"crdt/store/memory":      {"crdt", "crdt/store"}, // imported by tests only
	"crdt/store/storetest":   {"crdt", "crdt/store"}, // imported by tests only

	"sync":            {},
	"sync/identity":   {},
	"sync/names":      {},
	"sync/onlink":     {},
	"sync/simulation": {}, // tests only
	"sync/trust":      {"sync/identity"},
	"sync/protocol":   {"crdt", "sync/identity", "sync/trust"},
	"sync/transport":  {"sync/identity", "sync/onlink"},
	"sync/peer": {
		"crdt", "crdt/judge", "crdt/store", "crdt/store/durable", "discovery",
		"sync/identity", "sync/names", "sync/onlink", "sync/protocol", "sync/transport", "sync/trust",
	},
	"discovery": {"sync/identity", "sync/onlink"},

	"assets":                 {},
	"packaging":              {},
	"packaging/bench":        {},
	"packaging/bench/live":   {"crdt", "sync/peer"},
	"packaging/bench/sync":   {"crdt", "discovery", "sync/peer"},
	"packaging/bench/window": {},
	"packaging/crash":        {}, // tests only
	"packaging/gotest":       {},
	"packaging/hostile":      {}, // tests only
	"packaging/hosts":        {}, // tests only
	"packaging/lab":          {}, // imported by tests only
	"packaging/window":       {},
}

// onlyIn says which packages of ours may import something from outside, by the
// start of its path.
var onlyIn = map[string][]string{
	"fyne.io/fyne/v2":                 {".", "app/desktop", "app/editor", "app/typeset", "assets"},
	"fyne.io/fyne/v2/app":             {"."}, // the only one that needs OpenGL and a screen
	"github.com/automerge":            {"crdt/judge", "crdt/format/formattest"},
	"modernc.org/sqlite":              {"crdt/store"},
	"github.com/quic-go":              {"sync/transport"},
	"github.com/miekg/dns":            {"discovery"},
	"github.com/gofrs/flock":          {"crdt/store", "app/control", "sync/peer"},
	"github.com/fxamacker/cbor/v2":    {"sync/protocol", "sync/trust", "sync/peer"},
	"github.com/rivo/uniseg":          {"app/buffer", "app/editor", "app/markdown", "app/typeset"},
	"github.com/go-text/typesetting/": {"app/typeset"},
	"golang.org/x/text/":              {"app/spell", "app/typeset", "sync/names"},
	"filippo.io/age":                  {"sync/peer"},
	"github.com/boombuler/barcode":    {"app/desktop"},
	"github.com/alecthomas/chroma/":   {"app/highlight"},
	"github.com/dlclark/regexp2/":     {"app/highlight"},
	"github.com/yuin/goldmark":        {"app/markdown"},
}

// standardOnly are the packages that import nothing beyond Go's own library.
var standardOnly = []string{"sync", "sync/identity", "packaging", "packaging/bench", "packaging/gotest", "packaging/lab"}

// headless are the programs that must start where there is no screen, and
// notHeadless is what they must not be linked with: package paths by their
// start, C libraries by their flag.
var (
	headless    = []string{"app/starlingd"}
	notHeadless = []string{"fyne.io/", "github.com/go-gl/", "github.com/fyne-io/"}
	notLinked   = []string{"-lGL", "-lX11", "-lEGL", "-lGLESv2", "-lwayland-client", "-lxkbcommon"}
)

// topLevel is what may lie at the top of the repository, besides files and
// folders whose names start with a dot.
var topLevel = []string{
	"app", "crdt", "sync", "discovery", "assets", "packaging",
	"go.mod", "go.sum", "main.go", "main_test.go", "FyneApp.toml", "Makefile",
	"README.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE",
}
