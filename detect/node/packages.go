package node

import "github.com/drydock-cli/drydock/detect"

// native is a package that needs libraries or programs of the system.
type native struct {
	pack, name string   // name: what people call what it needs
	build, run []string // Debian packages; "python" stands for the Python that the Node's node-gyp wants
	why        string
}

// natives: sources are the installation sections of the packages' own documentation (README) on Debian and Ubuntu.
var natives = []native{
	{"canvas", "cairo", []string{"build-essential", "libcairo2-dev", "libpango1.0-dev", "libjpeg-dev", "libgif-dev", "librsvg2-dev", "pkg-config", "python"}, []string{"libcairo2", "libpango-1.0-0", "libpangocairo-1.0-0", "libjpeg62-turbo", "libgif7", "librsvg2-2"}, "canvas draws with Cairo"},
	{"gm", "graphicsmagick", nil, []string{"graphicsmagick"}, "gm calls GraphicsMagick"}, {"imagemagick", "imagemagick", nil, []string{"imagemagick"}, "it calls ImageMagick"}, {"easyimage", "imagemagick", nil, []string{"imagemagick"}, "it calls ImageMagick"}, {"imagemagick-native", "imagemagick", []string{"build-essential", "libmagick++-dev", "pkg-config", "python"}, []string{"libmagick++-6.q16-8"}, "it links ImageMagick"},
	{"fluent-ffmpeg", "ffmpeg", nil, []string{"ffmpeg"}, "fluent-ffmpeg calls FFmpeg"}, {"wkhtmltopdf", "wkhtmltopdf", nil, []string{"wkhtmltopdf"}, "it calls wkhtmltopdf"}, {"phantomjs", "phantomjs", nil, []string{"libfontconfig1"}, "PhantomJS needs fontconfig"}, {"phantomjs-prebuilt", "phantomjs", nil, []string{"libfontconfig1"}, "PhantomJS needs fontconfig"}, {"node-tesseract-ocr", "tesseract", nil, []string{"tesseract-ocr"}, "it calls Tesseract"}, {"textract", "poppler", nil, []string{"poppler-utils"}, "it calls pdftotext"}, {"pdf-image", "imagemagick", nil, []string{"imagemagick", "ghostscript", "poppler-utils"}, "it calls ImageMagick and Ghostscript"},
	{"puppeteer", "chromium", nil, []string{"chromium"}, "Puppeteer drives a browser"}, {"libreoffice-convert", "libreoffice", nil, []string{"libreoffice-core", "libreoffice-writer"}, "it calls LibreOffice"},
	{"node-sass", "python", []string{"build-essential", "python"}, nil, "node-sass is compiled where there is no binary for this Node"}, {"bcrypt", "python", []string{"build-essential", "python"}, nil, "bcrypt is compiled where there is no binary for this Node"}, {"argon2", "python", []string{"build-essential", "python"}, nil, "argon2 is compiled where there is no binary for this Node"},
	{"fibers", "python", []string{"build-essential", "python"}, nil, "fibers is compiled"}, {"sqlite3", "python", []string{"build-essential", "python"}, nil, "sqlite3 is compiled where there is no binary for this Node"}, {"better-sqlite3", "python", []string{"build-essential", "python"}, nil, "better-sqlite3 is compiled where there is no binary for this Node"}, {"bson-ext", "python", []string{"build-essential", "python"}, nil, "bson-ext is compiled"}, {"hiredis", "python", []string{"build-essential", "python"}, nil, "hiredis is compiled"}, {"ursa", "openssl", []string{"build-essential", "libssl-dev", "python"}, nil, "ursa links OpenSSL"}, {"deasync", "python", []string{"build-essential", "python"}, nil, "deasync is compiled"}, {"microtime", "python", []string{"build-essential", "python"}, nil, "microtime is compiled"}, {"zeromq", "zeromq", []string{"build-essential", "libzmq3-dev", "python"}, []string{"libzmq5"}, "it links ZeroMQ"}, {"zmq", "zeromq", []string{"build-essential", "libzmq3-dev", "pkg-config", "python"}, []string{"libzmq5"}, "it links ZeroMQ"},
	{"pg-native", "libpq", []string{"build-essential", "libpq-dev", "python"}, []string{"libpq5"}, "pg-native links libpq"}, {"libpq", "libpq", []string{"build-essential", "libpq-dev", "python"}, []string{"libpq5"}, "it links libpq"}, {"node-rdkafka", "rdkafka", []string{"build-essential", "libssl-dev", "libsasl2-dev", "zlib1g-dev", "python"}, []string{"libsasl2-2"}, "node-rdkafka compiles librdkafka"}, {"libxmljs", "libxml2", []string{"build-essential", "python"}, nil, "libxmljs is compiled where there is no binary for this Node"}, {"libxslt", "libxslt", []string{"build-essential", "libxslt1-dev", "python"}, []string{"libxslt1.1"}, "it links libxslt"}, {"node-expat", "expat", []string{"build-essential", "python"}, nil, "node-expat is compiled"}, {"kerberos", "krb5", []string{"build-essential", "libkrb5-dev", "python"}, []string{"libgssapi-krb5-2"}, "it links Kerberos"}, {"nodegit", "libgit2", []string{"build-essential", "libssl-dev", "libkrb5-dev", "python"}, []string{"libkrb5-3", "libgssapi-krb5-2"}, "nodegit links Kerberos"}, {"usb", "libusb", []string{"build-essential", "libudev-dev", "python"}, []string{"libudev1"}, "it talks to devices"}, {"serialport", "serialport", []string{"build-essential", "python"}, nil, "it talks to devices"}, {"iconv", "python", []string{"build-essential", "python"}, nil, "iconv is compiled"}, {"contextify", "python", []string{"build-essential", "python"}, nil, "contextify is compiled"}, {"bufferutil", "", nil, nil, ""}, {"opencv", "opencv", []string{"build-essential", "libopencv-dev", "python"}, nil, "it links OpenCV"}, {"mmmagic", "python", []string{"build-essential", "python"}, nil, "mmmagic is compiled"}, {"mmal", "", nil, nil, ""}, {"re2", "python", []string{"build-essential", "python"}, nil, "re2 is compiled where there is no binary for this Node"}, {"snappy", "python", []string{"build-essential", "python"}, nil, "snappy is compiled where there is no binary for this Node"}, {"leveldown", "python", []string{"build-essential", "python"}, nil, "leveldown is compiled where there is no binary for this Node"}, {"ibm_db", "libxml2", []string{"build-essential", "libxml2-dev", "python"}, []string{"libxml2"}, "ibm_db brings a driver that needs libxml2"}, {"oracledb", "libaio", nil, []string{"libaio1"}, "Oracle's client needs libaio"}, {"pm2-runtime", "", nil, nil, ""}, {"grpc", "python", []string{"build-essential", "python"}, nil, "grpc is compiled where there is no binary for this Node"},
}

// systemPackages lists what the packages need of the system. Those that only development installs count for the build.
func (p *project) systemPackages(nodeVersion string) []detect.SystemPackage {
	python := "python3"
	if v := major(nodeVersion); v >= 0 && v < 12 {
		python = "python"
	} else if v < 16 && v >= 0 {
		python = "python2"
	}
	var out []detect.SystemPackage
	for _, n := range natives {
		d, ok := p.dep(n.pack)
		if !ok || n.why == "" || d.group == "peerDependencies" {
			continue
		}
		s := detect.SystemPackage{Name: n.name, Why: n.why, Evidence: d.evidence}
		if n.name == "python" {
			s.Name = python
		}
		for _, b := range n.build {
			if b == "python" {
				b = python
			}
			s.Build = append(s.Build, b)
		}
		if d.runs() {
			s.Run = n.run
		}
		if len(s.Build)+len(s.Run) > 0 {
			out = append(out, s)
		}
	}
	return merged(out)
}

// merged joins entries of one name.
func merged(list []detect.SystemPackage) []detect.SystemPackage {
	var out []detect.SystemPackage
	at := map[string]int{}
	for _, s := range list {
		if i, ok := at[s.Name]; ok {
			out[i].Why += "; " + s.Why
			out[i].Evidence = append(out[i].Evidence, s.Evidence...)
			continue
		}
		at[s.Name] = len(out)
		out = append(out, s)
	}
	return out
}
