package manifest

import "testing"

func TestPattern(t *testing.T) {
	p := Lazy(`(\w+)=(\d+)`)
	if p.re != nil {
		t.Error("compiled before its first use")
	}
	if m := p.FindStringSubmatch("a=1"); len(m) != 3 || m[1] != "a" || m[2] != "1" {
		t.Errorf("%q", m)
	}
	if !p.Match([]byte("b=2")) || p.MatchString("b") || p.FindString("x c=3") != "c=3" || len(p.FindAllString("a=1 b=2", -1)) != 2 {
		t.Error("differs from the expression")
	}
	if got := p.ReplaceAllString("a=1", "$2"); got != "1" {
		t.Error(got)
	}
}
