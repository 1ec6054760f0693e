package tui

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"
)

// maxCandidates bounds how many names of a folder are looked at and offered.
const maxCandidates = 2000

// completedMsg answers a request to complete a path.
type completedMsg struct {
	asked      string // the text that was completed
	text       string // what it becomes
	candidates []string
}

// completePath completes the last part of a local path with folders and archives.
func completePath(ctx context.Context, text string) tea.Cmd {
	return func() tea.Msg {
		if ctx.Err() != nil {
			return nil
		}
		full, candidates := complete(text)
		return completedMsg{text, full, candidates}
	}
}

// complete returns the longest text that all fitting names share, and the names
// when there are several.
func complete(text string) (string, []string) {
	dir, prefix := filepath.Split(text)
	entries, err := readSome(expand(dir))
	if err != nil {
		return text, nil
	}
	var names []string
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, prefix) || clean(name) != name || prefix == "" && strings.HasPrefix(name, ".") {
			continue
		}
		if info, err := os.Stat(filepath.Join(expand(dir), name)); err == nil && info.IsDir() {
			names = append(names, name+"/")
		} else if archive(name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return text, nil
	}
	slices.Sort(names)
	shared := names[0]
	for _, n := range names[1:] {
		for !strings.HasPrefix(n, shared) {
			_, size := lastRune(shared)
			shared = shared[:len(shared)-size]
		}
	}
	if len(names) == 1 {
		names = nil
	}
	return dir + shared, names
}

func readSome(dir string) ([]os.DirEntry, error) {
	if dir == "" {
		dir = "."
	}
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(maxCandidates)
}

// expand replaces a leading ~ by the home directory, as a shell does.
func expand(path string) string {
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || rest != "" && !strings.HasPrefix(rest, "/") {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return home + rest
}

// archive reports whether a name looks like a source that is one file.
func archive(name string) bool {
	for _, ext := range []string{".zip", ".tar", ".tar.gz", ".tgz", ".war", ".ear", ".jar"} {
		if strings.HasSuffix(strings.ToLower(name), ext) {
			return true
		}
	}
	return false
}

func lastRune(s string) (r rune, size int) {
	for i, c := range s {
		r, size = c, len(s)-i
	}
	return r, size
}
