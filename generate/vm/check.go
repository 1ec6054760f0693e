package vm

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/generate"
)

// Check applies the rules to the user data.
func (Target) Check(artifacts []generate.Artifact) []generate.Problem {
	var out []generate.Problem
	for _, a := range artifacts {
		if a.Path == ConfigFile {
			out = append(out, checkFile(a)...)
		}
	}
	return out
}

// Rules are the ids of what Check refuses. Sources: cloud-init documentation, "Module reference" and "User data formats"; the clouds' limits of user data.
func Rules() []string {
	return []string{"first-line", "size", "syntax", "write-path", "permissions", "encoding", "command", "password-login", "secret-in-file", "nothing"}
}

var (
	octal      = regexp.MustCompile(`^0?[0-7]{3,4}$`)
	secretLine = regexp.MustCompile(`(?im)^\s*(export\s+)?[A-Z_]*(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)[A-Z_]*=[^\s$"'{]+`)
	encodings  = map[string]bool{"": true, "text/plain": true, "b64": true, "base64": true, "gz": true, "gzip": true, "gz+b64": true, "gz+base64": true, "gzip+b64": true, "gzip+base64": true}
)

// document is user data that may have been edited: what the rules look at.
type document struct {
	SSHPassword any         `yaml:"ssh_pwauth"`
	Chpasswd    yaml.Node   `yaml:"chpasswd"`
	Password    string      `yaml:"password"`
	WriteFiles  []writeFile `yaml:"write_files"`
	RunCommands []yaml.Node `yaml:"runcmd"`
	Packages    []yaml.Node `yaml:"packages"`
}

type writeFile struct {
	Path        string    `yaml:"path"`
	Permissions yaml.Node `yaml:"permissions"`
	Encoding    string    `yaml:"encoding"`
	Content     string    `yaml:"content"`
}

func checkFile(a generate.Artifact) []generate.Problem {
	var out []generate.Problem
	fail := func(rule, at, format string, args ...any) {
		line := 0
		if i := bytes.Index(a.Content, []byte(at)); i >= 0 && at != "" {
			line = 1 + bytes.Count(a.Content[:i], []byte("\n"))
		}
		out = append(out, generate.Problem{File: a.Path, Line: line, Rule: rule, Message: fmt.Sprintf(format, args...), Error: true})
	}
	if !bytes.HasPrefix(a.Content, []byte("#cloud-config\n")) {
		fail("first-line", "", "the first line must be #cloud-config: without it cloud-init takes the file for nothing it knows")
	}
	if len(a.Content) > userDataLimit {
		fail("size", "", "%d bytes: EC2 takes %d", len(a.Content), userDataLimit)
	}
	var d document
	if err := yaml.Unmarshal(a.Content, &d); err != nil {
		fail("syntax", "", "%v", err)
		return out
	}
	if len(d.WriteFiles) == 0 && len(d.RunCommands) == 0 {
		fail("nothing", "", "it writes no file and runs no command")
	}
	if d.Password != "" || !d.Chpasswd.IsZero() || d.SSHPassword == true {
		fail("password-login", "password", "the machine can be entered by a password, which the user data shows to everything on it: use keys")
	}
	for _, f := range d.WriteFiles {
		checkWrite(f, fail)
	}
	for _, c := range d.RunCommands {
		words := []string{}
		if c.Kind == yaml.ScalarNode && c.Tag == "!!str" {
			continue
		}
		if c.Kind != yaml.SequenceNode || c.Decode(&words) != nil || len(words) == 0 || strings.Contains(c.Content[0].Tag, "bool") {
			fail("command", "runcmd", "a command of runcmd is a text or a list of texts")
		}
	}
	return out
}

func checkWrite(f writeFile, fail func(rule, at, format string, args ...any)) {
	if !path.IsAbs(f.Path) || path.Clean(f.Path) != f.Path {
		fail("write-path", f.Path, "write_files: %q is not an absolute path", f.Path)
	}
	if p := f.Permissions; !p.IsZero() && (p.Tag != "!!str" || !octal.MatchString(p.Value)) {
		fail("permissions", p.Value, "write_files: permissions are an octal number between quotes, such as \"0644\", not %s", p.Value)
	}
	if !encodings[f.Encoding] {
		fail("encoding", f.Encoding, "write_files: there is no encoding %q", f.Encoding)
	}
	if secretLine.MatchString(f.Content) {
		fail("secret-in-file", f.Path, "%s holds a secret's value, which everything on the machine can read in its user data", f.Path)
	}
}
