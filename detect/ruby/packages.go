package ruby

import "github.com/drydock-cli/drydock/detect"

// systemGem says which Debian packages a gem needs beyond the compiler: to be built, and to run.
type systemGem struct {
	gem   string
	name  string // as people know it
	build []string
	run   []string
	why   string
}

// systemGems is the table of gems with native parts. Sources: each gem's README and extconf.rb, and the names of the
// packages in Debian 11 to 13. Where the name of a library carries a number that changes with the release ("libicu72"), the
// final stage takes the -dev package, whose name does not.
var systemGems = []systemGem{
	{"pg", "libpq", []string{"libpq-dev"}, []string{"libpq5"}, "pg compiles against PostgreSQL's client library"},
	{"mysql2", "mariadb-client", []string{"default-libmysqlclient-dev"}, []string{"libmariadb3"}, "mysql2 compiles against the client library of MySQL or MariaDB"},
	{"mysql", "mariadb-client", []string{"default-libmysqlclient-dev"}, []string{"libmariadb3"}, "mysql compiles against the client library of MySQL or MariaDB"},
	{"trilogy", "openssl", []string{"libssl-dev"}, nil, "trilogy compiles against OpenSSL"},
	{"sqlite3", "sqlite3", []string{"libsqlite3-dev"}, []string{"libsqlite3-0"}, "sqlite3 compiles against SQLite"},
	{"sqlite3-ruby", "sqlite3", []string{"libsqlite3-dev"}, []string{"libsqlite3-0"}, "sqlite3-ruby compiles against SQLite"},
	{"tiny_tds", "freetds", []string{"freetds-dev"}, []string{"libsybdb5", "freetds-common"}, "tiny_tds compiles against FreeTDS"},
	{"ruby-oci8", "libaio", []string{"libaio-dev"}, []string{"libaio1"}, "ruby-oci8 needs Oracle's Instant Client, which Debian does not carry, and libaio"},
	{"nokogiri", "libxml2", []string{"libxml2-dev", "libxslt1-dev", "zlib1g-dev", "pkg-config"}, []string{"libxml2", "libxslt1.1"}, "nokogiri compiles against libxml2 and libxslt when no built gem fits"},
	{"libxml-ruby", "libxml2", []string{"libxml2-dev"}, []string{"libxml2"}, "libxml-ruby compiles against libxml2"},
	{"libxslt-ruby", "libxslt", []string{"libxslt1-dev"}, []string{"libxslt1.1"}, "libxslt-ruby compiles against libxslt"},
	{"rmagick", "imagemagick", []string{"libmagickwand-dev", "imagemagick", "pkg-config"}, []string{"imagemagick"}, "rmagick compiles against ImageMagick and uses it at run time"},
	{"mini_magick", "imagemagick", nil, []string{"imagemagick"}, "mini_magick runs ImageMagick's commands"},
	{"paperclip", "imagemagick", nil, []string{"imagemagick"}, "paperclip makes thumbnails with ImageMagick's commands"},
	{"kt-paperclip", "imagemagick", nil, []string{"imagemagick"}, "paperclip makes thumbnails with ImageMagick's commands"},
	{"dragonfly", "imagemagick", nil, []string{"imagemagick"}, "dragonfly processes images with ImageMagick's commands"},
	{"quick_magick", "imagemagick", nil, []string{"imagemagick"}, "quick_magick runs ImageMagick's commands"},
	{"ruby-vips", "libvips", nil, []string{"libvips42"}, "ruby-vips loads libvips"},
	{"image_processing", "imagemagick", nil, []string{"imagemagick"}, "image_processing runs ImageMagick's commands or libvips"},
	{"gd2-ffij", "libgd", nil, []string{"libgd3"}, "gd2-ffij loads libgd"},
	{"ffi", "libffi", []string{"libffi-dev", "pkg-config"}, nil, "ffi compiles against libffi; Ruby's image brings it at run time"},
	{"curb", "libcurl", []string{"libcurl4-openssl-dev"}, []string{"libcurl4"}, "curb compiles against libcurl"},
	{"typhoeus", "libcurl", nil, []string{"libcurl4"}, "typhoeus loads libcurl"},
	{"ethon", "libcurl", nil, []string{"libcurl4"}, "ethon loads libcurl"},
	{"patron", "libcurl", []string{"libcurl4-openssl-dev"}, []string{"libcurl4"}, "patron compiles against libcurl"},
	{"charlock_holmes", "icu", []string{"libicu-dev", "zlib1g-dev", "pkg-config"}, []string{"libicu-dev"}, "charlock_holmes compiles against ICU"},
	{"ffi-icu", "icu", []string{"libicu-dev"}, []string{"libicu-dev"}, "ffi-icu loads ICU"},
	{"rugged", "libgit2", []string{"cmake", "pkg-config", "libssl-dev", "zlib1g-dev"}, nil, "rugged builds libgit2 with CMake"},
	{"ruby-filemagic", "libmagic", []string{"libmagic-dev"}, []string{"libmagic1"}, "ruby-filemagic compiles against libmagic"},
	{"snappy", "snappy", []string{"libsnappy-dev", "cmake"}, []string{"libsnappy1v5"}, "snappy compiles against libsnappy"},
	{"psych", "libyaml", []string{"libyaml-dev"}, []string{"libyaml-0-2"}, "psych compiles against libyaml"},
	{"unf_ext", "g++", []string{"g++"}, nil, "unf_ext is C++"},
	{"sassc", "g++", []string{"g++"}, nil, "sassc builds libsass, which is C++"},
	{"mini_racer", "g++", []string{"g++"}, nil, "mini_racer compiles against V8"},
	{"therubyracer", "g++", []string{"g++"}, nil, "therubyracer compiles against V8"},
	{"eventmachine", "openssl", []string{"libssl-dev"}, nil, "eventmachine compiles against OpenSSL"},
	{"memcached", "libmemcached", []string{"libsasl2-dev"}, []string{"libsasl2-2"}, "memcached compiles against SASL"},
	{"cld3", "protobuf", []string{"libprotobuf-dev", "protobuf-compiler", "pkg-config"}, nil, "cld3 compiles against protobuf"},
	{"idn-ruby", "libidn", []string{"libidn11-dev"}, []string{"libidn11-dev"}, "idn-ruby compiles against libidn"},
	{"gpgme", "gpgme", []string{"libgpgme-dev"}, []string{"libgpgme11"}, "gpgme compiles against GPGME"},
	{"rbnacl", "libsodium", nil, []string{"libsodium23"}, "rbnacl loads libsodium"},
	{"zbar", "zbar", nil, []string{"libzbar0"}, "zbar loads libzbar"},
	{"geoip-c", "geoip", []string{"libgeoip-dev"}, nil, "geoip-c compiles against GeoIP"},
	{"rgeo", "geos", []string{"libgeos-dev"}, []string{"libgeos-c1v5"}, "rgeo uses GEOS when it is there"},
	{"ffi-geos", "geos", nil, []string{"libgeos-c1v5"}, "ffi-geos loads GEOS"},
	{"rdkafka", "librdkafka", []string{"zlib1g-dev"}, nil, "rdkafka builds librdkafka"},
	{"ruby-ldap", "openldap", []string{"libldap2-dev", "libsasl2-dev"}, nil, "ruby-ldap compiles against OpenLDAP"},
	{"rb-gsl", "gsl", []string{"libgsl-dev"}, nil, "rb-gsl compiles against the GNU Scientific Library"},
	{"cairo", "cairo", []string{"libcairo2-dev"}, []string{"libcairo2"}, "cairo compiles against cairo"},
	{"poppler", "poppler", []string{"libpoppler-glib-dev"}, []string{"libpoppler-glib8"}, "poppler compiles against poppler"},
	{"docsplit", "graphicsmagick", nil, []string{"graphicsmagick", "poppler-utils", "ghostscript"}, "docsplit runs GraphicsMagick, Poppler and Ghostscript"},
	{"pdftotext", "poppler-utils", nil, []string{"poppler-utils"}, "pdftotext runs Poppler's command"},
	{"pdf-forms", "pdftk", nil, []string{"pdftk-java"}, "pdf-forms runs pdftk"},
	{"wicked_pdf", "wkhtmltopdf", nil, []string{"wkhtmltopdf"}, "wicked_pdf runs wkhtmltopdf"},
	{"pdfkit", "wkhtmltopdf", nil, []string{"wkhtmltopdf"}, "pdfkit runs wkhtmltopdf"},
	{"imgkit", "wkhtmltopdf", nil, []string{"wkhtmltopdf"}, "imgkit runs wkhtmltoimage"},
	{"grover", "chromium", nil, []string{"chromium"}, "grover prints pages with Chromium"},
	{"ferrum", "chromium", nil, []string{"chromium"}, "ferrum drives Chromium"},
	{"ruby-graphviz", "graphviz", nil, []string{"graphviz"}, "ruby-graphviz runs Graphviz"},
	{"streamio-ffmpeg", "ffmpeg", nil, []string{"ffmpeg"}, "streamio-ffmpeg runs FFmpeg"},
	{"carrierwave-video", "ffmpeg", nil, []string{"ffmpeg"}, "carrierwave-video runs FFmpeg"},
	{"paperclip-av-transcoder", "ffmpeg", nil, []string{"ffmpeg"}, "paperclip-av-transcoder runs FFmpeg"},
	{"taglib-ruby", "taglib", []string{"libtag1-dev"}, []string{"libtag1v5"}, "taglib-ruby compiles against TagLib"},
	{"tesseract-ocr", "tesseract", []string{"libtesseract-dev"}, []string{"tesseract-ocr"}, "tesseract-ocr compiles against Tesseract"},
	{"rtesseract", "tesseract", nil, []string{"tesseract-ocr"}, "rtesseract runs Tesseract"},
	{"pygments.rb", "python3", nil, []string{"python3"}, "pygments.rb runs Python"},
	{"mini_exiftool", "exiftool", nil, []string{"libimage-exiftool-perl"}, "mini_exiftool runs exiftool"},
	{"git", "git", nil, []string{"git"}, "the gem git runs Git"},
	{"gitlab-grit", "git", nil, []string{"git"}, "grit runs Git"},
	{"grit", "git", nil, []string{"git"}, "grit runs Git"},
	{"gollum-lib", "git", nil, []string{"git"}, "gollum keeps its pages in Git"},
}

// systemPackages lists what the gems of production need, each library once.
func (a *app) systemPackages(db database) []detect.SystemPackage {
	var out []detect.SystemPackage
	at := map[string]int{}
	for _, sg := range systemGems {
		g, ok := a.gem(sg.gem)
		if !ok || sg.name == "wkhtmltopdf" && a.has("wkhtmltopdf-binary") || a.otherDriver(sg.gem, db) {
			continue
		}
		i, have := at[sg.name]
		if !have {
			at[sg.name] = len(out)
			out = append(out, detect.SystemPackage{Name: sg.name, Build: sg.build, Run: sg.run, Why: sg.why, Evidence: g.evidence})
			continue
		}
		out[i].Build = union(out[i].Build, sg.build)
		out[i].Run = union(out[i].Run, sg.run)
		out[i].Evidence = append(out[i].Evidence[:len(out[i].Evidence):len(out[i].Evidence)], g.evidence...)
	}
	return out
}

// union returns the words of both lists, each once, in their order.
func union(a, b []string) []string {
	out := a[:len(a):len(a)]
next:
	for _, w := range b {
		for _, have := range out {
			if have == w {
				continue next
			}
		}
		out = append(out, w)
	}
	return out
}
