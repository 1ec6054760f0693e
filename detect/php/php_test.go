package php

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/detecttest"
)

func TestConformance(t *testing.T) {
	for _, app := range []string{"php-intranet", "php-parcels"} {
		t.Run(app, func(t *testing.T) { detecttest.Run(t, Detector{}, os.DirFS("../../testdata/apps/"+app)) })
	}
}

func TestPatterns(t *testing.T) { detecttest.Patterns(t, ".") }

func find(t *testing.T, files map[string]string) []detect.Component {
	t.Helper()
	return detecttest.Find(t, Detector{}, files).Components
}

func TestVersion(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string // version, origin
	}{
		{"platform", map[string]string{"composer.json": `{"require":{"php":">=5.6"},"config":{"platform":{"php":"7.1.3"}}}`}, "7.1 declared"},
		{"constraint", map[string]string{"composer.json": `{"require":{"php":"^7.4 || ^8.0"}}`}, "7.4 declared"},
		{"constraint and Dockerfile", map[string]string{"composer.json": `{"require":{"php":"^7.2"}}`, "Dockerfile": "FROM php:7.4-apache\n"}, "7.4 declared"},
		{"Dockerfile outside of the constraint", map[string]string{"composer.json": `{"require":{"php":"^7.2"}}`, "Dockerfile": "FROM php:8.1-apache\n"}, "7.2 declared"},
		{"version file", map[string]string{".php-version": "7.3.11\n"}, "7.3 declared"},
		{"tests", map[string]string{".travis.yml": "language: php\nphp:\n  - 5.6\n  - 7.2\n"}, "7.2 declared"},
		{"framework", map[string]string{"system/core/CodeIgniter.php": "<?php\ndefine('CI_VERSION', '2.1.4');\n"}, "5.6 inferred"},
		{"documents", map[string]string{"README.md": "Needs PHP version 5.6 to 7.2 and MySQL\n"}, "7.2 inferred"},
		{"removed functions", map[string]string{"db.php": "<?php\n$c = mysql_connect('db', 'a', $p);\n"}, "5.6 inferred"},
		{"functions that PHP 8 removed", map[string]string{"l.php": "<?php\nwhile (list($k, $v) = each($a)) {}\n"}, "7.4 inferred"},
		{"new syntax", map[string]string{"l.php": "<?php\nenum Suit: string { case Hearts = 'H'; }\n"}, "8.1 inferred"},
		{"the lock's platform", map[string]string{"composer.json": `{"require":{"php":">=5.6"}}`, "composer.lock": `{"packages":[],"platform-overrides":{"php":"7.3.2"}}`}, "7.3 declared"},
		{"a platform's settings", map[string]string{"pantheon.yml": "api_version: 1\nphp_version: 7.2\n", ".travis.yml": "language: php\nphp: 5.6\n"}, "7.2 declared"},
		{"a handler of Apache's", map[string]string{".htaccess": "AddHandler application/x-httpd-ea-php56 .php\n"}, "5.6 declared"},
		{"provisioning", map[string]string{"provision.sh": "apt-get install -y nginx php7.0-fpm\n"}, "7.0 inferred"},
		{"provisioning older than the code", map[string]string{"provision.sh": "apt-get install -y php5.6-fpm\n", "l.php": "<?php\nenum Suit: string { case Hearts = 'H'; }\n"}, "8.1 inferred"},
		{"a product of no framework", map[string]string{"libraries/cms/version/version.php": "<?php\n\tconst RELEASE = '2.5';\n"}, "5.6 inferred"},
		{"Silex by Symfony's parts", map[string]string{"composer.json": `{"require":{"php":">=5.3","silex/silex":"^1.3"}}`, "composer.lock": `{"packages":[{"name":"symfony/http-kernel","version":"v2.8.52"}]}`}, "5.6 inferred"},
		{"nothing", nil, "7.4 default"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{"index.php": "<?php echo 1;\n"}
			for k, v := range tt.files {
				files[k] = v
			}
			c := find(t, files)
			if len(c) != 1 {
				t.Fatalf("%d components", len(c))
			}
			if got := fmt.Sprint(c[0].LanguageVersion.V, " ", c[0].LanguageVersion.From); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestApplications(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string // path role framework version docroot services
	}{
		{"Laravel", map[string]string{"artisan": "#!/usr/bin/env php\n<?php\n", "public/index.php": "<?php\n", "composer.json": `{"type":"project","require":{"php":"^7.2","laravel/framework":"5.8.*"}}`, ".env.example": "DB_CONNECTION=mysql\n", "database/migrations/1.php": "<?php\n"},
			". web laravel 5.8 public mysql!"},
		{"WordPress", map[string]string{"index.php": "<?php\n", "wp-includes/version.php": "<?php\n$wp_version = '4.9.8';\n", "wp-config-sample.php": "<?php\ndefine('DB_NAME', 'x');\n"}, ". web wordpress 4.9.8 . mysql!"},
		{"Drupal 7", map[string]string{"index.php": "<?php\n", "includes/bootstrap.inc": "<?php\ndefine('VERSION', '7.59');\n"}, ". web drupal 7.59 . mysql!"},
		{"CodeIgniter 3", map[string]string{"index.php": "<?php\n", "system/core/CodeIgniter.php": "<?php\nconst CI_VERSION = '3.1.9';\n", "application/config/database.php": "<?php\n$db['default'] = array('dbdriver' => 'postgre');\n"}, ". web codeigniter 3.1.9 . postgresql!"},
		{"plain pages below a directory", map[string]string{"src/htdocs/index.php": "<?php\n", "src/htdocs/inc/a.php": "<?php new mysqli('db');\n"}, "src/htdocs web none  . mysql!"},
		{"a database of plugins only", map[string]string{"index.php": "<?php\n", "lib/plugins/authmysql/auth.php": "<?php mysqli_connect('db');\n", "lib/plugins/authpgsql/auth.php": "<?php pg_connect('db');\n"}, ". web none  . mysql postgresql"},
		{"a database of plugins too", map[string]string{"index.php": "<?php\n", "plugins/a/a.php": "<?php mysqli_connect('db');\n", "store.php": "<?php new mysqli('db');\n"}, ". web none  . mysql!"},
		{"SQLite by its settings", map[string]string{"index.php": "<?php\n", "config.default.php": "<?php\ndefine('DB_DRIVER', 'sqlite');\n", "db.php": "<?php new PDO('mysql:host=x');\n"}, ". web none  . sqlite! mysql"},
		{"a prefix before the setting's name", map[string]string{"index.php": "<?php\n", "defaults.php": "<?php\n$g_db_type = 'mysql';\n"}, ". web none  . mysql!"},
		{"CakePHP 3", map[string]string{"webroot/index.php": "<?php\n", "composer.json": `{"require":{"cakephp/cakephp":"3.8.*"}}`, "config/app.php": "<?php\nreturn ['Datasources' => ['default' => ['driver' => env('D', Postgres::class)]]];\n"}, ". web cakephp 3.8 webroot postgresql!"},
		{"Symfony 3", map[string]string{"web/app.php": "<?php\n", "bin/console": "<?php\n", "composer.json": `{"require":{"symfony/symfony":"3.4.*"}}`, "app/config/config.yml": "doctrine:\n  dbal:\n    driver: pdo_mysql\n", "app/config/config_dev.yml": "x:\n  driver: pdo_sqlite\n"}, ". web symfony 3.4 web mysql!"},
		{"Symfony 5", map[string]string{"public/index.php": "<?php\n", "bin/console": "<?php\n", "composer.json": `{"require":{"symfony/framework-bundle":"5.4.*","doctrine/doctrine-bundle":"*"}}`, ".env": "DATABASE_URL=postgresql://app@db/app\nMESSENGER_TRANSPORT_DSN=amqp://localhost\n"}, ". web symfony 5.4 public postgresql! rabbitmq"},
		{"Drupal by Composer", map[string]string{"composer.json": `{"type":"project","require":{"drupal/core-recommended":"^9"},"extra":{"drupal-scaffold":{"locations":{"web-root":"web/"}}}}`}, ". web drupal 9 web mysql!"},
		{"CodeIgniter under another name", map[string]string{"index.php": "<?php\n$system_path = ROOT.'ci';\n$application_folder = ROOT.'application';\n", "cms/ci/core/CodeIgniter.php": "<?php\nconst CI_VERSION = '3.1.9';\n", "cms/ci/database/pg.php": "<?php pg_connect('x');\n", "cms/application/config/database.php": "<?php\n$db['default']['dbdriver'] = 'mysqli';\n"}, ". web codeigniter 3.1.9 . mysql!"},
		{"Zend 1 below a manifest", map[string]string{"composer.json": `{"require":{"zf1s/zend-application":"^1.12"}}`, "mvc/public/index.php": "<?php\n", "mvc/application/configs/application.ini": "[production]\nresources.db.adapter = \"PDO_PGSQL\"\n"}, ". web zend 1.12 mvc/public postgresql!"},
		{"the WordPress that others wrote", map[string]string{"index.php": "<?php\n", "wp-includes/version.php": "<?php\n$wp_version = '5.2';\n", "wp-includes/x.php": "<?php new Redis(); pg_connect('x');\n", "wp-config.php": "<?php\ndefine('DB_NAME', 'x');\n"}, ". web wordpress 5.2 . mysql!"},
		{"Joomla", map[string]string{"index.php": "<?php\n", "libraries/src/Version.php": "<?php\nconst MAJOR_VERSION = 3;\n"}, ". web none  . mysql!"},
		{"an application beside scripts of the build", map[string]string{"deploy.php": "<?php task('x');\n", "shop/composer.json": "{}", "shop/index.php": "<?php\n"}, "shop web none  ."},
		{"Laravel's horizon", map[string]string{"artisan": "<?php\n", "public/index.php": "<?php\n", "composer.json": `{"require":{"laravel/framework":"8.*","laravel/horizon":"^5"}}`, ".env.example": "DB_CONNECTION=pgsql\n"}, ". web laravel 8 public postgresql! redis!; . worker laravel 8 public postgresql! redis!"},
		{"Symfony's messenger", map[string]string{"public/index.php": "<?php\n", "bin/console": "<?php\n", "composer.json": `{"require":{"symfony/framework-bundle":"6.4.*"}}`, "config/packages/messenger.yaml": "framework:\n  messenger:\n    transports:\n      failed: 'x'\n      async: 'y'\n    routing:\n      App\\M: async\n"}, ". web symfony 6.4 public; . worker symfony 6.4 public"},
		{"a supervisor's worker", map[string]string{"artisan": "<?php\n", "public/index.php": "<?php\n", "composer.json": `{"require":{"laravel/framework":"5.8.*"}}`, "docker/supervisord.conf": "[program:queue]\ncommand=php /var/www/html/artisan queue:work --tries=3\n"}, ". web laravel 5.8 public; . worker laravel 5.8 public"},
		{"a library", map[string]string{"composer.json": `{"name":"a/b","type":"library"}`, "src/A.php": "<?php class A {}\n"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, c := range find(t, tt.files) {
				s := fmt.Sprint(c.Path, " ", c.Role.V, " ", c.Framework.V, " ", c.FrameworkVersion.V, " ", c.Facts["docroot"].V)
				for _, x := range c.Services {
					s += " " + x.Kind
					if x.Required {
						s += "!"
					}
				}
				got = append(got, s)
			}
			if s := strings.Join(got, "; "); s != tt.want {
				t.Errorf("got %q, want %q", s, tt.want)
			}
		})
	}
}

// TestWrites checks which directories are told to be written.
func TestWrites(t *testing.T) {
	for _, tt := range []struct {
		name  string
		files map[string]string
		want  string // directories / those below
	}{
		{"kept by .gitignore", map[string]string{"var/exports/.gitignore": "*\n!.gitignore\n", "src/.gitignore": "/x\n"}, "var/exports / "},
		{"kept by name", map[string]string{"data/logs/.gitkeep": "", "app/models/.gitkeep": "", "cache/.htaccess": "deny from all\n", "templates/upload/index.html": "", "templates/upload/a.php": "<?php\n"}, "data cache / data/logs"},
		{"Symfony 2", map[string]string{"composer.json": `{"require":{"symfony/symfony":"2.8.*"}}`, "app/console": "<?php\n"}, "app/cache app/logs / "},
		{"Laravel 5", map[string]string{"artisan": "<?php\n", "bootstrap/app.php": "<?php\n", "composer.json": `{"require":{"laravel/framework":"5.5.*"}}`, "storage/logs/.gitignore": "*\n"}, "storage bootstrap/cache / storage/logs"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{"index.php": "<?php\n"}
			for k, v := range tt.files {
				files[k] = v
			}
			c := find(t, files)[0]
			var got []string
			for _, w := range c.Writes {
				got = append(got, w.V)
			}
			if s := strings.Join(got, " ") + " / " + c.Facts["directories"].V; s != tt.want {
				t.Errorf("got %q, want %q", s, tt.want)
			}
		})
	}
}

// TestComposer checks what is told of packages that lie in the repository, of private ones, and of scripts that must run.
func TestComposer(t *testing.T) {
	c := find(t, map[string]string{"index.php": "<?php\n", "lib/a/composer.json": "{}", "composer.json": `{"repositories":[{"type":"path","url":"lib/*"},{"type":"path","url":"../out"},{"type":"composer","url":"https://u:p@packages.corp.example:8443/x"}],
		"scripts":{"post-install-cmd":["Incenteev\\ParameterHandler\\ScriptHandler::buildParameters"]}}`})[0]
	for fact, want := range map[string]string{"composerPaths": "lib", "composerAuth": "true", "composerScripts": "true"} {
		if got := c.Facts[fact].V; got != want {
			t.Errorf("%s is %q, want %q", fact, got, want)
		}
	}
	for _, r := range c.Readiness {
		if r.ID == "private-registry" && strings.Contains(r.Message, "packages.corp.example,") {
			return
		}
	}
	t.Errorf("no finding of the private registry: %v", c.Readiness)
}

// TestGrams checks that a text that holds a word is never told not to.
func TestGrams(t *testing.T) {
	g := gramsOf([]byte("<?php pg_connect('x');"))
	for hint, want := range map[string]bool{"pg_": true, "pg_connect": true, "mysql": false, "x": true, "": true} {
		if g.may([]string{hint}) != want {
			t.Errorf("%q: want %v", hint, want)
		}
	}
}

func TestPasswords(t *testing.T) {
	for _, tt := range []struct {
		file, text string
		want       bool
	}{
		{"db.php", "<?php mysqli_connect('db', 'shop', 'hunter22');", true},
		{"config/database.php", "<?php return ['password' => 'hunter22'];", true},
		{"config.php", "<?php define('DB_PASSWORD', 'hunter22');", true},
		{"app/User.php", "<?php $casts = ['password' => 'hashed22'];", false},
		{"config/rules.php", "<?php return ['password' => 'required|min:6'];", false},
		{"config.sample.php", "<?php define('DB_PASSWORD', 'hunter22');", false},
	} {
		found := false
		for _, r := range find(t, map[string]string{"index.php": "<?php\n", tt.file: tt.text})[0].Readiness {
			found = found || r.ID == "secret-committed"
		}
		if found != tt.want {
			t.Errorf("%s %s: %v", tt.file, tt.text, found)
		}
	}
}

func TestAllows(t *testing.T) {
	for _, tt := range []struct {
		spec string
		yes  []string
		no   []string
	}{
		{"^7.4 || ^8.0", []string{"7.4", "8.2"}, []string{"7.3", "9.0"}},
		{">=5.3.9", []string{"5.6", "8.1"}, []string{"5.2"}},
		{"~7.1.0", []string{"7.1"}, []string{"7.2"}},
		{"~5.6", []string{"5.6"}, []string{"7.0"}},
		{">=7.0,<7.4", []string{"7.0", "7.3"}, []string{"7.4"}},
		{"7.2.*", []string{"7.2"}, []string{"7.3"}},
	} {
		for _, v := range tt.yes {
			if !allows(tt.spec, v) {
				t.Errorf("%s must allow %s", tt.spec, v)
			}
		}
		for _, v := range tt.no {
			if allows(tt.spec, v) {
				t.Errorf("%s must not allow %s", tt.spec, v)
			}
		}
	}
}

// FuzzDetect hands foreign files to the detector: no panic, and only names of extensions that may stand in a Dockerfile.
func FuzzDetect(f *testing.F) {
	names := []string{"composer.json", "composer.lock", "index.php", "README.md", "Procfile", "Dockerfile", ".travis.yml", "config/database.php",
		".env", "app/config/parameters.yml", "docker/supervisord.conf", "pantheon.yml", "provision.sh", "config/packages/messenger.yaml", ".htaccess", "data/.gitignore"}
	f.Add(uint8(0), []byte(`{"require":{"php":"^7","ext-gd":"*","ext-x y":"*"}}`))
	f.Add(uint8(1), []byte(`{"packages":[{"name":"a/b","version":"v1","require":{"ext-zip":"*"}}]}`))
	f.Add(uint8(2), []byte("<?php\n$x = getenv('A_B', 'c'); mysqli_connect('a');\n"))
	f.Add(uint8(3), []byte("PHP 5.6 to 7.2"))
	f.Add(uint8(0), []byte(`{"extra":{"public-dir":"a/../b"},"repositories":{"x":{"type":"path","url":"data/*"}},"scripts":{"post-install-cmd":"@auto-scripts"}}`))
	f.Add(uint8(2), []byte("<?php\n$application_folder = 'data';\n"))
	f.Add(uint8(4), []byte("web: heroku-php-apache2 data/\nq: php a.php\n"))
	f.Add(uint8(8), []byte("DATABASE_URL=sqlite:///%kernel.project_dir%/data/x.db\nM=amqp://h\n"))
	f.Add(uint8(9), []byte("parameters:\n  database_driver: pdo_mysql\n  x: '%env(int:A_B)%'\n"))
	f.Add(uint8(10), []byte("[program:q]\ncommand=php /a/artisan queue:work\n"))
	f.Add(uint8(13), []byte("framework:\n  messenger:\n    transports: {a: b}\n    routing: {c: a}\n"))
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		files := map[string]string{"index.php": "<?php\n", "artisan": "<?php\n", "bin/console": "<?php\n", "data/x": ""}
		files[names[int(which)%len(names)]] = string(data)
		for _, c := range find(t, files) {
			for _, e := range strings.Fields(c.Facts["extensions"].V) {
				if !known.MatchString(e) {
					t.Fatalf("extension %q", e)
				}
			}
			for _, w := range c.Writes {
				if !directoryName.MatchString(w.V) || strings.Contains(w.V, "..") {
					t.Fatalf("directory %q", w.V)
				}
			}
			if strings.Contains(c.Facts["docroot"].V, "..") || strings.Contains(c.Facts["composerPaths"].V, "..") {
				t.Fatalf("document root %q", c.Facts["docroot"].V)
			}
		}
	})
}
