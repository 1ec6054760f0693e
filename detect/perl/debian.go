package perl

import (
	"slices"
	"strings"
	"sync"

	"github.com/drydock-cli/drydock/detect"
)

// debianModules names the Debian package of a module. They serve programs that say nothing about versions: CGI programs
// without a cpanfile, which have always run with the modules of the server's system. Source: the packages of Debian 12
// and 13; every name is there in both.
var debianModules = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"Apache::Htpasswd": "libapache-htpasswd-perl", "Apache::Session": "libapache-session-perl", "AppConfig": "libappconfig-perl",
		"Archive::Zip": "libarchive-zip-perl", "Authen::Captcha": "libauthen-captcha-perl", "Authen::PAM": "libauthen-pam-perl",
		"Authen::SASL": "libauthen-sasl-perl", "BerkeleyDB": "libberkeleydb-perl", "Business::CreditCard": "libbusiness-creditcard-perl",
		"Business::ISBN": "libbusiness-isbn-perl", "CGI": "libcgi-pm-perl", "CGI::Application": "libcgi-application-perl",
		"CGI::Compile": "libcgi-compile-perl", "CGI::Emulate::PSGI": "libcgi-emulate-psgi-perl", "CGI::Fast": "libcgi-fast-perl",
		"CGI::FormBuilder": "libcgi-formbuilder-perl", "CGI::Session": "libcgi-session-perl", "CGI::Simple": "libcgi-simple-perl",
		"CGI::Untaint": "libcgi-untaint-perl", "CHI": "libchi-perl", "Cache::Cache": "libcache-cache-perl", "Cache::FastMmap": "libcache-fastmmap-perl",
		"Cache::Memcached": "libcache-memcached-perl", "Cache::Memcached::Fast": "libcache-memcached-fast-perl",
		"Class::Accessor": "libclass-accessor-perl", "Class::DBI": "libclass-dbi-perl", "Class::Singleton": "libclass-singleton-perl",
		"Clone": "libclone-perl", "Config::General": "libconfig-general-perl", "Config::IniFiles": "libconfig-inifiles-perl",
		"Config::Simple": "libconfig-simple-perl", "Config::Tiny": "libconfig-tiny-perl", "Cpanel::JSON::XS": "libcpanel-json-xs-perl",
		"Crypt::Blowfish": "libcrypt-blowfish-perl", "Crypt::CBC": "libcrypt-cbc-perl", "Crypt::DES": "libcrypt-des-perl",
		"Crypt::Eksblowfish": "libcrypt-eksblowfish-perl", "Crypt::OpenSSL::RSA": "libcrypt-openssl-rsa-perl",
		"Crypt::PasswdMD5": "libcrypt-passwdmd5-perl", "Crypt::Rijndael": "libcrypt-rijndael-perl", "Crypt::SSLeay": "libcrypt-ssleay-perl",
		"CryptX": "libcryptx-perl", "DBD::CSV": "libdbd-csv-perl", "DBD::MariaDB": "libdbd-mariadb-perl", "DBD::ODBC": "libdbd-odbc-perl",
		"DBD::Pg": "libdbd-pg-perl", "DBD::SQLite": "libdbd-sqlite3-perl", "DBD::Sybase": "libdbd-sybase-perl", "DBD::mysql": "libdbd-mysql-perl",
		"DBI": "libdbi-perl", "DBIx::Class": "libdbix-class-perl", "DBIx::Simple": "libdbix-simple-perl", "DBM::Deep": "libdbm-deep-perl",
		"Data::Dump": "libdata-dump-perl", "Data::Page": "libdata-page-perl", "Data::UUID": "libdata-uuid-perl", "Date::Calc": "libdate-calc-perl",
		"Date::Format": "libtimedate-perl", "Date::Manip": "libdate-manip-perl", "Date::Parse": "libtimedate-perl", "Date::Simple": "libdate-simple-perl",
		"DateTime": "libdatetime-perl", "DateTime::Format::ISO8601": "libdatetime-format-iso8601-perl",
		"DateTime::Format::MySQL": "libdatetime-format-mysql-perl", "DateTime::Format::Pg": "libdatetime-format-pg-perl",
		"DateTime::Format::Strptime": "libdatetime-format-strptime-perl", "DateTime::TimeZone": "libdatetime-timezone-perl",
		"Digest::HMAC": "libdigest-hmac-perl", "Digest::HMAC_SHA1": "libdigest-hmac-perl", "Email::Address": "libemail-address-perl",
		"Email::MIME": "libemail-mime-perl", "Email::Sender": "libemail-sender-perl", "Email::Sender::Simple": "libemail-sender-perl",
		"Email::Simple": "libemail-simple-perl", "Email::Valid": "libemail-valid-perl", "Error": "liberror-perl",
		"Excel::Writer::XLSX": "libexcel-writer-xlsx-perl", "Exception::Class": "libexception-class-perl", "FCGI": "libfcgi-perl",
		"FCGI::ProcManager": "libfcgi-procmanager-perl", "File::Find::Rule": "libfile-find-rule-perl", "File::LibMagic": "libfile-libmagic-perl",
		"File::MMagic": "libfile-mmagic-perl", "File::ReadBackwards": "libfile-readbackwards-perl", "File::Slurp": "libfile-slurp-perl",
		"File::Slurper": "libfile-slurper-perl", "File::Which": "libfile-which-perl", "GD": "libgd-perl", "GD::Graph": "libgd-graph-perl",
		"GD::SecurityImage": "libgd-securityimage-perl", "GD::Text": "libgd-text-perl", "Geo::IP": "libgeo-ip-perl", "Graph": "libgraph-perl",
		"GraphViz": "libgraphviz-perl", "HTML::Entities": "libhtml-parser-perl", "HTML::FillInForm": "libhtml-fillinform-perl",
		"HTML::Mason": "libhtml-mason-perl", "HTML::Parser": "libhtml-parser-perl", "HTML::Scrubber": "libhtml-scrubber-perl",
		"HTML::TableExtract": "libhtml-tableextract-perl", "HTML::Tagset": "libhtml-tagset-perl", "HTML::Template": "libhtml-template-perl",
		"HTML::Tidy": "libhtml-tidy-perl", "HTML::TokeParser": "libhtml-parser-perl", "HTML::TreeBuilder": "libhtml-tree-perl",
		"HTTP::BrowserDetect": "libhttp-browserdetect-perl", "HTTP::Cookies": "libhttp-cookies-perl", "HTTP::Daemon": "libhttp-daemon-perl",
		"HTTP::Date": "libhttp-date-perl", "HTTP::Headers": "libhttp-message-perl", "HTTP::Request": "libhttp-message-perl",
		"HTTP::Request::Common": "libhttp-message-perl", "HTTP::Response": "libhttp-message-perl", "HTTP::Status": "libhttp-message-perl",
		"Hash::Merge": "libhash-merge-perl", "IO::All": "libio-all-perl", "IO::Socket::SSL": "libio-socket-ssl-perl", "IO::String": "libio-string-perl",
		"IPC::Run": "libipc-run-perl", "IPC::Run3": "libipc-run3-perl", "Image::ExifTool": "libimage-exiftool-perl", "Image::Info": "libimage-info-perl",
		"Image::Magick": "perlmagick", "Image::Size": "libimage-size-perl", "Imager": "libimager-perl", "Inline": "libinline-perl", "JSON": "libjson-perl",
		"JSON::MaybeXS": "libjson-maybexs-perl", "JSON::XS": "libjson-xs-perl", "LWP": "libwww-perl", "LWP::Protocol::https": "liblwp-protocol-https-perl",
		"LWP::Simple": "libwww-perl", "LWP::UserAgent": "libwww-perl", "Lingua::Stem": "liblingua-stem-perl", "List::MoreUtils": "liblist-moreutils-perl",
		"Locale::Maketext::Lexicon": "liblocale-maketext-lexicon-perl", "Log::Any": "liblog-any-perl", "Log::Dispatch": "liblog-dispatch-perl",
		"Log::Log4perl": "liblog-log4perl-perl", "MIME::Entity": "libmime-tools-perl", "MIME::Lite": "libmime-lite-perl",
		"MIME::Parser": "libmime-tools-perl", "MIME::Types": "libmime-types-perl", "MIME::Words": "libmime-tools-perl", "MLDBM": "libmldbm-perl",
		"Mail::Address": "libmailtools-perl", "Mail::IMAPClient": "libmail-imapclient-perl", "Mail::Internet": "libmailtools-perl",
		"Mail::Mailer": "libmailtools-perl", "Mail::Send": "libmailtools-perl", "Mail::Sendmail": "libmail-sendmail-perl",
		"Math::Round": "libmath-round-perl", "MongoDB": "libmongodb-perl", "Moo": "libmoo-perl", "Moose": "libmoose-perl", "Mouse": "libmouse-perl",
		"Net::DNS": "libnet-dns-perl", "Net::IP": "libnet-ip-perl", "Net::LDAP": "libnet-ldap-perl", "Net::OpenSSH": "libnet-openssh-perl",
		"Net::SNMP": "libnet-snmp-perl", "Net::SSH2": "libnet-ssh2-perl", "Net::SSLeay": "libnet-ssleay-perl", "Net::Telnet": "libnet-telnet-perl",
		"NetAddr::IP": "libnetaddr-ip-perl", "Number::Format": "libnumber-format-perl", "PDF::API2": "libpdf-api2-perl",
		"Params::Validate": "libparams-validate-perl", "Path::Class": "libpath-class-perl", "Path::Tiny": "libpath-tiny-perl", "Plack": "libplack-perl",
		"Proc::Daemon": "libproc-daemon-perl", "Proc::ProcessTable": "libproc-processtable-perl", "RRDs": "librrds-perl", "Readonly": "libreadonly-perl",
		"Redis": "libredis-perl", "Regexp::Common": "libregexp-common-perl", "SOAP::Lite": "libsoap-lite-perl", "Search::Xapian": "libsearch-xapian-perl",
		"Sort::Naturally": "libsort-naturally-perl", "Sort::Versions": "libsort-versions-perl", "Spreadsheet::ParseExcel": "libspreadsheet-parseexcel-perl",
		"Spreadsheet::WriteExcel": "libspreadsheet-writeexcel-perl", "Spreadsheet::XLSX": "libspreadsheet-xlsx-perl", "Starman": "starman",
		"String::Random": "libstring-random-perl", "Sys::Hostname::Long": "libsys-hostname-long-perl", "Template": "libtemplate-perl",
		"Term::ReadKey": "libterm-readkey-perl", "Text::Autoformat": "libtext-autoformat-perl", "Text::CSV": "libtext-csv-perl",
		"Text::CSV_XS": "libtext-csv-xs-perl", "Text::Diff": "libtext-diff-perl", "Text::Iconv": "libtext-iconv-perl",
		"Text::Markdown": "libtext-markdown-perl", "Text::Table": "libtext-table-perl", "Text::Template": "libtext-template-perl",
		"Text::Unidecode": "libtext-unidecode-perl", "Tie::IxHash": "libtie-ixhash-perl", "Time::Duration": "libtime-duration-perl", "Tk": "perl-tk",
		"Try::Tiny": "libtry-tiny-perl", "URI": "liburi-perl", "URI::Escape": "liburi-perl", "URI::URL": "liburi-perl", "UUID": "libuuid-perl",
		"Unicode::Map8": "libunicode-map8-perl", "Unicode::String": "libunicode-string-perl", "WWW::Curl": "libwww-curl-perl",
		"WWW::Mechanize": "libwww-mechanize-perl", "XML::DOM": "libxml-dom-perl", "XML::Feed": "libxml-feed-perl", "XML::LibXML": "libxml-libxml-perl",
		"XML::LibXSLT": "libxml-libxslt-perl", "XML::Parser": "libxml-parser-perl", "XML::RSS": "libxml-rss-perl", "XML::SAX": "libxml-sax-perl",
		"XML::Simple": "libxml-simple-perl", "XML::Twig": "libxml-twig-perl", "XML::Writer": "libxml-writer-perl", "XML::XPath": "libxml-xpath-perl",
		"XMLRPC::Lite": "libxmlrpc-lite-perl", "YAML": "libyaml-perl", "YAML::Syck": "libyaml-syck-perl", "YAML::Tiny": "libyaml-tiny-perl",
		"YAML::XS": "libyaml-libyaml-perl",
	}
})

// coreModules come with Perl itself. Source: Module::CoreList for Perl 5.36.
var coreModules = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, name := range strings.Fields(`
		AnyDBM_File Archive::Tar Attribute::Handlers AutoLoader AutoSplit Benchmark CPAN Carp Carp::Heavy Class::Struct Compress::Zlib Config Cwd DB DB_File
		Data::Dumper Devel::Peek Digest Digest::MD5 Digest::SHA DirHandle Dumpvalue DynaLoader Encode Encode::Encoding Encode::Guess English Env Errno
		Exporter Exporter::Heavy ExtUtils::MakeMaker Fatal Fcntl File::Basename File::Compare File::Copy File::Fetch File::Find File::Glob File::Path
		File::Spec File::Spec::Functions File::Temp File::stat FileCache FileHandle Filter::Simple Filter::Util::Call FindBin GDBM_File Getopt::Long
		Getopt::Std HTTP::Tiny Hash::Util I18N::LangTags I18N::Langinfo IO IO::Compress::Deflate IO::Compress::Gzip IO::Compress::Zip IO::Dir IO::File
		IO::Handle IO::Pipe IO::Poll IO::Seekable IO::Select IO::Socket IO::Socket::INET IO::Socket::IP IO::Socket::UNIX IO::Uncompress::Gunzip
		IO::Uncompress::Inflate IO::Uncompress::Unzip IO::Zlib IPC::Cmd IPC::Msg IPC::Open2 IPC::Open3 IPC::Semaphore IPC::SharedMem IPC::SysV JSON::PP
		List::Util Locale::Maketext MIME::Base64 MIME::QuotedPrint Math::BigFloat Math::BigInt Math::BigRat Math::Complex Math::Trig Memoize
		Module::CoreList Module::Load Module::Load::Conditional Module::Loaded Module::Metadata NDBM_File NEXT Net::Cmd Net::Config Net::Domain Net::FTP
		Net::NNTP Net::Netrc Net::POP3 Net::Ping Net::SMTP Net::hostent ODBM_File Opcode POSIX Params::Check PerlIO PerlIO::encoding PerlIO::scalar
		PerlIO::via Pod::Html Pod::Text Pod::Usage SDBM_File Safe Scalar::Util Search::Dict SelectSaver SelfLoader Socket Storable Sub::Util Symbol
		Sys::Hostname Sys::Syslog Term::ANSIColor Term::Cap Term::Complete Term::ReadLine Test::Harness Test::More Test::Simple Text::Abbrev Text::Balanced
		Text::ParseWords Text::Tabs Text::Wrap Thread::Queue Thread::Semaphore Tie::Array Tie::File Tie::Handle Tie::Hash Tie::RefHash Tie::Scalar
		Time::HiRes Time::Local Time::Piece Time::Seconds Time::gmtime Time::localtime UNIVERSAL Unicode::Collate Unicode::Normalize Unicode::UCD
		User::grent User::pwent XSLoader`) {
		out[name] = true
	}
	return out
})

// strange is a module that the code loads and that neither Perl nor the application brings.
type strange struct {
	name string
	at   detect.Evidence
	late bool // no program loads it as it starts
}

// foreignModules are the strange modules of the programs that serve and of what these load, sorted. What other programs of
// the repository load (tools, tests of an installation) is not needed.
func (a *app) foreignModules() []strange {
	if a.strange != nil {
		return a.strange
	}
	found := map[string]*strange{}
	for _, s := range a.reachable() {
		for _, u := range s.uses {
			if !a.foreign(u.module) {
				continue
			}
			if have := found[u.module]; have == nil {
				found[u.module] = &strange{u.module, s.file.Evidence(u.line), u.late}
			} else if have.late && !u.late {
				have.at, have.late = s.file.Evidence(u.line), false
			}
		}
	}
	a.strange = []strange{}
	for _, x := range found {
		a.strange = append(a.strange, *x)
	}
	slices.SortFunc(a.strange, func(x, y strange) int { return strings.Compare(x.name, y.name) })
	return a.strange
}

// reachable are the programs that serve, and the application's own modules that they load, in the order in which they are
// found.
func (a *app) reachable() []*source {
	byModule, byTail := map[string]*source{}, map[string]*source{}
	for _, s := range a.ownModules() {
		m := moduleOf(s.name)
		if byModule[m] == nil {
			byModule[m] = s
		}
		for _, t := range tails(m) {
			if byTail[t] == nil {
				byTail[t] = s
			}
		}
	}
	var queue []*source
	seen := map[*source]bool{}
	push := func(s *source) {
		if s != nil && !seen[s] {
			seen[s] = true
			queue = append(queue, s)
		}
	}
	for _, name := range append(slices.Clone(a.files.psgi), a.files.cgi...) {
		push(a.byName[name])
	}
	if len(queue) == 0 {
		for _, name := range a.files.scripts {
			if top, _, _ := strings.Cut(name, "/"); !makerDirs[top] {
				push(a.byName[name])
			}
		}
	}
	for i := 0; i < len(queue); i++ {
		for _, u := range queue[i].uses {
			push(byModule[u.module])
			push(byTail[u.module])
		}
	}
	slices.SortFunc(queue, func(x, y *source) int { return strings.Compare(x.name, y.name) })
	return queue
}

func (a *app) foreign(name string) bool {
	if coreModules()[name] || name[0] >= 'a' && name[0] <= 'z' || a.files.own[name] || strings.HasPrefix(name, "Apache2::") || strings.HasPrefix(name, "Apache::") && debianModules()[name] == "" {
		return false
	}
	return !a.files.own[name] && !a.files.tails[name] // the root of the modules may be another directory than lib
}

// drivers adds the modules of databases that the code names only in a data source name.
var drivers = map[string]string{"postgresql": "DBD::Pg", "mysql": "DBD::mysql", "sqlite": "DBD::SQLite"}

// packaged parts the modules that programs without a cpanfile load into those that Debian's packages bring, as packages of
// the image, and those that come from CPAN.
func (a *app) packaged() (debian []detect.SystemPackage, cpan []string, ev []detect.Evidence) {
	names := slices.Clone(a.foreignModules())
	for _, c := range a.connections() {
		if d := drivers[c.kind]; d != "" && !slices.ContainsFunc(names, func(x strange) bool { return x.name == d }) {
			names = append(names, strange{d, c.evidence, false})
		}
	}
	slices.SortFunc(names, func(x, y strange) int { return strings.Compare(x.name, y.name) })
	for _, x := range names {
		p := debianModules()[x.name]
		switch i := slices.IndexFunc(debian, func(s detect.SystemPackage) bool { return s.Name == p }); {
		case p == "" && x.late: // it may belong to another program, or be of use only to some
		case p == "":
			cpan, ev = append(cpan, x.name), append(ev, x.at)
		case i >= 0:
			debian[i].Evidence = append(debian[i].Evidence, x.at)
		default:
			debian = append(debian, detect.SystemPackage{Name: p, Run: []string{p}, Why: "the code loads " + x.name, Evidence: []detect.Evidence{x.at}})
		}
	}
	return debian, cpan, ev[:min(len(ev), 5)]
}
