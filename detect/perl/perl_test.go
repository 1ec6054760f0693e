package perl

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
)

func TestConformance(t *testing.T) {
	detecttest.Run(t, Detector{}, os.DirFS("../../testdata/apps/perl-guestbook"), os.DirFS("../../testdata/apps/perl-notes"))
}

func find(t *testing.T, files map[string]string) *detect.Findings {
	t.Helper()
	return detecttest.Find(t, Detector{}, files)
}

// TestNormal holds the ways to write a version of Perl.
func TestNormal(t *testing.T) {
	for in, want := range map[string]string{
		"5.010_001": "5.10.1", "5.010001": "5.10.1", "5.014": "5.14", "v5.26.1": "5.26.1", "5.8": "5.8", "5.30": "5.30", ">= 5.8.1": "5.8.1",
		"perl-5.36.0": "5.36.0", "6.0": "", "blead": "", "5": "", "5.99999999999999999999": "", "": "",
	} {
		if got := normal(in); got != want {
			t.Errorf("normal(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCode(t *testing.T) {
	in := "#!/usr/bin/perl\n# note\nuse CGI; # web\n\n=pod\n\nuse Never;\n\n=cut\n\nprint <<EOT, 'x#y';\nuse AlsoNever;\nEOT\nmy $x = 1 << 3;\nuse Last;\n__END__\nuse After;\n"
	var got []string
	for _, u := range uses(code([]byte(in))) {
		got = append(got, u.module)
	}
	if diff := cmp.Diff([]string{"CGI", "Last"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestParseManifest(t *testing.T) {
	type want struct {
		perl     string
		requires []requirement
	}
	tests := map[string]struct {
		in string
		want
	}{
		"cpanfile": {"requires 'perl', '5.20.2';\nrequires 'Plack' => 1.0;\nrequires \"DBI\";\non test => sub {\n  requires 'Test::More', '>= 0.98, < 2.0';\n};\non 'develop' => sub { requires 'Perl::Tidy' };\n" +
			"feature 'pg', 'PostgreSQL' => sub {\n  requires 'DBD::Pg';\n};\nrecommends 'EV';\nrequires('Moo', 2);\n",
			want{"5.20.2", []requirement{{"Plack", "1.0", "runtime", false, 2}, {"DBI", "", "runtime", false, 3}, {"Test::More", ">= 0.98, < 2.0", "test", false, 5}, {"Perl::Tidy", "", "develop", false, 7},
				{"DBD::Pg", "", "runtime", true, 9}, {"EV", "", "runtime", true, 11}, {"Moo", "2", "runtime", false, 12}}}},
		"MakeMaker": {"use ExtUtils::MakeMaker;\nWriteMakefile(\n  NAME => 'My::App',\n  MIN_PERL_VERSION => '5.010',\n  PREREQ_PM => {\n    'CGI' => 0,\n    \"DBI\" => '1.6',\n  },\n  TEST_REQUIRES => { 'Test::More' => 0 },\n  EXE_FILES => ['bin/app'],\n);\n",
			want{"5.010", []requirement{{"CGI", "0", "runtime", false, 6}, {"DBI", "1.6", "runtime", false, 7}, {"Test::More", "0", "test", false, 9}}}},
		"Module::Install": {"use inc::Module::Install;\nname 'MyApp';\nperl_version '5.008';\nrequires 'Catalyst::Runtime' => '5.80';\ntest_requires 'Test::More';\ncatalyst;\nWriteAll;\n",
			want{"5.008", []requirement{{"Catalyst::Runtime", "5.80", "runtime", false, 4}, {"Test::More", "", "test", false, 5}}}},
		"Module::Build": {"Module::Build->new(\n  module_name => 'A',\n  requires => {\n    perl => '5.8.1',\n    'CGI' => 0,\n  },\n  recommends => { 'GD' => 0 },\n)->create_build_script;\n",
			want{"5.8.1", []requirement{{"CGI", "0", "runtime", false, 5}, {"GD", "0", "runtime", true, 7}}}},
	}
	for name, tt := range tests {
		m := parseManifest([]byte(tt.in))
		if diff := cmp.Diff(tt.want, want{m.perl, m.requires}, cmp.AllowUnexported(want{}, requirement{})); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	d := parseDistINI([]byte("name = My-App\n[@Basic]\n-remove = X\n[Prereqs]\nperl = 5.014\nMoo = 1\n[Prereqs / TestRequires]\nTest::More = 0\n"))
	if d.name != "My-App" || d.perl != "5.014" || len(d.requires) != 2 || d.requires[1].phase != "test" {
		t.Errorf("dist.ini: %+v", d)
	}
	s := parseSnapshot([]byte("# carton snapshot format: version 1.0\nDISTRIBUTIONS\n  Plack-1.0\n    pathname: M/MI/MIYAGAWA/Plack-1.0.tar.gz\n    provides:\n      Plack 1.0\n      Plack::Util undef\n    requirements:\n      perl 5.008\n"))
	if diff := cmp.Diff(map[string]locked{"Plack": {"1.0", 6}, "Plack::Util": {"undef", 7}}, s, cmp.AllowUnexported(locked{})); diff != "" {
		t.Error(diff)
	}
}

// TestFound tells what is found in small applications of each kind.
func TestFound(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  string // framework version server port services, or nothing
	}{
		{"Mojolicious::Lite without a manifest", map[string]string{"app.pl": "#!/usr/bin/env perl\nuse Mojolicious::Lite;\nget '/' => {text => 'x'};\napp->start;\n"}, "mojolicious  3000 [perl app.pl daemon -m production -l http://*:3000] "},
		{"Dancer2 with Starman", map[string]string{"cpanfile": "requires 'Dancer2', '0.166';\nrequires 'Starman';\nrequires 'DBD::mysql';\n", "bin/app.psgi": "use Shop; Shop->to_app;\n", "lib/Shop.pm": "package Shop;\nuse Dancer2;\n1;\n"},
			"dancer 0.166 5000 [plackup -s Starman -E production --host 0.0.0.0 --port 5000 -a bin/app.psgi] mysql"},
		{"Dancer 1", map[string]string{"Makefile.PL": "WriteMakefile(PREREQ_PM => { 'Dancer' => 1.3 });\n", "bin/app.pl": "use Dancer;\nuse Blog;\ndance;\n", "lib/Blog.pm": "package Blog;\nuse Dancer ':syntax';\n1;\n", "config.yml": "session: Simple\nport: 4000\n"},
			"dancer 1.3 4000 [plackup -E production --host 0.0.0.0 --port 4000 -a bin/app.pl] "},
		{"Catalyst", map[string]string{"Makefile.PL": "use inc::Module::Install;\nrequires 'Catalyst::Runtime' => '5.90';\ncatalyst;\n", "lib/My/App.pm": "package My::App;\nuse Moose;\nuse Catalyst qw/Static::Simple/;\nextends 'Catalyst';\n1;\n", "my_app.psgi": "use My::App;\nMy::App->psgi_app;\n",
			"script/my_app_server.pl": "#!/usr/bin/env perl\nuse Catalyst::ScriptRunner;\n"}, "catalyst 5.90 3000 [plackup -E production --host 0.0.0.0 --port 3000 -a my_app.psgi] "},
		{"PSGI", map[string]string{"app.psgi": "sub { [200, [], ['x']] }\n"}, "none  5000 [plackup -E production --host 0.0.0.0 --port 5000 -a app.psgi] "},
		{"CGI", map[string]string{"cgi-bin/a.pl": "#!/usr/bin/perl\nuse DBI;\nmy $d = DBI->connect('dbi:mysql:database=shop;host=db', 'u', 'geheim');\n", "htdocs/index.html": "x\n"}, "none  80 [apache2 -DFOREGROUND] mysql"},
		{"scripts of a C project", map[string]string{"configure.ac": "AC_INIT\n", "tools/gen.pl": "#!/usr/bin/perl\nprint 1;\n", "Makefile": "x"}, ""},
		{"a library", map[string]string{"Makefile.PL": "WriteMakefile(NAME => 'X');\n", "lib/X.pm": "package X;\n1;\n", "t/a.t": "use Mojolicious::Lite;\n"}, ""},
		{"a framework itself", map[string]string{"cpanfile": "", "lib/Dancer2.pm": "package Dancer2;\n1;\n", "share/app.psgi": "use Dancer2;\n"}, ""},
		{"a queue that it only shows", map[string]string{"cpanfile": "requires 'Mojolicious', '8';\n", "script/shop": "#!/usr/bin/env perl\nuse Mojolicious::Commands;\nMojolicious::Commands->start_app('Shop');\n", "lib/Shop.pm": "package Shop;\nuse Mojo::Base 'Mojolicious';\nsub startup { my $self = shift;\n$self->plugin('Minion', $self->config->{Minion});\n}\n1;\n"}, "mojolicious 8 3000 [perl script/shop daemon -m production -l http://*:3000] "},
		{"programs in sub-directories are one application", map[string]string{"index.cgi": "#!/usr/bin/perl\nuse CGI;\n", "admin/index.cgi": "#!/usr/bin/perl\nuse CGI;\n"}, "none  80 [apache2 -DFOREGROUND] "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := find(t, tt.files)
			if tt.want == "" {
				if len(f.Components) > 0 {
					t.Fatalf("found %+v", f.Components)
				}
				return
			}
			if len(f.Components) != 1 {
				t.Fatalf("%d components", len(f.Components))
			}
			c := f.Components[0]
			var kinds []string
			for _, s := range c.Services {
				kinds = append(kinds, s.Kind)
			}
			got := strings.Join([]string{c.Framework.V, c.FrameworkVersion.V, strconv.Itoa(c.Port.V), "[" + strings.Join(c.Processes[0].Command, " ") + "]", strings.Join(kinds, ",")}, " ")
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestSQLiteBesideAServer(t *testing.T) {
	files := map[string]string{"cpanfile": "requires 'Mojolicious';\nrequires 'DBD::Pg';\nrequires 'DBD::SQLite';\n", "app.pl": "use Mojolicious::Lite;\napp->start;\n",
		"bin/load": "#!/usr/bin/perl\nmy $d = DBI->connect('dbi:SQLite:dbname=roads.db');\n", "lib/Shop.pm": "package Shop;\nmy $dsn = 'dbi:Pg:dbname=shop';\n1;\n"}
	need := func() (out []string) {
		for _, s := range find(t, files).Components[0].Services {
			if s.Required {
				out = append(out, s.Kind)
			}
		}
		return out
	}
	if got := need(); !slices.Equal(got, []string{"postgresql"}) {
		t.Errorf("needs %q", got)
	}
	files["cpanfile"] = "requires 'Mojolicious';\n"
	delete(files, "lib/Shop.pm")
	files["script/import.pl"] = "#!/usr/bin/perl\nmy $d = DBI->connect('dbi:mysql:database=old');\n"
	delete(files, "bin/load")
	if got := need(); len(got) > 0 {
		t.Errorf("a script beside the application makes it need %q", got)
	}
	delete(files, "app.pl")
	delete(files, "script/import.pl")
	files["script/shop"] = "#!/usr/bin/perl\nuse Mojolicious::Lite;\nmy $d = DBI->connect('dbi:mysql:database=shop');\napp->start;\n"
	if got := need(); !slices.Equal(got, []string{"mysql"}) {
		t.Errorf("the program itself lies in script/ and needs %q", got)
	}
}

// TestTrouble holds the findings about readiness.
func TestTrouble(t *testing.T) {
	f := find(t, map[string]string{
		"app.pl": "#!/usr/bin/env perl\nuse Mojolicious::Lite;\napp->secrets(['s3cr3t-of-production']);\npost '/' => sub { shift->param('f')->move_to('uploads/x') if 'upload' };\n" +
			"my $dir = '/home/anna/files';\nopen my $m, '|-', '/usr/sbin/sendmail -t';\nmy $key = $ENV{API_KEY} or die;\nmy $n = $ENV{PAGE_SIZE} // 20;\napp->start;\n",
		"uploads/.keep": "",
	})
	c := f.Components[0]
	var ids []string
	for _, r := range c.Readiness {
		ids = append(ids, r.ID)
	}
	if diff := cmp.Diff([]string{"no-cpanfile", "local-file-storage", "secret-committed", "absolute-path", "local-sendmail"}, ids); diff != "" {
		t.Error(diff)
	}
	if len(c.Writes) != 1 || c.Writes[0].V != "uploads" {
		t.Errorf("writes %v", c.Writes)
	}
	env := map[string]detect.EnvVar{}
	for _, e := range c.Env {
		env[e.Name] = e
	}
	if e := env["API_KEY"]; !e.Required || !e.Secret || e.Default != "" {
		t.Errorf("API_KEY %+v", e)
	}
	if e := env["PAGE_SIZE"]; e.Required || e.Default != "20" {
		t.Errorf("PAGE_SIZE %+v", e)
	}
}

// FuzzParsers gives any text to the parsers.
func FuzzParsers(f *testing.F) {
	f.Add("requires 'A', '1'; on test => sub { requires qw(B) };")
	f.Add("WriteMakefile(PREREQ_PM => {%h, 'A' => 0}, EXE_FILES => [qw(a b)]);")
	f.Add("=pod\n\n=cut\nprint <<\"E\";\nE\n")
	f.Fuzz(func(t *testing.T, in string) {
		parseManifest([]byte(in))
		parseDistINI([]byte(in))
		parseSnapshot([]byte(in))
		normal(in)
		floor(in)
		for _, l := range code([]byte(in)) {
			if l.number < 1 || l.number > 1+strings.Count(in, "\n") {
				t.Fatalf("line %d", l.number)
			}
		}
	})
}

// FuzzDetect puts any text into any file of an application.
func FuzzDetect(f *testing.F) {
	names := []string{"cpanfile", "cpanfile.snapshot", "app.psgi", "script/app", "lib/App.pm", "config.yml", "app.conf", "Procfile", ".perl-version", "Dockerfile", "docker-compose.yml", "cgi-bin/a.cgi", "cgi-bin/lib.pl", "dist.ini", ".travis.yml", "Makefile.PL"}
	f.Add(uint8(0), "requires 'DBD::Pg';")
	f.Add(uint8(4), "package App; use Mojo::Base 'Mojolicious'; open(F, '>>data/x');")
	f.Add(uint8(11), "#!/usr/bin/perl\nrequire 'lib.pl'; my $x = $ENV{'A'} || \"b\";\n")
	base := map[string]string{"cpanfile": "requires 'Mojolicious';\n", "script/app": "#!/usr/bin/perl\nuse Mojolicious::Commands;\nMojolicious::Commands->start_app('App');\n", "lib/App.pm": "package App;\nuse Mojo::Base 'Mojolicious';\n1;\n"}
	f.Fuzz(func(t *testing.T, which uint8, in string) {
		files := map[string]string{}
		for k, v := range base {
			files[k] = v
		}
		files[names[int(which)%len(names)]] = in
		found := find(t, files)
		for _, w := range found.Warnings {
			if strings.Contains(w.Text, "internal error") {
				t.Fatal(w.Text)
			}
		}
		if _, err := found.JSON(); err != nil {
			t.Fatal(err)
		}
	})
}
