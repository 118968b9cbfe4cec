package spell

import (
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
)

// Info is a dictionary that is installed: its language, such as "en_US", and
// the path of its .dic file, beside which its .aff file lies.
type Info struct {
	Language, Path string
}

// Installed returns the dictionaries of this system by language, each language
// once: the person's own folders win over the system's.
func Installed() []Info {
	return installedIn(folders(runtime.GOOS, os.Getenv))
}

// installedIn returns the dictionaries in folders, the earlier ones winning.
// A folder that can't be read has none.
func installedIn(folders []string) []Info {
	var out []Info
	seen := map[string]bool{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(escape(folder), "*.dic"))
		if err != nil {
			continue
		}
		for _, path := range files {
			language := strings.ReplaceAll(strings.TrimSuffix(filepath.Base(path), ".dic"), "-", "_")
			if seen[language] || !languageName.MatchString(language) {
				continue
			}
			if _, err := os.Stat(strings.TrimSuffix(path, ".dic") + ".aff"); err != nil {
				continue
			}
			seen[language] = true
			out = append(out, Info{language, path})
		}
	}
	slices.SortFunc(out, func(a, b Info) int { return strings.Compare(a.Language, b.Language) })
	return out
}

// languageName is what the file of a dictionary is called; hyph_en_US.dic, for
// one, is none.
var languageName = regexp.MustCompile(`^[a-z]{2,3}(_[A-Za-z0-9]{2,8})*$`)

// escape returns a path that filepath.Glob takes as it is, but for the star
// that folders puts in itself.
func escape(path string) string {
	if runtime.GOOS == "windows" {
		return path // Glob has no escapes there
	}
	return strings.NewReplacer(`\`, `\\`, "[", `\[`, "?", `\?`).Replace(path)
}

// folders returns where a system keeps hunspell dictionaries. getenv is
// os.Getenv.
func folders(system string, getenv func(string) string) []string {
	var out []string
	add := func(variable string, below ...string) {
		if root := getenv(variable); filepath.IsAbs(root) {
			out = append(out, filepath.Join(append([]string{root}, below...)...))
		}
	}
	for _, dir := range filepath.SplitList(getenv("DICPATH")) { // hunspell(1)
		if filepath.IsAbs(dir) {
			out = append(out, dir)
		}
	}
	switch system {
	case "windows":
		add("LOCALAPPDATA", "hunspell")
		add("APPDATA", "hunspell")
		add("ProgramFiles", "LibreOffice", "share", "extensions", "dict-*")
		add("ProgramData", "hunspell")
	case "darwin":
		add("HOME", "Library", "Spelling")
		out = append(out, "/Library/Spelling", "/opt/homebrew/share/hunspell", "/usr/local/share/hunspell",
			"/Applications/LibreOffice.app/Contents/Resources/extensions/dict-*")
	default:
		add("XDG_DATA_HOME", "hunspell")
		add("HOME", ".local", "share", "hunspell")
		out = append(out, "/usr/local/share/hunspell", "/usr/share/hunspell", "/usr/share/myspell",
			"/usr/share/myspell/dicts", "/run/current-system/sw/share/hunspell",
			"/usr/lib/libreoffice/share/extensions/dict-*")
	}
	return out
}

// Preferred returns the dictionaries for a person, of those installed: the
// language of the system (LC_ALL, LC_MESSAGES and LANG, of which the first
// counts that is set, then those in LANGUAGE), and en_US; another English only
// where there is nothing else. Where a country has
// no dictionary of its own, the language's is taken: for de_AT de, de_DE, or
// the first one. Windows and macOS set these variables for few programs; there
// it is en_US alone as a rule. getenv is os.Getenv.
func Preferred(installed []Info, getenv func(string) string) []Info {
	var wanted []string
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if locale := getenv(name); locale != "" {
			wanted = append(wanted, locale)
			break
		}
	}
	wanted = append(wanted, strings.Split(getenv("LANGUAGE"), ":")...)
	var out []Info
	for _, locale := range wanted {
		if info, ok := nearest(installed, locale); ok && !slices.Contains(out, info) {
			out = append(out, info)
		}
	}
	info, ok := nearest(installed, "en_US")
	if ok && !slices.Contains(out, info) && (info.Language == "en_US" || len(out) == 0) {
		out = append(out, info)
	}
	return out
}

// nearest returns the dictionary that suits a locale such as "de_AT.UTF-8".
func nearest(installed []Info, locale string) (Info, bool) {
	locale, _, _ = strings.Cut(locale, "@")
	locale, _, _ = strings.Cut(locale, ".")
	locale = strings.ReplaceAll(locale, "-", "_")
	language, _, _ := strings.Cut(locale, "_")
	if !languageName.MatchString(locale) {
		return Info{}, false
	}
	for _, want := range []string{locale, language, language + "_" + strings.ToUpper(language)} {
		for _, info := range installed {
			if info.Language == want {
				return info, true
			}
		}
	}
	for _, info := range installed {
		if strings.HasPrefix(info.Language, language+"_") {
			return info, true
		}
	}
	return Info{}, false
}
