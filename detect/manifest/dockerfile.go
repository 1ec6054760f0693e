package manifest

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// Dockerfile is what a Dockerfile states, with lines. Only the last stage's EXPOSE, CMD and ENTRYPOINT count.
type Dockerfile struct {
	Stages     []Stage
	Env        []Assignment // of all stages, in their order
	Expose     []Port
	Cmd        Command
	Entrypoint Command
	Run        []Command // of all stages, shell form as one word
}

// Stage is a FROM. Build arguments with a default are resolved in Image.
type Stage struct {
	Image, Name string
	Line        int
}

// Port is a TCP port that a file states.
type Port struct {
	Number int
	Line   int
}

// Command is an instruction's words. Shell says that it is one shell command in Args[0].
type Command struct {
	Args  []string
	Shell bool
	Line  int
}

// ParseDockerfile reads a Dockerfile with BuildKit's parser. Unknown instructions are passed over. The error is an *Error.
func ParseDockerfile(data []byte) (d *Dockerfile, err error) {
	if err := checkInput(data); err != nil {
		return nil, err
	}
	defer func() {
		// The parser is BuildKit's and the file is foreign: keep a fault of it here.
		if r := recover(); r != nil {
			d, err = nil, &Error{Msg: fmt.Sprintf("not readable as a Dockerfile: %v", r)}
		}
	}()
	res, err := parser.Parse(bytes.NewReader(data))
	if err != nil {
		return nil, &Error{Line: dockerfileLine(err), Msg: firstLine(err.Error())}
	}
	r := dockerfileReader{out: &Dockerfile{}, lex: shell.NewLex(res.EscapeToken)}
	for _, n := range res.AST.Children {
		r.instruction(n)
	}
	return r.out, nil
}

var dockerLine = regexp.MustCompile(`line (\d+)`)

func dockerfileLine(err error) int {
	if m := dockerLine.FindStringSubmatch(err.Error()); m != nil {
		line, _ := strconv.Atoi(m[1])
		return line
	}
	return 0
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(s, "\n")
	return s
}

type dockerfileReader struct {
	out  *Dockerfile
	lex  *shell.Lex
	args []string // NAME=default of the ARGs before the first FROM
}

func (r *dockerfileReader) instruction(n *parser.Node) {
	args := values(n.Next)
	switch strings.ToLower(n.Value) {
	case "arg":
		if len(r.out.Stages) == 0 {
			r.args = append(r.args, args...)
		}
	case "from":
		r.from(args, n.StartLine)
	case "env":
		// The parser yields name, value and separator in turn.
		for i := 0; i+2 < len(args); i += 3 {
			r.out.Env = append(r.out.Env, Assignment{args[i], strings.Trim(args[i+1], `"'`), n.StartLine})
		}
	case "expose":
		r.expose(args, n.StartLine)
	case "cmd":
		r.out.Cmd = Command{args, !n.Attributes["json"], n.StartLine}
	case "entrypoint":
		r.out.Entrypoint = Command{args, !n.Attributes["json"], n.StartLine}
	case "run":
		for _, h := range n.Heredocs {
			args = append(args, h.Content)
		}
		r.out.Run = append(r.out.Run, Command{args, !n.Attributes["json"], n.StartLine})
	}
}

func values(n *parser.Node) []string {
	var out []string
	for ; n != nil; n = n.Next {
		out = append(out, n.Value)
	}
	return out
}

func (r *dockerfileReader) from(args []string, line int) {
	if len(args) == 0 {
		return
	}
	image := args[0]
	if len(image) > maxCommand {
		return
	}
	if res, err := r.lex.ProcessWordWithMatches(image, shell.EnvsFromSlice(r.args)); err == nil {
		image = res.Result
	}
	s := Stage{Image: image, Line: line}
	if len(args) == 3 && strings.EqualFold(args[1], "as") {
		s.Name = args[2]
	}
	r.out.Stages = append(r.out.Stages, s)
	r.out.Expose, r.out.Cmd, r.out.Entrypoint = nil, Command{}, Command{}
}

func (r *dockerfileReader) expose(args []string, line int) {
	for _, a := range args {
		number, proto, _ := strings.Cut(a, "/")
		if p, err := strconv.Atoi(number); err == nil && p > 0 && p < 65536 && proto != "udp" {
			r.out.Expose = append(r.out.Expose, Port{p, line})
		}
	}
}

// Base returns the stage from whose image s starts in the end, through the stages of the file that it builds on.
func (d *Dockerfile) Base(s Stage) Stage {
	for range d.Stages {
		found := false
		for _, other := range d.Stages {
			if other.Name != "" && strings.EqualFold(other.Name, s.Image) && other.Line < s.Line {
				s, found = other, true
				break
			}
		}
		if !found {
			break
		}
	}
	return s
}
