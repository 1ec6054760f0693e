package remedy

import (
	"path"
	"slices"
	"strings"

	"github.com/drydock-cli/drydock/plan"
)

// unlocked installs what the manifest says where the lock file says something else: the other form of the same package manager's command.
func unlocked(p *plan.Plan, c *plan.Component, _ Symptom, _ []string) []Change {
	var out []Change
	for _, fact := range []string{"facts.installCommand", "facts.productionInstall"} {
		old := value(p, fieldPath(c, fact))
		command := strings.NewReplacer(
			"npm ci", "npm install", "pnpm install --frozen-lockfile", "pnpm install --no-frozen-lockfile",
			"yarn install --immutable", "yarn install --no-immutable", " --frozen-lockfile", "",
		).Replace(old)
		if command != old {
			out = append(out, Change{fieldPath(c, fact), command})
		}
	}
	if len(out) == 0 && value(p, fieldPath(c, "facts.frontendLockfile")) != "" {
		out = append(out, Change{fieldPath(c, "facts.frontendLockfile"), ""})
	}
	return out
}

// withoutLock resolves anew where the lock file was made on another system and leaves out what this one needs.
func withoutLock(p *plan.Plan, c *plan.Component, _ Symptom, _ []string) []Change {
	var out []Change
	for _, fact := range []string{"facts.installCommand", "facts.productionInstall"} {
		old := value(p, fieldPath(c, fact))
		if !strings.HasPrefix(old, "npm ") {
			continue
		}
		out = append(out, Change{fieldPath(c, fact), "rm -f package-lock.json && " + strings.Replace(old, "npm ci", "npm install", 1)})
	}
	return out
}

// outputs are the directories in which builds leave files for a browser, the commonest first.
var outputs = []string{"dist", "build", "public", "www", "out", "_site", "site"}

// output looks for what the build left in the next of the usual directories.
func output(p *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	at := value(p, fieldPath(c, "facts.output"))
	if at == "" || !strings.HasSuffix(strings.TrimRight(captured(match), "/"), path.Base(at)) {
		return nil
	}
	next := outputs[(slices.Index(outputs, path.Base(at))+1)%len(outputs)]
	return []Change{{fieldPath(c, "facts.output"), path.Join(path.Dir(at), next)}}
}

// globalTools are tools that scripts of package.json call and that their authors had installed for the whole machine, with a version
// that runs on every Node since 10.
var globalTools = map[string]string{
	"gulp": "gulp-cli@2", "grunt": "grunt-cli@1", "bower": "bower@1", "rimraf": "rimraf@3", "cross-env": "cross-env@7", "webpack": "webpack-cli@4",
	"tsc": "typescript@4", "ng": "@angular/cli@8", "ember": "ember-cli@3", "browserify": "browserify@16", "lerna": "lerna@3", "babel": "@babel/cli@7",
	"forever": "forever@3", "pm2": "pm2@4", "nodemon": "nodemon@2", "mkdirp": "mkdirp@1", "npm-run-all": "npm-run-all@4", "run-s": "npm-run-all@4",
	"run-p": "npm-run-all@4", "concurrently": "concurrently@5", "node-sass": "node-sass@4", "sass": "sass@1", "lessc": "less@3", "uglifyjs": "uglify-js@3",
	"json": "json@10", "copyfiles": "copyfiles@2", "ncp": "ncp@2", "shx": "shx@0.3", "vue-cli-service": "@vue/cli-service@4", "parcel": "parcel-bundler@1",
	"ts-node": "ts-node@8", "coffee": "coffeescript@2", "pug": "pug-cli@1",
}

// globalTool installs such a tool beside the package manager.
func globalTool(p *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	tool := globalTools[captured(match)]
	if tool == "" || c.Stack != "node" {
		return nil
	}
	install := "npm install --global " + tool
	if setup := value(p, fieldPath(c, "facts.packageManagerSetup")); setup != "" {
		install = setup + " && " + install
	}
	return []Change{{fieldPath(c, "facts.packageManagerSetup"), install}}
}

// selfLink lets a package find itself under its own name, as it does where it is installed as a package. That the name is its own is
// seen where it is built.
func selfLink(p *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	name := captured(match)
	if !packageName().MatchString(name) {
		return nil
	}
	link := `node -e 'var n = "` + name + `", f = require("fs"), p = "node_modules/" + n; ` +
		`if (require("./package.json").name === n) { if (n[0] === "@") try { f.mkdirSync("node_modules/" + n.split("/")[0]) } catch (e) {} f.symlinkSync(process.cwd(), p) }'`
	path := fieldPath(c, "facts.afterInstall")
	switch old := value(p, path); {
	case strings.Contains(old, "symlinkSync"):
		return nil
	case old != "":
		link = old + " && " + link
	}
	return []Change{{path, link}}
}

var packageName = lazy(`^(?:@[a-z0-9][\w.-]*/)?[a-z0-9][\w.-]*$`)

// phpExtensions are the extensions of functions by how these begin, and of classes.
var phpExtensions = []struct{ begins, extension string }{
	{"mysqli_", "mysqli"}, {"mysql_", "mysql"}, {"pg_", "pgsql"}, {"image", "gd"}, {"gd_", "gd"}, {"bc", "bcmath"}, {"ldap_", "ldap"}, {"imap_", "imap"},
	{"gmp_", "gmp"}, {"exif_", "exif"}, {"pcntl_", "pcntl"}, {"socket_", "sockets"}, {"bz", "bz2"}, {"mcrypt_", "mcrypt"}, {"apcu_", "apcu"}, {"memcache_", "memcache"},
	{"bindtextdomain", "gettext"}, {"gettext", "gettext"}, {"textdomain", "gettext"}, {"ngettext", "gettext"}, {"_", "gettext"}, {"cal_days_in_month", "calendar"},
	{"easter_", "calendar"}, {"jdto", "calendar"}, {"xmlrpc_", "xmlrpc"}, {"tidy_", "tidy"}, {"snmp", "snmp"}, {"ssh2_", "ssh2"}, {"gnupg_", "gnupg"}, {"yaml_", "yaml"},
	{"pspell_", "pspell"}, {"shmop_", "shmop"}, {"sem_", "sysvsem"}, {"shm_", "sysvshm"}, {"msg_", "sysvmsg"}, {"igbinary_", "igbinary"}, {"intl_", "intl"},
	{"numfmt_", "intl"}, {"collator_", "intl"}, {"idn_to_", "intl"}, {"zip_", "zip"},
	{"ZipArchive", "zip"}, {"SoapClient", "soap"}, {"SoapServer", "soap"}, {"XSLTProcessor", "xsl"}, {"Redis", "redis"}, {"Imagick", "imagick"}, {"Memcached", "memcached"},
	{"Memcache", "memcache"}, {"MongoDB\\", "mongodb"}, {"AMQP", "amqp"}, {"NumberFormatter", "intl"}, {"IntlDateFormatter", "intl"}, {"Collator", "intl"}, {"Locale", "intl"},
	{"Normalizer", "intl"}, {"MessageFormatter", "intl"}, {"tidy", "tidy"}, {"FFI", "ffi"}, {"mysqli", "mysqli"},
}

// phpExtension adds the extension that has a function or a class, or that is named.
func phpExtension(p *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	name := strings.TrimPrefix(captured(match), "\\")
	extension := ""
	if rest, ok := strings.CutPrefix(name, "ext-"); ok {
		extension = strings.ToLower(rest)
	}
	for _, x := range phpExtensions {
		if extension == "" && strings.HasPrefix(name, x.begins) && (x.begins != "_" || name == "_") {
			extension = x.extension
		}
	}
	return addExtension(p, c, extension)
}

func addExtension(p *plan.Plan, c *plan.Component, extension string) []Change {
	if extension == "" {
		return nil
	}
	if ch, ok := worded(p, fieldPath(c, "facts.extensions"), extension); ok {
		return []Change{ch}
	}
	return nil
}

// phpDriver adds PDO's driver of the database that is started beside the application.
func phpDriver(p *plan.Plan, c *plan.Component, _ Symptom, _ []string) []Change {
	switch {
	case serviceOf(p, c, "postgresql") != nil:
		return addExtension(p, c, "pdo_pgsql")
	case serviceOf(p, c, "mysql", "mariadb") != nil:
		return addExtension(p, c, "pdo_mysql")
	}
	return nil
}

// pythonDrivers are the packages of the drivers that modules are of. Wheels, where there are any: nothing has to be compiled.
var pythonDrivers = map[string]string{
	"psycopg2": "psycopg2-binary", "MySQLdb": "mysqlclient", "pymysql": "PyMySQL", "redis": "redis", "pymongo": "pymongo", "psycopg": "psycopg[binary]",
	"pymemcache": "pymemcache", "pylibmc": "pylibmc", "memcache": "python-memcached", "gunicorn": "gunicorn", "uwsgi": "uwsgi", "waitress": "waitress", "whitenoise": "whitenoise",
	"gevent": "gevent", "eventlet": "eventlet", "tornado": "tornado", "uvicorn": "uvicorn", "celery": "celery", "dj_database_url": "dj-database-url", "six": "six",
	"mysql": "mysql-connector-python", "cx_Oracle": "cx_Oracle", "pyodbc": "pyodbc", "future": "future", "yaml": "PyYAML", "dotenv": "python-dotenv",
}

// pythonDriver installs what only the machines of its authors had: drivers and servers that settings name and requirements do not.
func pythonDriver(p *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	wanted := pythonDrivers[captured(match)]
	if wanted == "psycopg2-binary" && value(p, fieldPath(c, "framework")) == "django" && strings.HasPrefix(value(p, fieldPath(c, "frameworkVersion")), "2.") {
		wanted = "psycopg2-binary<2.9" // 2.9 returns another time zone than Django before 3.0 takes
	}
	if wanted == "" {
		return nil
	}
	if ch, ok := worded(p, fieldPath(c, "facts.server"), wanted); ok {
		return []Change{ch}
	}
	return nil
}

// runtimeFiles brings a directory that a program reads into the image beside it.
func runtimeFiles(p *plan.Plan, c *plan.Component, _ Symptom, match []string) []Change {
	dir, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(captured(match), "/app/"), "./"), "/")
	if dir == "" || dir == "." || dir == ".." || !plainFile().MatchString(dir) {
		return nil
	}
	if ch, ok := worded(p, fieldPath(c, "facts.runtimeFiles"), dir); ok {
		return []Change{ch}
	}
	return nil
}

var plainFile = lazy(`^[\w][\w.-]*$`)

// allowedHosts lets a framework answer under every name where a variable of the application says under which it does.
func allowedHosts(_ *plan.Plan, c *plan.Component, _ Symptom, _ []string) []Change {
	for _, e := range c.Env {
		if strings.Contains(e.Name, "ALLOWED_HOST") || strings.Contains(e.Name, "TRUSTED_HOST") {
			return []Change{{fieldPath(c, "env."+e.Name), "*"}}
		}
	}
	return nil
}

// published keeps what was published after the commit out of the installation: the code has never seen it.
func published(p *plan.Plan, c *plan.Component, _ Symptom, _ []string) []Change {
	if p.Date.IsZero() {
		return nil
	}
	day := p.Date.UTC().Format("2006-01-02")
	if c.Stack == "node" {
		if ch, ok := variable(p, c, "npm_config_before", day); ok {
			return []Change{ch}
		}
		return nil
	}
	return []Change{{fieldPath(c, "facts.asOf"), day}}
}
