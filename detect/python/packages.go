package python

import (
	"github.com/drydock-cli/drydock/detect"
)

// library is the Debian packages that a Python package needs where its wheel does not bring them.
type library struct {
	deps       []string
	name       string
	build, run []string
	why        string
}

// libraries. Sources: each package's own installation page; names from packages.debian.org, bullseye to trixie.
var libraries = []library{
	{[]string{"psycopg2", "psycopg", "psycopg2cffi"}, "libpq", []string{"gcc", "libc6-dev", "libpq-dev"}, []string{"libpq5"}, "it compiles against PostgreSQL's client library"},
	{[]string{"mysqlclient", "mysql-python", "oursql"}, "mysqlclient", []string{"gcc", "libc6-dev", "default-libmysqlclient-dev", "pkg-config"}, []string{"libmariadb3"}, "it compiles against MySQL's client library"},
	{[]string{"python-ldap", "django-auth-ldap", "pyldap"}, "libldap", []string{"gcc", "libc6-dev", "libldap2-dev", "libsasl2-dev"}, []string{"libldap2-dev", "libsasl2-2"}, "it compiles against OpenLDAP"},
	{[]string{"lxml", "xmlsec", "python3-saml", "scrapy", "premailer"}, "libxml2", []string{"gcc", "libc6-dev", "libxml2-dev", "libxslt1-dev", "zlib1g-dev"}, []string{"libxml2", "libxslt1.1"}, "it compiles against libxml2 and libxslt when no wheel fits"},
	{[]string{"xmlsec", "python3-saml", "dm-xmlsec-binding"}, "xmlsec1", []string{"gcc", "libc6-dev", "libxmlsec1-dev", "pkg-config"}, []string{"libxmlsec1", "libxmlsec1-openssl"}, "it compiles against XML Security"},
	{[]string{"pillow", "pil", "easy-thumbnails", "sorl-thumbnail"}, "libjpeg", []string{"gcc", "libc6-dev", "libjpeg-dev", "zlib1g-dev", "libfreetype6-dev"}, []string{"libjpeg62-turbo", "libfreetype6"}, "it compiles against image libraries when no wheel fits"},
	{[]string{"cairocffi", "cairosvg", "weasyprint", "pycairo"}, "libcairo2", []string{"gcc", "libc6-dev", "libcairo2-dev", "libffi-dev", "pkg-config"}, []string{"libcairo2", "libpango-1.0-0", "libpangocairo-1.0-0"}, "it draws with Cairo"},
	{[]string{"cffi", "bcrypt", "argon2-cffi", "pynacl", "cryptography", "pyopenssl"}, "libffi", []string{"gcc", "libc6-dev", "libffi-dev", "libssl-dev"}, nil, "it compiles against libffi and OpenSSL when no wheel fits"},
	{[]string{"python-memcached-sasl", "pylibmc"}, "libmemcached", []string{"gcc", "libc6-dev", "libmemcached-dev", "zlib1g-dev"}, []string{"libmemcached11"}, "it compiles against libmemcached"},
	{[]string{"pycurl"}, "libcurl", []string{"gcc", "libc6-dev", "libcurl4-openssl-dev", "libssl-dev"}, []string{"libcurl4"}, "it compiles against libcurl"},
	{[]string{"pyodbc", "django-pyodbc-azure", "mssql-django"}, "unixodbc", []string{"gcc", "g++", "libc6-dev", "unixodbc-dev"}, []string{"unixodbc"}, "it talks ODBC"},
	{[]string{"pymssql"}, "freetds", []string{"gcc", "libc6-dev", "freetds-dev"}, []string{"libsybdb5"}, "it compiles against FreeTDS"},
	{[]string{"gdal", "fiona", "rasterio", "geodjango"}, "gdal", []string{"gcc", "g++", "libc6-dev", "libgdal-dev"}, []string{"gdal-bin"}, "it compiles against GDAL"},
	{[]string{"shapely"}, "libgeos", []string{"gcc", "libc6-dev", "libgeos-dev"}, []string{"libgeos-c1v5"}, "it compiles against GEOS"},
	{[]string{"python-magic", "filemagic"}, "libmagic1", nil, []string{"libmagic1"}, "it loads libmagic"},
	{[]string{"wand"}, "imagemagick", nil, []string{"libmagickwand-dev"}, "it loads MagickWand"},
	{[]string{"pdfkit", "django-wkhtmltopdf", "imgkit"}, "wkhtmltopdf", nil, []string{"wkhtmltopdf"}, "it calls wkhtmltopdf"},
	{[]string{"pytesseract", "tesserocr"}, "tesseract-ocr", nil, []string{"tesseract-ocr"}, "it calls Tesseract"},
	{[]string{"pdf2image", "pdftotext"}, "poppler-utils", nil, []string{"poppler-utils"}, "it calls Poppler's programs"},
	{[]string{"pydub", "ffmpeg-python", "moviepy"}, "ffmpeg", nil, []string{"ffmpeg"}, "it calls FFmpeg"},
	{[]string{"opencv-python", "opencv-contrib-python"}, "libgl1", nil, []string{"libgl1", "libglib2.0-0"}, "OpenCV loads OpenGL's library"},
	{[]string{"uwsgi", "pyuwsgi"}, "gcc", []string{"gcc", "libc6-dev"}, nil, "uWSGI is compiled where it is installed"},
	{[]string{"gevent", "greenlet", "eventlet", "twisted", "ujson", "simplejson", "regex", "numpy", "pandas", "scipy", "mysql-connector-c", "hiredis", "msgpack", "markupsafe", "pyyaml", "typed-ast", "backports-zoneinfo"}, "gcc", []string{"gcc", "g++", "libc6-dev"}, nil, "it has parts in C that are compiled when no wheel fits"},
	{[]string{"pygraphviz"}, "graphviz", []string{"gcc", "libc6-dev", "libgraphviz-dev", "pkg-config"}, []string{"graphviz"}, "it compiles against Graphviz"},
	{[]string{"m2crypto"}, "openssl", []string{"gcc", "libc6-dev", "libssl-dev", "swig"}, []string{"openssl"}, "it compiles against OpenSSL"},
	{[]string{"h5py"}, "hdf5", []string{"gcc", "libc6-dev", "libhdf5-dev", "pkg-config"}, []string{"libhdf5-dev"}, "it compiles against HDF5 when no wheel fits"},
	{[]string{"kerberos", "gssapi", "pykerberos", "requests-kerberos"}, "libkrb5", []string{"gcc", "libc6-dev", "libkrb5-dev"}, []string{"libgssapi-krb5-2"}, "it compiles against Kerberos"},
}

// systemPackages are the Debian packages that the dependencies need.
func (a *app) systemPackages() []detect.SystemPackage {
	var out []detect.SystemPackage
	have := map[string]bool{}
	for _, l := range libraries {
		for _, name := range l.deps {
			d, ok := a.has(name)
			if !ok || have[l.name] {
				continue
			}
			have[l.name] = true
			out = append(out, detect.SystemPackage{Name: l.name, Build: l.build, Run: l.run, Why: name + ": " + l.why, Evidence: d.evidence})
		}
	}
	if a.framework.V == "django" && (len(a.dir.Glob("**/LC_MESSAGES/*.po")) > 0) && len(a.dir.Glob("**/LC_MESSAGES/*.mo")) == 0 {
		po := a.dir.Glob("**/LC_MESSAGES/*.po")[0]
		if f, err := a.dir.Read(po); err == nil {
			out = append(out, detect.SystemPackage{Name: "gettext", Build: []string{"gettext"}, Why: "translations are compiled with gettext", Evidence: []detect.Evidence{f.Evidence(0)}})
		}
	}
	return out
}
