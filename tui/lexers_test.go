package tui

import (
	"strings"
	"testing"

	"github.com/alecthomas/chroma/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/muesli/termenv"
)

// coloured writes the tokens that have a colour as kind(text), which is what a reader of the screen sees.
func coloured(t *testing.T, name, text string) string {
	t.Helper()
	l := lexerFor(name)
	if l == nil {
		t.Fatalf("%s has no rules", name)
	}
	tokens, err := l.Tokenise(nil, text)
	if err != nil {
		t.Fatal(err)
	}
	short := map[chroma.TokenType]string{
		chroma.Comment: "c", chroma.Keyword: "k", chroma.LiteralString: "s", chroma.LiteralNumber: "n",
		chroma.NameTag: "t", chroma.NameClass: "C", chroma.NameVariable: "v",
	}
	var b strings.Builder
	for _, tok := range tokens.Tokens() {
		if k := short[tok.Type]; k != "" {
			b.WriteString(k + "(" + tok.Value + ")")
		} else if tok.Type == chroma.Text {
			b.WriteString(tok.Value)
		} else {
			t.Errorf("%s: %q is %s, which has no colour", name, tok.Value, tok.Type)
		}
	}
	return b.String()
}

func TestColours(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"web/Dockerfile", "# why\nFROM ruby:3.4-slim AS build\n  RUN --mount=type=cache a \"b $C\" && x 12", "c(# why)\nk(FROM) C(ruby:3.4-slim) k(AS) C(build)\n  k(RUN) t(--mount)=type=cache a s(\"b $C\") && x n(12)"},
		{"Dockerfile.worker", "from $BASE as x\nENV A=${B:-c} run", "k(from) v($BASE) k(as) C(x)\nk(ENV) A=v(${B:-c}) run"},
		{"compose.yaml", "a:\n  - b c: true # d\n  - &e 'x'\n  - http://x:80\n  f: ${G}", "t(a):\n  - t(b c): k(true) c(# d)\n  - v(&e) s('x')\n  - http://x:n(80)\n  t(f): v(${G})"},
		{"database.yml", "x: <%= ENV['A'] %> # <%", "t(x): v(<%= ENV['A'] %>) c(# <%)"},
		{"package.json", `{"a": ["b", -1.5, null]}`, `{t("a"): [s("b"), n(-1.5), k(null)]}`},
		{"application.properties", "# c\na.b=${X:1} # no\nc: true", "c(# c)\nt(a.b)=v(${X:1}) # no\nt(c): k(true)"},
		{".env.production", "export A=1", "export t(A)=n(1)"},
		{"pom.xml", "<!-- c --><a b=\"1\">${x} &amp;</a>", "c(<!-- c -->)t(<a) C(b)=s(\"1\")t(>)v(${x}) v(&amp;)t(</a)t(>)"},
		{"rebar.config", "{deps, [\"a\"]}. % c", "{deps, [s(\"a\")]}. c(% c)"},
		{"Gemfile", "gem 'rails', '~> 4.2' # x\nFoo::Bar :sym, a: @b", "k(gem) s('rails'), s('~> 4.2') c(# x)\nC(Foo)::C(Bar) s(:sym), s(a:) v(@b)"},
		{"A.java", "/* a\n * b */ @Bean public Foo f(int x) { return x.class; } // c", "c(/* a\n * b */) v(@Bean) k(public) C(Foo) f(k(int) x) { k(return) x.class; } c(// c)"},
		{"run.sh", "if [ \"$1\" ]; then a#b # c", "k(if) [ s(\"$1\") ]; k(then) a#b c(# c)"},
		{"a.php", "FUNCTION f($a) { echo 'x'; }", "k(FUNCTION) f(v($a)) { k(echo) s('x'); }"},
		{"a.py", "def f(): '''doc\nx''' # y", "k(def) f(): s('''doc\nx''') c(# y)"},
		{"a.sql", "select 1 -- x", "k(select) n(1) c(-- x)"},
	} {
		if got := coloured(t, tt.name, tt.text); got != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
	}
	if lexerFor("README") != nil {
		t.Error("a text has no language")
	}
}

// FuzzPaint holds that colours never change a line, whatever a file holds.
func FuzzPaint(f *testing.F) {
	for _, text := range []string{
		"", "FROM x AS y\nRUN z", "a: b\n", "{\"a\": 1}", "<a b='c'>", "/* no end", "<!-- no end", "\"\"\" no end", "`no end", "<% no end", "${", "é\x00\u2028\r\n\xff",
	} {
		for i := range lexers() {
			f.Add(uint8(i), text)
		}
	}
	c := palette(termenv.ANSI256, true)
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		l := lexers()[int(which)%len(lexers())]
		name := strings.ReplaceAll(l.Config().Filenames[0], "*", "a")
		lines := contentLines(text)
		got := paint(name, lines, c)
		if len(got) != len(lines) {
			t.Fatalf("%s: %d lines become %d", name, len(lines), len(got))
		}
		for i := range got {
			if ansi.Strip(got[i]) != ansi.Strip(lines[i]) {
				t.Fatalf("%s: line %d %q becomes %q", name, i, lines[i], got[i])
			}
		}
	})
}
