package ruby

import (
	"reflect"
	"strings"
	"testing"
)

func TestParseGemfile(t *testing.T) {
	g := parseGemfile([]byte(`# frozen
source 'https://gems.example.test' # ours
ruby '2.3.1', :engine => 'jruby', :engine_version => '9.1'
gem "rails", "4.2.1" # framework
gem 'pg', '>= 0.18', '< 2.0', require: false
gem('mysql2', '~> 0.3') if ENV['DB'] == 'mysql'
gem "mime-types", (RUBY_VERSION >= "2.0" ? "~> 3.0" : "~> 2.99")
group :development, :test do
  gem 'sqlite3',
      '~> 1.3'
  gem 'x' if true
end
group(:production) { }
group :assets, optional: true do
  platforms :ruby do
    gem 'uglifier'
  end
end
gem 'jruby-openssl', platforms: [:jruby, :mswin]
gem 'byebug', group: :development
gem 'rspec', :groups => [:test]
gem 'arel', git: 'git://example.test/arel.git', branch: '4'
path 'engines' do
  gem 'shop_core'
end
git 'https://example.test/x.git' do
  gem 'from_git'
end
if File.exist?('config/database.yml')
  gem 'conditional'
end
def remove(name)
  @dependencies.reject! { |d| d.name == name }
end
%w[a b].each do |n|
  gem "loop-#{n}"
  gem 'looped'
end
case db
when 'x'
  gem 'cased'
end
gemspec
eval_gemfile 'Gemfile.local'
=begin
gem 'commented'
=end
text = <<-EOS
gem 'heredoc'
EOS
gem 'last'
__END__
gem 'after'
`))
	want := map[string]struct {
		line                    int
		production, conditional bool
		constraints             string
	}{
		"rails": {4, true, false, "4.2.1"}, "pg": {5, true, false, ">= 0.18|< 2.0"}, "mysql2": {6, true, true, "~> 0.3"}, "mime-types": {7, true, false, ""},
		"sqlite3": {9, false, false, "~> 1.3"}, "x": {11, false, true, ""}, "uglifier": {16, true, false, ""}, "jruby-openssl": {19, false, false, ""},
		"byebug": {20, false, false, ""}, "rspec": {21, false, false, ""}, "arel": {22, true, false, ""}, "shop_core": {24, true, false, ""},
		"from_git": {27, true, false, ""}, "conditional": {30, true, true, ""}, "looped": {37, true, true, ""}, "cased": {41, true, true, ""}, "last": {51, true, false, ""},
	}
	for _, l := range g.gems {
		w, ok := want[l.name]
		if !ok {
			t.Errorf("%s: not a gem", l.name)
			continue
		}
		delete(want, l.name)
		if l.line != w.line || l.production() != w.production || l.conditional != w.conditional || strings.Join(l.constraints, "|") != w.constraints {
			t.Errorf("%s: line %d, production %v, conditional %v, constraints %q", l.name, l.line, l.production(), l.conditional, l.constraints)
		}
		if wantGit := l.name == "arel" || l.name == "from_git"; l.git() != wantGit {
			t.Errorf("%s: git %v", l.name, l.git())
		}
	}
	for name := range want {
		t.Errorf("%s is missing", name)
	}
	if !reflect.DeepEqual(g.ruby, []string{"2.3.1"}) || g.rubyLine != 3 || g.engine != "jruby" || g.usesSpec != 43 || g.sources[0].line != 2 {
		t.Errorf("%+v", g)
	}
	if !reflect.DeepEqual(g.reads, []string{"config/database.yml", "Gemfile.local"}) || len(g.needs) != 1 {
		t.Errorf("reads %q, needs %v", g.reads, g.needs)
	}
}

func TestRubyDirective(t *testing.T) {
	for in, want := range map[string][]string{
		`ruby "2.4.1"`:                             {"2.4.1"},
		`ruby '~> 2.4', '< 2.6'`:                   {"~> 2.4", "< 2.6"},
		`ruby ['2.2.2', RUBY_VERSION].max`:         nil,
		`ruby ENV['RUBY'] || '2.1'`:                nil,
		`ruby File.read('.ruby-version').strip`:    nil,
		`ruby RUBY_VERSION`:                        nil,
		"ruby '2.1'\nruby '2.2'":                   {"2.1"},
		"unless ENV['CI']\n  ruby '2.3.4'\nend":    {"2.3.4"},
		`ruby(">= 2.5")`:                           {">= 2.5"},
		"ruby \\\n  '2.7.0'":                       {"2.7.0"},
		`gem 'ruby-graphviz'`:                      nil,
		`ruby '1.9.3' if RUBY_PLATFORM =~ /mingw/`: {"1.9.3"},
	} {
		if g := parseGemfile([]byte(in)); !reflect.DeepEqual(g.ruby, want) {
			t.Errorf("%s: %q, want %q", in, g.ruby, want)
		}
	}
	if g := parseGemfile([]byte("ruby file: '.ruby-version'")); g.rubyFile != ".ruby-version" || g.rubyLine != 1 {
		t.Errorf("%+v", g)
	}
}

func TestStatements(t *testing.T) {
	in := "a = if x\n  one\nelse\n  two\nend\nfoo(1,\n    2) do |y|\n  three # c\nend\ndef m = 1\nx ? 1 : 2\nwhile true do\n  four\nend\nbegin; five; end\nputs \"# no comment #{x}\"\nclass A < B; end\nmodule C\n  class << self\n    six\n  end\nend\nlast\n"
	var got []string
	for _, s := range statements([]byte(in)) {
		var b []string
		for _, bl := range s.blocks {
			b = append(b, bl.word())
		}
		got = append(got, strings.Join(append(b, s.text), " > "))
	}
	want := []string{"a = if x", "a > one", "a > else", "a > two", "foo(1, 2) do |y|", "foo > three", "def m = 1", "x ? 1 : 2", "while true do", "while > four",
		"begin; five; end", `puts "# no comment #{x}"`, "class A < B; end", "module C", "module > class << self", "module > class > six", "last"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	deep := statements([]byte(strings.Repeat("if x\n", 1000) + "y\n"))
	if n := len(deep[len(deep)-1].blocks); n != maxBlocks {
		t.Errorf("%d blocks", n)
	}
	open := statements([]byte("x(\n" + strings.Repeat("1,\n", 1000) + "y\n"))
	if len(open) < 3 {
		t.Errorf("an open bracket swallows the file: %d statements", len(open))
	}
}

func TestParseLockfile(t *testing.T) {
	l := parseLockfile([]byte("GIT\r\n  remote: https://x.test/a.git\r\n  revision: abc\r\n  specs:\r\n    a (1.0)\r\n      b (>= 1)\r\n\r\nPATH\n  remote: .\n  specs:\n    shop (0.1)\n\nGEM\n  remote: https://gems.test/\n  specs:\n    b (2.0.1)\n      c\n    c (3.0-java)\n    nokogiri (1.10.0)\n    nokogiri (1.10.0-x86_64-linux)\n\nPLATFORMS\n  ruby\n  x86_64-linux\n\nDEPENDENCIES\n  a!\n  b (>= 1, < 3)\n\nRUBY VERSION\n   ruby 2.3.3p0 (jruby 9.1.17.0)\n\nBUNDLED WITH\n   1.17.2\n"))
	if l.ruby != "2.3.3" || l.rubyEngine != "jruby" || l.rubyLine != 31 || l.bundler != "1.17.2" || l.bundlerLine != 34 || l.gitLine != 1 || l.conflict != 0 {
		t.Errorf("%+v", l)
	}
	if s := l.specs["a"]; s.version != "1.0" || s.line != 5 || s.section != "GIT" || !reflect.DeepEqual(s.needs, []string{"b"}) {
		t.Errorf("a: %+v", s)
	}
	if l.specs["c"].version != "3.0" || l.specs["nokogiri"].line != 19 || l.specs["shop"].section != "PATH" {
		t.Errorf("%+v", l.specs)
	}
	if d := l.dependencies["b"]; d.constraint != ">= 1, < 3" || d.line != 28 || len(l.dependencies) != 2 {
		t.Errorf("%+v", l.dependencies)
	}
	if !reflect.DeepEqual(l.platforms, []string{"ruby", "x86_64-linux"}) || len(l.remotes) != 3 {
		t.Errorf("%v %v", l.platforms, l.remotes)
	}
	if got := sorted(l.closure([]string{"a"})); !reflect.DeepEqual(got, []string{"a", "b", "c"}) {
		t.Errorf("closure %q", got)
	}
	c := parseLockfile([]byte("GEM\n  specs:\n<<<<<<< HEAD\n    rails (4.2.1)\n=======\n    rails (4.2.2)\n>>>>>>> x\n    rake (1.0)\n"))
	if c.conflict != 3 || c.specs["rails"].version != "4.2.1" {
		t.Errorf("conflict: %+v", c)
	}
}

func TestParseGemspec(t *testing.T) {
	g := parseGemspec([]byte("require File.expand_path('../lib/x/version', __FILE__)\nGem::Specification.new do |s|\n  s.add_dependency 'rails', '~> 3.2'\n  s.add_runtime_dependency(\"pg\")\n  s.add_development_dependency 'rspec'\n  s.required_ruby_version = '>= 1.9.3'\n  s.executables = ['x']\n  if true\n    s.add_dependency 'maybe'\n  end\nend\n"))
	if len(g.gems) != 4 || !g.gems[0].production() || g.gems[2].production() || !g.gems[3].conditional || g.gems[0].constraints[0] != "~> 3.2" {
		t.Errorf("%+v", g.gems)
	}
	if !reflect.DeepEqual(g.ruby, []string{">= 1.9.3"}) || g.rubyLine != 6 || !g.executables || !reflect.DeepEqual(g.reads, []string{"../lib/x/version"}) {
		t.Errorf("%+v", g)
	}
}

func FuzzStatements(f *testing.F) {
	f.Add([]byte("group :a do\n gem 'x', '1', git: \"y\" if z\nend\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := strings.Count(string(data), "\n") + 1
		for _, s := range statements(data) {
			if s.line < 1 || s.line > n || s.text == "" {
				t.Fatalf("%+v of %d", s, n)
			}
			parseCall(s.text)
		}
	})
}

func FuzzParseGemfile(f *testing.F) {
	f.Add([]byte("ruby '2.1'\ngem 'x', '~> 1', path: 'y'\ngemspec\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, l := range parseGemfile(data).gems {
			if l.name == "" || l.line < 1 {
				t.Fatalf("%+v", l)
			}
			l.production()
			floor(l.constraints)
			satisfies("2.0.0", l.constraints)
		}
		parseGemspec(data)
	})
}

func FuzzParseLockfile(f *testing.F) {
	f.Add([]byte("GEM\n  specs:\n    a (1)\n      b\n    b (2)\n      a\n\nRUBY VERSION\n   ruby 2.1.0p1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l := parseLockfile(data)
		l.closure(sorted(l.specs))
	})
}
