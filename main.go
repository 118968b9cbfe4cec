// Starling lets people on one network write together, without a server, an
// account or the internet. This is its window; app/starlingd does the same
// without a screen.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"strings"

	"fyne.io/fyne/v2/app"

	"starling/app/control"
	"starling/app/desktop"
	"starling/crdt/judge"
	"starling/sync/peer"
)

// appID names the application to the system. FyneApp.toml has the same, which
// a plain go build does not embed.
const appID = "app.starling.Starling"

func main() {
	judge.Main()
	os.Exit(run(os.Args[1:], os.Stderr))
}

// run shows the window and returns the exit code: 0, 1 for a failure, 2 for
// wrong usage.
func run(args []string, stderr io.Writer) int {
	config, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(stderr, "starling:", err)
		return 2
	}
	config.Logger = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	if noScreen(runtime.GOOS, os.Getenv) {
		fmt.Fprintln(stderr, "starling:", errNoScreen)
		return 1
	}
	failed := false
	config.Fail = func(err error) {
		failed = true
		fmt.Fprintln(stderr, "starling:", explain(err, config.Home))
	}
	if err := show(func() error { return desktop.Run(app.NewWithID(appID), config) }); err != nil {
		if !failed {
			fmt.Fprintln(stderr, "starling:", err)
		}
		return 1
	}
	return 0
}

// errNoScreen says that there is nowhere to show a window.
var errNoScreen = errors.New("there is no screen to show a window on; starlingd does the same without one")

// noScreen says whether it is sure that no window can be shown.
func noScreen(system string, env func(string) string) bool {
	return system == "linux" && env("DISPLAY") == "" && env("WAYLAND_DISPLAY") == ""
}

// show runs a window. Where a screen is named that is not there, Fyne (v2.8.1)
// logs that GLFW could not begin and goes on; the first call of GLFW then panics
// on this goroutine with an error that is told by its text alone. All other
// panics go on.
func show(window func() error) (err error) {
	defer func() {
		problem := recover()
		if problem == nil {
			return
		}
		if e, ok := problem.(error); !ok || !strings.HasPrefix(e.Error(), "NotInitialized: The GLFW library") {
			panic(problem)
		}
		err = errNoScreen
	}()
	return window()
}

// explain says what went wrong and what to do next.
func explain(err error, home string) string {
	if errors.Is(err, peer.ErrInUse) {
		return fmt.Sprintf("%s is in use by another Starling; close its window or stop starlingd first", home)
	}
	return err.Error()
}

func parse(args []string, stderr io.Writer) (desktop.Config, error) {
	var c desktop.Config
	flags := flag.NewFlagSet("starling", flag.ContinueOnError)
	flags.SetOutput(io.Discard) // we print errors ourselves
	flags.StringVar(&c.Home, "home", "", "`folder` for documents and keys (default: the system's data folder)")
	flags.StringVar(&c.Name, "name", "", "your `name`, at the first start")
	flags.StringVar(&c.Listen, "listen", "", "UDP `address` to listen on (default: any)")
	flags.BoolVar(&c.NoDiscovery, "no-discovery", false, "do not announce yourself or look for others")
	geometry := flags.String("geometry", "", "size and position of the window, as `WxH+X+Y`")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(stderr, "usage: starling [flags]")
		flags.SetOutput(stderr)
		flags.PrintDefaults()
	}
	if err != nil {
		return c, err
	}
	if flags.NArg() > 0 {
		return c, fmt.Errorf("unexpected %q; see starling -help", strings.Join(flags.Args(), " "))
	}
	if *geometry != "" {
		if c.Place, err = desktop.ParsePlace(*geometry); err != nil {
			return c, err
		}
	}
	if c.Home == "" {
		c.Home, err = control.DefaultHome()
	}
	return c, err
}
