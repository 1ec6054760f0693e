package dotnet

import (
	"path"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// condition evaluates the Condition of an MSBuild element: comparisons, and, or, !, Exists. ok is false for what only
// running MSBuild would tell.
type condition struct {
	e    *evaluation
	f    detect.File
	text string
	at   int
}

const maxCondition = 30 // levels of parentheses

func (c *condition) skip() {
	for c.at < len(c.text) && strings.IndexByte(" \t\r\n", c.text[c.at]) >= 0 {
		c.at++
	}
}

// take reads a fixed text, whatever its case.
func (c *condition) take(text string) bool {
	c.skip()
	if len(c.text)-c.at < len(text) || !strings.EqualFold(c.text[c.at:c.at+len(text)], text) {
		return false
	}
	c.at += len(text)
	return true
}

func (c *condition) or(deep int) (v, ok bool) {
	if deep > maxCondition {
		return false, false
	}
	v, ok = c.and(deep)
	for c.take("or") {
		w, also := c.and(deep)
		switch {
		case v && ok || w && also:
			v, ok = true, true
		default:
			v, ok = false, ok && also
		}
	}
	return v, ok
}

func (c *condition) and(deep int) (v, ok bool) {
	v, ok = c.term(deep)
	for c.take("and") {
		w, also := c.term(deep)
		switch {
		case !v && ok || !w && also:
			v, ok = false, true
		default:
			v, ok = v && w, ok && also
		}
	}
	return v, ok
}

func (c *condition) term(deep int) (v, ok bool) {
	if c.skip(); c.at < len(c.text) && c.text[c.at] == '!' && !strings.HasPrefix(c.text[c.at:], "!=") {
		c.at++
		if deep > maxCondition {
			return false, false
		}
		v, ok = c.term(deep + 1)
		return !v, ok
	}
	if c.take("(") {
		v, ok = c.or(deep + 1)
		return v, c.take(")") && ok
	}
	if c.take("exists") {
		if !c.take("(") {
			return false, false
		}
		name, known := c.operand()
		if !c.take(")") || !known {
			return false, false
		}
		_, found := c.e.ix.find(path.Dir(c.f.Path), name)
		return found, true
	}
	left, known := c.operand()
	for _, op := range []string{"==", "!=", "<=", ">=", "<", ">"} {
		if !c.take(op) {
			continue
		}
		right, also := c.operand()
		if !known || !also {
			return false, false
		}
		return compares(left, op, right)
	}
	return strings.EqualFold(left, "true"), known && (strings.EqualFold(left, "true") || strings.EqualFold(left, "false"))
}

// operand is a quoted text, a property or a bare word.
func (c *condition) operand() (value string, known bool) {
	c.skip()
	rest := c.text[c.at:]
	switch {
	case strings.HasPrefix(rest, "'"):
		end := strings.IndexByte(rest[1:], '\'')
		if end < 0 {
			c.at = len(c.text)
			return "", false
		}
		c.at += end + 2
		rest = rest[1 : end+1]
	case strings.HasPrefix(rest, "$("):
		end := closing(rest)
		if end < 0 {
			c.at = len(c.text)
			return "", false
		}
		c.at += end + 1
		rest = rest[:end+1]
	default:
		end := 0
		for end < len(rest) && strings.IndexByte(" \t\r\n()=!<>'", rest[end]) < 0 {
			end++
		}
		c.at += end
		rest = rest[:end]
		if rest == "" {
			return "", false
		}
	}
	if strings.Contains(rest, "@(") || strings.Contains(rest, "%(") {
		return "", false
	}
	v, _, ok := c.e.expand(rest, c.f)
	return v, ok
}

func compares(left, op, right string) (v, ok bool) {
	switch op {
	case "==":
		return strings.EqualFold(left, right), true
	case "!=":
		return !strings.EqualFold(left, right), true
	}
	a, err := strconv.ParseFloat(left, 64)
	b, also := strconv.ParseFloat(right, 64)
	if err != nil || also != nil {
		return false, false
	}
	switch op {
	case "<=":
		return a <= b, true
	case ">=":
		return a >= b, true
	case "<":
		return a < b, true
	}
	return a > b, true
}
