package survey

import (
	"bytes"
	"path"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// cronEntry is one line of a crontab.
type cronEntry struct {
	Line    int
	Cron    string // five fields with one blank between them; @daily and its like are written out
	User    string // of a system's crontab; empty: the crontab's owner
	Command string // for a shell, as it stands
}

// cronNames are what Vixie cron's nicknames mean (crontab(5)). @reboot is no time of day.
var cronNames = map[string]string{
	"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
	"@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
}

// parseCrontab reads a crontab: comments and variables are passed over, as is a line that is no entry. System says that each entry names a user
// behind its time, as those of /etc/crontab and /etc/cron.d do. An entry that hands text to its command's input (an unescaped %) is passed over.
func parseCrontab(data []byte, system bool) []cronEntry {
	var out []cronEntry
	n := 0
	for line := range bytes.Lines(data) {
		n++
		if len(line) > 4096 {
			continue
		}
		if e, ok := parseCronLine(strings.TrimSpace(string(line)), system); ok {
			e.Line = n
			out = append(out, e)
		}
	}
	return out
}

func parseCronLine(line string, system bool) (cronEntry, bool) {
	words := strings.Fields(line)
	if len(words) < 2 || words[0][0] == '#' {
		return cronEntry{}, false
	}
	e := cronEntry{Cron: cronNames[strings.ToLower(words[0])]}
	times := 1
	if e.Cron == "" {
		if times = 5; len(words) <= times || !detect.CronTime(strings.Join(words[:times], " ")) {
			return cronEntry{}, false
		}
		e.Cron = strings.Join(words[:times], " ")
	}
	rest := line
	for range times {
		rest = strings.TrimLeft(rest, " \t")
		rest = rest[strings.IndexAny(rest+" ", " \t"):]
	}
	rest = strings.TrimLeft(rest, " \t")
	if system {
		at := strings.IndexAny(rest, " \t")
		if at < 0 {
			return cronEntry{}, false
		}
		e.User, rest = rest[:at], strings.TrimLeft(rest[at:], " \t")
	}
	e.Command = strings.ReplaceAll(rest, `\%`, "\x00")
	if strings.Contains(e.Command, "%") || e.Command == "" {
		return cronEntry{}, false
	}
	e.Command = strings.ReplaceAll(e.Command, "\x00", "%")
	return e, true
}

// schedule gives the tasks of a crontab to the component that they are part of: those whose command is a program of its language or a file of
// its own. What else a machine's crontab does (backups, certificates, mail) is the machine's affair and not the application's.
func (s *survey) schedule(f detect.File) {
	dir := path.Base(path.Dir(f.Path))
	system := dir == "cron.d" || f.Path == "etc/crontab" || strings.HasSuffix(f.Path, "/etc/crontab")
	for _, e := range parseCrontab(f.Data, system) {
		for _, c := range s.near(f.Path) {
			if c.Role.V == detect.Library || c.Platform.V == "windows" {
				continue
			}
			if command, ok := s.command(c, e.Command); ok {
				c.AddSchedule(taskWords(command), detect.Schedule{Cron: e.Cron, Command: command, From: detect.Declared, Evidence: []detect.Evidence{f.Evidence(e.Line)}})
			}
			break // components of one directory share an image
		}
	}
}

// interpreters are programs that an image of a language has and that run a file or task of the application.
var interpreters = map[string][]string{
	"ruby": {"ruby", "bundle", "rake", "rails"}, "php": {"php"}, "python": {"python", "python2", "python3"}, "javascript": {"node", "npm"}, "typescript": {"node", "npm"},
	"perl": {"perl"}, "elixir": {"mix"},
}

// wrappers run the command behind them; a container needs none of them.
var wrappers = map[string]bool{"exec": true, "nice": true, "ionice": true, "sudo": true, "nohup": true, "time": true}

// command is what a line of a crontab starts, as the component's image starts it: in the application's own directory, with paths that lead to files of the
// repository made relative, with neither a change of directory nor a redirection of output, which goes to the log. False: it is no task of the
// application, or more than one simple command.
func (s *survey) command(c *detect.Component, text string) ([]string, bool) {
	words, assigned, ok := simpleCommand(text)
	if !ok {
		return nil, false
	}
	for len(words) > 1 && wrappers[path.Base(words[0])] && !strings.HasPrefix(words[1], "-") {
		words = words[1:]
	}
	ours := false
	for i, w := range words {
		if own, ok := s.ownPath(c, w); ok {
			words[i], ours = own, true
			if i == 0 && !strings.Contains(own, "/") {
				words[i] = "./" + own
			}
		} else if strings.HasPrefix(w, "/") && i > 0 {
			return nil, false // a file of that machine
		}
	}
	program := path.Base(words[0])
	for _, known := range interpreters[c.Language.V] {
		if program == known && (ours || known == "bundle" || known == "rake" || known == "rails" || known == "mix" || known == "npm") {
			words[0] = program
			return append(assigned, words...), true
		}
	}
	if own, ok := s.ownPath(c, words[0]); !ok || own == "" {
		return nil, false
	}
	return append(assigned, words...), true
}

// ownPath is a path of a crontab as seen from the component's directory, when the longest tail of it that there is names a file of the component.
func (s *survey) ownPath(c *detect.Component, p string) (string, bool) {
	dir, ok := s.root.Sub(c.Path)
	if !ok || p == "" || strings.ContainsAny(p, "*?[") {
		return "", false
	}
	for rest := path.Clean(p); rest != "." && rest != "/"; {
		rest = strings.TrimPrefix(rest, "/")
		if dir.Has(rest) {
			return rest, true
		}
		_, after, found := strings.Cut(rest, "/")
		if !found || !path.IsAbs(p) {
			break
		}
		rest = after
	}
	return "", false
}

// simpleCommand is the one command of a text, behind a change of directory and without redirections: its words, and its assignments as words for env.
func simpleCommand(text string) (words, assigned []string, ok bool) {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(text), "")
	if err != nil || len(file.Stmts) != 1 {
		return nil, nil, false
	}
	st := file.Stmts[0]
	if both, ok := st.Cmd.(*syntax.BinaryCmd); ok && both.Op == syntax.AndStmt {
		if cd, ok := both.X.Cmd.(*syntax.CallExpr); !ok || len(cd.Args) != 2 || cd.Args[0].Lit() != "cd" {
			return nil, nil, false
		}
		st = both.Y
	}
	st.Redirs, st.Comments = nil, nil
	var b strings.Builder
	if err := syntax.NewPrinter().Print(&b, st); err != nil {
		return nil, nil, false
	}
	words = manifest.Exec(b.String(), func(string) (string, bool) { return "", false })
	if words[0] == "sh" && len(words) == 3 && words[1] == "-c" { // more than a simple command
		return nil, nil, false
	}
	if n := 1; words[0] == "env" {
		for n < len(words) && strings.Contains(words[n], "=") {
			n++
		}
		assigned, words = words[:n:n], words[n:]
	}
	return words, assigned, len(words) > 0
}

// taskWords are what a task is called by: the last word of its command that is no option and no assignment.
func taskWords(command []string) string {
	for i := len(command) - 1; i >= 0; i-- {
		w := command[i]
		if w != "" && !strings.HasPrefix(w, "-") && !strings.Contains(w, "=") {
			w = path.Base(w)
			return strings.TrimSuffix(w, path.Ext(w))
		}
	}
	return "task"
}
