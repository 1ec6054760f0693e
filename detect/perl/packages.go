package perl

import (
	"regexp"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
)

// systemModule says which Debian packages a module needs beyond the compiler: to be built, and to run.
type systemModule struct {
	module string
	name   string // as people know it
	build  []string
	run    []string
	why    string
}

// systemModules is the table of modules with native parts. Sources: each module's README and Makefile.PL, and the build
// dependencies of its package in Debian 12 and 13.
var systemModules = []systemModule{
	{"DBD::Pg", "libpq", []string{"libpq-dev"}, []string{"libpq5"}, "DBD::Pg compiles against PostgreSQL's client library"},
	{"Mojo::Pg", "libpq", []string{"libpq-dev"}, []string{"libpq5"}, "Mojo::Pg uses DBD::Pg, which compiles against PostgreSQL's client library"},
	{"DBD::mysql", "mariadb-client", []string{"default-libmysqlclient-dev"}, []string{"libmariadb3"}, "DBD::mysql compiles against the client library of MySQL or MariaDB"},
	{"DBD::MariaDB", "mariadb-client", []string{"default-libmysqlclient-dev"}, []string{"libmariadb3"}, "DBD::MariaDB compiles against the client library of MariaDB"},
	{"Mojo::mysql", "mariadb-client", []string{"default-libmysqlclient-dev"}, []string{"libmariadb3"}, "Mojo::mysql uses a driver that compiles against the client library of MySQL or MariaDB"},
	{"DBD::ODBC", "unixodbc", []string{"unixodbc-dev"}, []string{"unixodbc"}, "DBD::ODBC compiles against unixODBC"},
	{"DBD::Sybase", "freetds", []string{"freetds-dev"}, []string{"libct4", "freetds-common"}, "DBD::Sybase compiles against FreeTDS"},
	{"DBD::Oracle", "libaio", []string{"libaio-dev"}, []string{"libaio-dev"}, "DBD::Oracle needs Oracle's Instant Client, which Debian does not carry, and libaio"},
	{"XML::LibXML", "libxml2", []string{"libxml2-dev", "zlib1g-dev"}, []string{"libxml2"}, "XML::LibXML compiles against libxml2"},
	{"XML::LibXSLT", "libxslt", []string{"libxslt1-dev"}, []string{"libxslt1.1"}, "XML::LibXSLT compiles against libxslt"},
	{"XML::Parser", "expat", []string{"libexpat1-dev"}, []string{"libexpat1"}, "XML::Parser compiles against Expat"},
	{"XML::Twig", "expat", []string{"libexpat1-dev"}, []string{"libexpat1"}, "XML::Twig uses XML::Parser, which compiles against Expat"},
	{"XML::Feed", "expat", []string{"libexpat1-dev"}, []string{"libexpat1"}, "XML::Feed uses XML::Parser, which compiles against Expat"},
	{"XML::RSS", "expat", []string{"libexpat1-dev"}, []string{"libexpat1"}, "XML::RSS uses XML::Parser, which compiles against Expat"},
	{"Net::SSLeay", "openssl", []string{"libssl-dev", "zlib1g-dev"}, nil, "Net::SSLeay compiles against OpenSSL; Perl's image brings it at run time"},
	{"IO::Socket::SSL", "openssl", []string{"libssl-dev", "zlib1g-dev"}, nil, "IO::Socket::SSL uses Net::SSLeay, which compiles against OpenSSL"},
	{"LWP::Protocol::https", "openssl", []string{"libssl-dev", "zlib1g-dev"}, nil, "LWP::Protocol::https uses Net::SSLeay, which compiles against OpenSSL"},
	{"Crypt::OpenSSL::RSA", "openssl", []string{"libssl-dev"}, nil, "Crypt::OpenSSL::RSA compiles against OpenSSL"},
	{"Crypt::OpenSSL::X509", "openssl", []string{"libssl-dev"}, nil, "Crypt::OpenSSL::X509 compiles against OpenSSL"},
	{"Crypt::SSLeay", "openssl", []string{"libssl-dev"}, nil, "Crypt::SSLeay compiles against OpenSSL"},
	{"Net::AMQP::RabbitMQ", "openssl", []string{"libssl-dev"}, nil, "Net::AMQP::RabbitMQ compiles against OpenSSL"},
	{"GD", "libgd", []string{"libgd-dev"}, []string{"libgd3"}, "GD compiles against libgd"},
	{"GD::Graph", "libgd", []string{"libgd-dev"}, []string{"libgd3"}, "GD::Graph uses GD, which compiles against libgd"},
	{"Chart::Lines", "libgd", []string{"libgd-dev"}, []string{"libgd3"}, "Chart uses GD, which compiles against libgd"},
	{"Imager", "imaging libraries", []string{"libjpeg-dev", "libpng-dev", "libgif-dev", "libtiff-dev", "libfreetype-dev"}, []string{"libjpeg62-turbo", "libpng16-16", "libgif7", "libtiff6", "libfreetype6"}, "Imager compiles against the libraries of the formats that it reads"},
	{"Image::Magick", "imagemagick", []string{"libmagickcore-dev", "imagemagick"}, []string{"imagemagick"}, "Image::Magick compiles against ImageMagick"},
	{"Graphics::Magick", "graphicsmagick", []string{"libgraphicsmagick1-dev"}, []string{"graphicsmagick"}, "Graphics::Magick compiles against GraphicsMagick"},
	{"Image::Imlib2", "imlib2", []string{"libimlib2-dev"}, []string{"libimlib2"}, "Image::Imlib2 compiles against Imlib2"},
	{"Archive::Extract::Libarchive", "libarchive", []string{"libarchive-dev"}, []string{"libarchive13"}, "it compiles against libarchive"},
	{"Archive::Peek::Libarchive", "libarchive", []string{"libarchive-dev"}, []string{"libarchive13"}, "it compiles against libarchive"},
	{"Archive::Libarchive::XS", "libarchive", []string{"libarchive-dev"}, []string{"libarchive13"}, "it compiles against libarchive"},
	{"Archive::Libarchive", "libarchive", []string{"libarchive-dev"}, []string{"libarchive13"}, "it loads libarchive"},
	{"File::LibMagic", "libmagic", []string{"libmagic-dev"}, []string{"libmagic1"}, "File::LibMagic compiles against libmagic"},
	{"Math::GMP", "gmp", []string{"libgmp-dev"}, []string{"libgmp10"}, "Math::GMP compiles against GMP"},
	{"Math::BigInt::GMP", "gmp", []string{"libgmp-dev"}, []string{"libgmp10"}, "Math::BigInt::GMP compiles against GMP"},
	{"Search::Xapian", "xapian", []string{"libxapian-dev"}, []string{"libxapian30"}, "Search::Xapian compiles against Xapian"},
	{"Geo::IP", "geoip", []string{"libgeoip-dev"}, []string{"libgeoip1"}, "Geo::IP compiles against GeoIP"},
	{"CommonMark", "cmark", []string{"libcmark-dev"}, []string{"libcmark-dev"}, "CommonMark compiles against cmark"},
	{"Text::Hunspell", "hunspell", []string{"libhunspell-dev"}, []string{"libhunspell-dev"}, "Text::Hunspell compiles against Hunspell"},
	{"Text::Aspell", "aspell", []string{"libaspell-dev"}, []string{"libaspell15"}, "Text::Aspell compiles against Aspell"},
	{"HTML::Tidy", "tidy", []string{"libtidy-dev"}, nil, "HTML::Tidy compiles against Tidy"},
	{"HTML::Tidy5", "tidy", []string{"libtidy-dev"}, []string{"libtidy-dev"}, "HTML::Tidy5 compiles against Tidy"},
	{"Authen::Krb5", "kerberos", []string{"libkrb5-dev"}, []string{"libkrb5-3"}, "Authen::Krb5 compiles against Kerberos"},
	{"Authen::SASL::XS", "sasl", []string{"libsasl2-dev"}, []string{"libsasl2-2"}, "Authen::SASL::XS compiles against SASL"},
	{"GSSAPI", "kerberos", []string{"libkrb5-dev"}, []string{"libkrb5-3"}, "GSSAPI compiles against Kerberos"},
	{"RRDs", "rrdtool", []string{"librrd-dev"}, []string{"rrdtool"}, "RRDs belongs to RRDtool"},
	{"ZMQ::FFI", "zeromq", nil, []string{"libzmq5"}, "ZMQ::FFI loads ZeroMQ"},
	{"Net::Curl", "libcurl", []string{"libcurl4-openssl-dev"}, []string{"libcurl4"}, "Net::Curl compiles against libcurl"},
	{"WWW::Curl", "libcurl", []string{"libcurl4-openssl-dev"}, []string{"libcurl4"}, "WWW::Curl compiles against libcurl"},
	{"Cairo", "cairo", []string{"libcairo2-dev"}, []string{"libcairo2"}, "Cairo compiles against cairo"},
	{"Net::LibIDN", "libidn", []string{"libidn-dev"}, []string{"libidn12"}, "Net::LibIDN compiles against libidn"},
	{"Term::ReadLine::Gnu", "readline", []string{"libreadline-dev"}, []string{"libreadline8"}, "Term::ReadLine::Gnu compiles against Readline"},
	{"DB_File", "berkeley db", []string{"libdb-dev"}, []string{"libdb5.3"}, "DB_File compiles against Berkeley DB"},
	{"BerkeleyDB", "berkeley db", []string{"libdb-dev"}, []string{"libdb5.3"}, "BerkeleyDB compiles against Berkeley DB"},
	{"PDF::WebKit", "wkhtmltopdf", nil, []string{"wkhtmltopdf"}, "PDF::WebKit runs wkhtmltopdf"},
	{"Git::Repository", "git", nil, []string{"git"}, "Git::Repository runs Git"},
	{"Git::Wrapper", "git", nil, []string{"git"}, "Git::Wrapper runs Git"},
	{"GraphViz", "graphviz", nil, []string{"graphviz"}, "GraphViz runs Graphviz"},
	{"GraphViz2", "graphviz", nil, []string{"graphviz"}, "GraphViz2 runs Graphviz"},
	{"FFmpeg::Command", "ffmpeg", nil, []string{"ffmpeg"}, "FFmpeg::Command runs FFmpeg"},
}

// programs are the commands that applications run, with their packages.
var programs = map[string]string{"convert": "imagemagick", "mogrify": "imagemagick", "identify": "imagemagick", "gs": "ghostscript", "pdftotext": "poppler-utils", "pdfinfo": "poppler-utils",
	"wkhtmltopdf": "wkhtmltopdf", "ffmpeg": "ffmpeg", "git": "git", "svn": "subversion", "rrdtool": "rrdtool", "dot": "graphviz", "unrar": "unrar-free", "7z": "p7zip-full", "unzip": "unzip", "zip": "zip",
	"exiftool": "libimage-exiftool-perl", "pdflatex": "texlive-latex-base", "xelatex": "texlive-xetex", "curl": "curl", "wget": "wget", "rsync": "rsync", "gpg": "gnupg", "openssl": "openssl",
	"sqlite3": "sqlite3", "psql": "postgresql-client", "mysql": "default-mysql-client", "mysqldump": "default-mysql-client", "pg_dump": "postgresql-client", "htmldoc": "htmldoc", "antiword": "antiword", "tesseract": "tesseract-ocr"}

// makerDirs are directories whose programs belong to those who make the application, not to the application.
var makerDirs = map[string]bool{"tools": true, "make": true, "maint": true, "devel": true, "build": true, "release": true, "dist": true}

var runsProgram = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("(?:`|\\bqx\\s*[({\\[/|]|\\b(?:system|exec)\\s*\\(?\\s*[\"']|\\bopen\\s*\\(?[^,]+,\\s*[\"'](?:-\\|[\"']\\s*,\\s*[\"'])?\\|?\\s*)\\s*(?:/usr/(?:local/)?bin/)?([a-z0-9_]+)(?:\\s|\"|'|`)")
})

// alternative reports whether a module is the driver of a service that is only another choice.
func alternative(module string, services []detect.Service) bool {
	for _, sm := range serviceModules {
		if sm.module != module || !databases[sm.kind] {
			continue
		}
		for _, s := range services {
			if s.Kind == sm.kind {
				return !s.Required
			}
		}
	}
	return false
}

// systemPackages lists what the modules need, and the programs that the code runs, each once.
func (a *app) systemPackages(services []detect.Service) []detect.SystemPackage {
	var out []detect.SystemPackage
	at := map[string]int{}
	for _, sm := range systemModules {
		m, ok := a.needs(sm.module)
		if !ok || m.optional || alternative(sm.module, services) {
			continue
		}
		if _, have := at[sm.name]; have {
			continue
		}
		at[sm.name] = len(out)
		out = append(out, detect.SystemPackage{Name: sm.name, Build: sm.build, Run: sm.run, Why: sm.why, Evidence: m.evidence})
	}
	for _, s := range a.sources {
		if top, _, _ := strings.Cut(s.name, "/"); makerDirs[top] { // what its makers run
			continue
		}
		for _, l := range s.lines {
			if !mayRun(l.text) {
				continue
			}
			m := runsProgram().FindStringSubmatch(l.text)
			if m == nil || programs[m[1]] == "" {
				continue
			}
			pkg := programs[m[1]]
			if _, have := at[pkg]; have {
				continue
			}
			at[pkg] = len(out)
			out = append(out, detect.SystemPackage{Name: pkg, Run: []string{pkg}, Why: "the code runs " + m[1], Evidence: []detect.Evidence{s.file.Evidence(l.number)}})
		}
	}
	return out
}

// mayRun reports whether a line may run a program: it is cheaper than the expression that finds which.
func mayRun(s string) bool {
	return strings.Contains(s, "`") || strings.Contains(s, "qx") || strings.Contains(s, "system") || strings.Contains(s, "exec") || strings.Contains(s, "open") && strings.Contains(s, "|")
}

// programsOnly leaves out the packages that modules are compiled against.
func programsOnly(packages []detect.SystemPackage) []detect.SystemPackage {
	var out []detect.SystemPackage
	for _, p := range packages {
		if len(p.Build) == 0 {
			out = append(out, p)
		}
	}
	return out
}
