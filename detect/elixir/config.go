package elixir

import (
	"strings"
)

// setting is a value of a configuration file: config :shop, Shop.Repo, url: System.get_env("DATABASE_URL").
type setting struct {
	app    string
	module string // "Shop.Repo"; empty: of the application as a whole
	path   string // "http.port"
	value  []token
	line   int
}

// configFile is what a file of config/ says.
type configFile struct {
	settings []setting
	imports  []token           // files that import_config names
	vars     map[string]string // variables of the file that hold an environment variable
}

// parseConfig reads a file of config/.
func parseConfig(data []byte) *configFile {
	c := &configFile{vars: map[string]string{}}
	toks := tokens(data)
	at := func(i int) token {
		if i >= 0 && i < len(toks) {
			return toks[i]
		}
		return token{kind: mark}
	}
	for i := 0; i < len(toks); i++ {
		t := toks[i]
		switch {
		case t.kind == word && t.value == "import_config" && at(i+1).kind == text:
			c.imports = append(c.imports, token{text, at(i + 1).value, t.line})
		case t.kind == word && at(i+1).value == "=" && at(i+2).value != "=" && !strings.Contains(t.value, "."):
			for j := i + 2; j < i+8; j++ {
				if name, ok := envName(toks, j); ok {
					if _, have := c.vars[t.value]; !have {
						c.vars[t.value] = name
					}
					break
				}
			}
		case t.kind == word && t.value == "config" && at(i+1).kind == atom && at(i+2).value == ",":
			i = c.statement(toks, i) - 1
		}
	}
	return c
}

// envName is the variable that is read at a place: System.get_env("X"), System.fetch_env!("X"), {:system, "X"}.
func envName(toks []token, i int) (string, bool) {
	if i+2 >= len(toks) {
		return "", false
	}
	t := toks[i]
	switch {
	case t.kind == word && (t.value == "System.get_env" || t.value == "System.fetch_env!" || t.value == "System.fetch_env"):
		if toks[i+1].kind == text { // without parentheses
			return toks[i+1].value, true
		}
		if toks[i+2].kind == text {
			return toks[i+2].value, true
		}
	case t.kind == atom && t.value == "system" && toks[i+1].value == "," && toks[i+2].kind == text:
		return toks[i+2].value, true
	}
	return "", false
}

// statement reads one "config" call and returns where it ends.
func (c *configFile) statement(toks []token, i int) int {
	s := setting{app: toks[i+1].value}
	i += 3
	if i < len(toks) && toks[i].kind == word && toks[i].value[0] >= 'A' && toks[i].value[0] <= 'Z' || i+1 < len(toks) && toks[i].kind == atom && toks[i+1].value == "," {
		s.module = toks[i].value
		i++
	}
	var stack []string // keys of the lists that are open; "" for other brackets
	last := ""
	open := -1 // index in c.settings of the one whose value is read
	for ; i < len(toks); i++ {
		t := toks[i]
		switch {
		case t.kind == word && (t.value == "config" || t.value == "import_config") && i+1 < len(toks) && toks[i+1].kind != mark && toks[i-1].value != ".":
			return i
		case t.kind == word && (t.value == "if" || t.value == "end" || t.value == "use" || t.value == "import") && len(stack) == 0:
			return i
		case t.kind == key:
			last = t.value
			var path []string
			for _, k := range stack {
				if k != "" {
					path = append(path, k)
				}
			}
			c.settings = append(c.settings, setting{s.app, s.module, strings.Join(append(path, t.value), "."), nil, t.line})
			open = len(c.settings) - 1
		case t.kind == mark && (t.value == "[" || t.value == "{" || t.value == "("):
			if len(stack) > 60 {
				return i
			}
			if t.value == "[" && i > 0 && toks[i-1].kind == key {
				stack = append(stack, last)
			} else {
				stack = append(stack, "")
			}
			c.value(open, t)
		case t.kind == mark && (t.value == "]" || t.value == "}" || t.value == ")"):
			if len(stack) > 0 {
				stack = stack[:len(stack)-1]
			}
			c.value(open, t)
		default:
			c.value(open, t)
		}
	}
	return i
}

// maxValue bounds the tokens of a value that are kept.
const maxValue = 60

func (c *configFile) value(at int, t token) {
	if at >= 0 && len(c.settings[at].value) < maxValue {
		c.settings[at].value = append(c.settings[at].value, t)
	}
}

// variable is the environment variable that a setting's value comes from, directly or by a variable of the file.
func (c *configFile) variable(s setting) (string, bool) {
	for i := range s.value {
		if name, ok := envName(s.value, i); ok {
			return name, true
		}
		if t := s.value[i]; t.kind == word && c.vars[t.value] != "" {
			return c.vars[t.value], true
		}
	}
	return "", false
}

// literal is the value of a setting when it is one string or number.
func (s setting) literal() (string, bool) {
	if len(s.value) == 0 {
		return "", false
	}
	first := s.value[0]
	if first.kind != text && first.kind != number || len(s.value) > 1 && s.value[1].kind != mark {
		return "", false
	}
	if len(s.value) > 1 && s.value[1].value != "," && s.value[1].value != "]" {
		return "", false
	}
	if strings.Contains(first.value, "#{") {
		return "", false
	}
	return first.value, true
}
