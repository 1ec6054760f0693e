package python

import (
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// library is the Debian packages that a Python package needs where its wheel does not bring them.
type library struct {
	deps       []string
	name       string
	build, run []string
	why        string
	wheels     bool // there are wheels for every Python that was current when a release came out
}

// libraries. Sources: each package's own installation page; names from packages.debian.org, bullseye to trixie.
var libraries = []library{
	{[]string{"psycopg2", "psycopg", "psycopg2cffi"}, "libpq", []string{"gcc", "libc6-dev", "libpq-dev"}, []string{"libpq5"}, "it compiles against PostgreSQL's client library", false},
	{[]string{"mysqlclient", "mysql-python", "oursql"}, "mysqlclient", []string{"gcc", "libc6-dev", "default-libmysqlclient-dev", "pkg-config"}, []string{"libmariadb3"}, "it compiles against MySQL's client library", false},
	{[]string{"python-ldap", "django-auth-ldap", "pyldap"}, "libldap", []string{"gcc", "libc6-dev", "libldap2-dev", "libsasl2-dev"}, []string{"libldap2-dev", "libsasl2-2"}, "it compiles against OpenLDAP", false},
	{[]string{"lxml", "xmlsec", "python3-saml", "scrapy", "premailer"}, "libxml2", []string{"gcc", "libc6-dev", "libxml2-dev", "libxslt1-dev", "zlib1g-dev"}, []string{"libxml2", "libxslt1.1"}, "it compiles against libxml2 and libxslt when no wheel fits", true},
	{[]string{"xmlsec", "python3-saml", "dm-xmlsec-binding"}, "xmlsec1", []string{"gcc", "libc6-dev", "libxmlsec1-dev", "pkg-config"}, []string{"libxmlsec1", "libxmlsec1-openssl"}, "it compiles against XML Security", false},
	{[]string{"pillow", "pil", "easy-thumbnails", "sorl-thumbnail"}, "libjpeg", []string{"gcc", "libc6-dev", "libjpeg-dev", "zlib1g-dev", "libfreetype6-dev"}, []string{"libjpeg62-turbo", "libfreetype6"}, "it compiles against image libraries when no wheel fits", true},
	{[]string{"cairocffi", "cairosvg", "weasyprint", "pycairo"}, "libcairo2", []string{"gcc", "libc6-dev", "libcairo2-dev", "libffi-dev", "pkg-config"}, []string{"libcairo2", "libpango-1.0-0", "libpangocairo-1.0-0"}, "it draws with Cairo", false},
	{[]string{"cffi", "bcrypt", "argon2-cffi", "pynacl", "cryptography", "pyopenssl"}, "libffi", []string{"gcc", "libc6-dev", "libffi-dev", "libssl-dev"}, nil, "it compiles against libffi and OpenSSL when no wheel fits", true},
	{[]string{"python-memcached-sasl", "pylibmc"}, "libmemcached", []string{"gcc", "libc6-dev", "libmemcached-dev", "zlib1g-dev"}, []string{"libmemcached11"}, "it compiles against libmemcached", false},
	{[]string{"pycurl"}, "libcurl", []string{"gcc", "libc6-dev", "libcurl4-openssl-dev", "libssl-dev"}, []string{"libcurl4"}, "it compiles against libcurl", false},
	{[]string{"pyodbc", "django-pyodbc-azure", "mssql-django"}, "unixodbc", []string{"gcc", "g++", "libc6-dev", "unixodbc-dev"}, []string{"unixodbc"}, "it talks ODBC", false},
	{[]string{"pymssql"}, "freetds", []string{"gcc", "libc6-dev", "freetds-dev"}, []string{"libsybdb5"}, "it compiles against FreeTDS", false},
	{[]string{"gdal", "fiona", "rasterio", "geodjango"}, "gdal", []string{"gcc", "g++", "libc6-dev", "libgdal-dev"}, []string{"gdal-bin"}, "it compiles against GDAL", false},
	{[]string{"shapely"}, "libgeos", []string{"gcc", "libc6-dev", "libgeos-dev"}, []string{"libgeos-c1v5"}, "it compiles against GEOS", false},
	{[]string{"python-magic", "filemagic"}, "libmagic1", nil, []string{"libmagic1"}, "it loads libmagic", false},
	{[]string{"wand"}, "imagemagick", nil, []string{"libmagickwand-dev"}, "it loads MagickWand", false},
	{[]string{"pdfkit", "django-wkhtmltopdf", "imgkit"}, "wkhtmltopdf", nil, []string{"wkhtmltopdf"}, "it calls wkhtmltopdf", false},
	{[]string{"pytesseract", "tesserocr"}, "tesseract-ocr", nil, []string{"tesseract-ocr"}, "it calls Tesseract", false},
	{[]string{"pdf2image", "pdftotext"}, "poppler-utils", nil, []string{"poppler-utils"}, "it calls Poppler's programs", false},
	{[]string{"pydub", "ffmpeg-python", "moviepy"}, "ffmpeg", nil, []string{"ffmpeg"}, "it calls FFmpeg", false},
	{[]string{"opencv-python", "opencv-contrib-python"}, "libgl1", nil, []string{"libgl1", "libglib2.0-0"}, "OpenCV loads OpenGL's library", false},
	{[]string{"uwsgi", "pyuwsgi"}, "gcc", []string{"gcc", "libc6-dev"}, nil, "uWSGI is compiled where it is installed", false},
	{[]string{"gevent", "greenlet", "eventlet", "twisted", "ujson", "simplejson", "regex", "numpy", "pandas", "scipy", "mysql-connector-c", "hiredis", "msgpack", "markupsafe", "pyyaml", "typed-ast", "backports-zoneinfo"}, "gcc", []string{"gcc", "g++", "libc6-dev"}, nil, "it has parts in C that are compiled when no wheel fits", true},
	{[]string{"pygraphviz"}, "graphviz", []string{"gcc", "libc6-dev", "libgraphviz-dev", "pkg-config"}, []string{"graphviz"}, "it compiles against Graphviz", false},
	{[]string{"m2crypto"}, "openssl", []string{"gcc", "libc6-dev", "libssl-dev", "swig"}, []string{"openssl"}, "it compiles against OpenSSL", false},
	{[]string{"h5py"}, "hdf5", []string{"gcc", "libc6-dev", "libhdf5-dev", "pkg-config"}, []string{"libhdf5-dev"}, "it compiles against HDF5 when no wheel fits", true},
	{[]string{"kerberos", "gssapi", "pykerberos", "requests-kerberos"}, "libkrb5", []string{"gcc", "libc6-dev", "libkrb5-dev"}, []string{"libgssapi-krb5-2"}, "it compiles against Kerberos", false},
}

// systemPackages are the Debian packages that the dependencies need.
func (a *app) systemPackages(python detect.Value[string]) []detect.SystemPackage {
	var out []detect.SystemPackage
	have := map[string]bool{}
	for _, l := range libraries {
		for _, name := range l.deps {
			d, ok := a.has(name)
			if !ok || have[l.name] || l.wheels && a.wheelFits(d, python) {
				continue
			}
			have[l.name] = true
			out = append(out, detect.SystemPackage{Name: l.name, Build: l.build, Run: l.run, Why: name + ": " + l.why, Evidence: d.evidence})
		}
	}
	return out
}

// translate sets the fact that translations are compiled in the build: the repository has their sources and not what gettext makes of them.
func (a *app) translate(c *detect.Component) {
	if a.framework.V != "django" && a.framework.V != "flask" {
		return
	}
	var po string
	for f := range a.dir.Files() {
		switch {
		case !strings.Contains(f, "/LC_MESSAGES/"):
		case strings.HasSuffix(f, ".mo"):
			return
		case strings.HasSuffix(f, ".po") && po == "":
			po = f
		}
	}
	rel, ok := a.dir.Rel(po)
	if po == "" || !ok {
		return
	}
	ev := detect.Evidence{File: rel}
	c.Facts["translations"] = detect.Infer("true", "the repository has translations that are not compiled", ev)
	c.SystemPackages = append(c.SystemPackages, detect.SystemPackage{Name: "gettext", Build: []string{"gettext"}, Why: "translations are compiled with gettext", Evidence: []detect.Evidence{ev}})
}

// wheelFits reports whether a release that carries wheels has one for this Python: the newest has, and so has one that was chosen for a
// Python that the repository itself names. A Python that was worked out may be newer than a release that is pinned.
func (a *app) wheelFits(d dep, python detect.Value[string]) bool {
	if below(python.V, "3.6") {
		return false
	}
	pinned := d.from == detect.Locked && d.version != ""
	return !pinned || python.From == detect.Declared || python.From == detect.Locked
}
