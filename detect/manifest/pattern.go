package manifest

import (
	"regexp"
	"sync"
)

// Pattern is a regular expression that is compiled when it is first used. Detectors keep hundreds of them at package
// level; a run needs few, and compiling all would be most of the program's start.
type Pattern struct {
	expr string
	once sync.Once
	re   *regexp.Regexp
}

// Lazy returns the pattern of an expression. One that does not compile panics at its first use, which a test of the
// package that holds it must show.
func Lazy(expr string) *Pattern { return &Pattern{expr: expr} }

// Regexp returns the compiled expression, which is safe for use by several goroutines at once.
func (p *Pattern) Regexp() *regexp.Regexp {
	p.once.Do(func() {
		p.re = regexp.MustCompile(p.expr)
		p.expr = ""
	})
	return p.re
}

// MatchString is the method of regexp.Regexp.
func (p *Pattern) MatchString(s string) bool { return p.Regexp().MatchString(s) }

// Match is the method of regexp.Regexp.
func (p *Pattern) Match(b []byte) bool { return p.Regexp().Match(b) }

// FindString is the method of regexp.Regexp.
func (p *Pattern) FindString(s string) string { return p.Regexp().FindString(s) }

// FindStringIndex is the method of regexp.Regexp.
func (p *Pattern) FindStringIndex(s string) []int { return p.Regexp().FindStringIndex(s) }

// FindStringSubmatch is the method of regexp.Regexp.
func (p *Pattern) FindStringSubmatch(s string) []string { return p.Regexp().FindStringSubmatch(s) }

// FindStringSubmatchIndex is the method of regexp.Regexp.
func (p *Pattern) FindStringSubmatchIndex(s string) []int {
	return p.Regexp().FindStringSubmatchIndex(s)
}

// FindAllString is the method of regexp.Regexp.
func (p *Pattern) FindAllString(s string, n int) []string { return p.Regexp().FindAllString(s, n) }

// FindAllStringSubmatch is the method of regexp.Regexp.
func (p *Pattern) FindAllStringSubmatch(s string, n int) [][]string {
	return p.Regexp().FindAllStringSubmatch(s, n)
}

// FindAllStringIndex is the method of regexp.Regexp.
func (p *Pattern) FindAllStringIndex(s string, n int) [][]int {
	return p.Regexp().FindAllStringIndex(s, n)
}

// FindAllStringSubmatchIndex is the method of regexp.Regexp.
func (p *Pattern) FindAllStringSubmatchIndex(s string, n int) [][]int {
	return p.Regexp().FindAllStringSubmatchIndex(s, n)
}

// FindSubmatch is the method of regexp.Regexp.
func (p *Pattern) FindSubmatch(b []byte) [][]byte { return p.Regexp().FindSubmatch(b) }

// FindSubmatchIndex is the method of regexp.Regexp.
func (p *Pattern) FindSubmatchIndex(b []byte) []int { return p.Regexp().FindSubmatchIndex(b) }

// FindIndex is the method of regexp.Regexp.
func (p *Pattern) FindIndex(b []byte) []int { return p.Regexp().FindIndex(b) }

// ReplaceAllString is the method of regexp.Regexp.
func (p *Pattern) ReplaceAllString(src, repl string) string {
	return p.Regexp().ReplaceAllString(src, repl)
}

// ReplaceAllStringFunc is the method of regexp.Regexp.
func (p *Pattern) ReplaceAllStringFunc(src string, repl func(string) string) string {
	return p.Regexp().ReplaceAllStringFunc(src, repl)
}
