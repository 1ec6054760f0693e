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
	detecttest.Run(t, Detector{}, os.DirFS("../../testdata/apps/php-intranet"))
}

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
		{"SQLite by its settings", map[string]string{"index.php": "<?php\n", "config.default.php": "<?php\ndefine('DB_DRIVER', 'sqlite');\n", "db.php": "<?php new PDO('mysql:host=x');\n"}, ". web none  . sqlite! mysql"},
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
	names := []string{"composer.json", "composer.lock", "index.php", "README.md", "Procfile", "Dockerfile", ".travis.yml", "config/database.php"}
	f.Add(uint8(0), []byte(`{"require":{"php":"^7","ext-gd":"*","ext-x y":"*"}}`))
	f.Add(uint8(1), []byte(`{"packages":[{"name":"a/b","version":"v1","require":{"ext-zip":"*"}}]}`))
	f.Add(uint8(2), []byte("<?php\n$x = getenv('A_B', 'c'); mysqli_connect('a');\n"))
	f.Add(uint8(3), []byte("PHP 5.6 to 7.2"))
	f.Fuzz(func(t *testing.T, which uint8, data []byte) {
		files := map[string]string{"index.php": "<?php\n"}
		files[names[int(which)%len(names)]] = string(data)
		for _, c := range find(t, files) {
			for _, e := range strings.Fields(c.Facts["extensions"].V) {
				if !known.MatchString(e) {
					t.Fatalf("extension %q", e)
				}
			}
			if strings.Contains(c.Facts["docroot"].V, "..") {
				t.Fatalf("document root %q", c.Facts["docroot"].V)
			}
		}
	})
}
