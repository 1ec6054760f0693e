package node

import "github.com/drydock-cli/drydock/detect"

// asOf is the date on which the tables of this file were read. What ends later is not reported as ended.
const asOf = "2026-11-01"

// line is a line of Node's releases.
type line struct {
	version string // "8", "0.10"
	last    string // its last release, as far as known on asOf
	ended   string // ISO date after which it gets no more fixes
	lasting bool   // it was maintained for years: an LTS line, or one of those before there were any
}

const nodeSource = "github.com/nodejs/Release (schedule.json)"

// lines are Node's releases, oldest first. Source: nodeSource, as of asOf.
var lines = []line{
	{"0.8", "0.8.28", "2014-07-31", false}, {"0.10", "0.10.48", "2016-10-31", true}, {"0.12", "0.12.18", "2016-12-31", true},
	{"4", "4.9.1", "2018-04-30", true}, {"5", "5.12.0", "2016-06-30", false}, {"6", "6.17.1", "2019-04-30", true}, {"7", "7.10.1", "2017-06-30", false},
	{"8", "8.17.0", "2019-12-31", true}, {"9", "9.11.2", "2018-06-30", false}, {"10", "10.24.1", "2021-04-30", true}, {"11", "11.15.0", "2019-06-01", false},
	{"12", "12.22.12", "2022-04-30", true}, {"13", "13.14.0", "2020-06-01", false}, {"14", "14.21.3", "2023-04-30", true}, {"15", "15.14.0", "2021-06-01", false},
	{"16", "16.20.2", "2023-09-11", true}, {"17", "17.9.1", "2022-06-01", false}, {"18", "18.20.8", "2025-04-30", true}, {"19", "19.9.0", "2023-06-01", false},
	{"20", "20.20.0", "2026-04-30", true}, {"21", "21.7.3", "2024-06-01", false}, {"22", "22.22.0", "2027-04-30", true}, {"23", "23.11.1", "2025-06-01", false},
	{"24", "24.13.0", "2028-04-30", true}, {"25", "25.2.1", "2026-06-01", false},
}

// names are the code names of the LTS lines: .nvmrc may hold "lts/carbon".
var names = map[string]string{"argon": "4", "boron": "6", "carbon": "8", "dubnium": "10", "erbium": "12", "fermium": "14", "gallium": "16", "hydrogen": "18", "iron": "20", "jod": "22", "krypton": "24"}

// defaultNode is taken when nothing says which Node is meant and no package tells its time.
const defaultNode = "20"

// lineOfVersion is the line of releases that a version belongs to: 8.9.4 to 8, 0.10.25 to 0.10.
func lineOfVersion(version string) (line, bool) {
	n := numbers(version)
	if len(n) == 0 {
		return line{}, false
	}
	want := itoa(n[0])
	if n[0] == 0 {
		if len(n) < 2 {
			return line{}, false
		}
		want = "0." + itoa(n[1])
	}
	for _, l := range lines {
		if l.version == want {
			return l, true
		}
	}
	return line{}, false
}

// era says which line of Node was the usual one when a major version of a package came out and was used: what an
// application of that time ran on. from and before bound the package's versions.
type era struct {
	pack, from, before string
	node               string
}

// eras are the times of packages that many applications name. Source: the packages' release dates and "engines" in the npm
// registry, set beside Node's schedule of releases, as of asOf.
var eras = []era{
	{"express", "", "3", "0.10"}, {"express", "3", "4", "0.10"}, {"express", "4", "4.13", "0.12"}, {"express", "4.13", "4.15", "4"}, {"express", "4.15", "4.16", "6"}, {"express", "4.16", "4.17", "8"}, {"express", "4.17", "4.18", "12"}, {"express", "4.18", "5", "16"}, {"express", "5.0.1", "", "20"},
	{"koa", "", "2", "4"}, {"koa", "2", "2.6", "8"}, {"koa", "2.6", "2.14", "12"}, {"koa", "2.14", "3", "18"}, {"koa", "3", "", "20"},
	{"hapi", "", "11", "0.10"}, {"hapi", "11", "17", "6"}, {"hapi", "17", "", "8"}, {"@hapi/hapi", "18", "20", "10"}, {"@hapi/hapi", "20", "21", "14"}, {"@hapi/hapi", "21", "", "18"},
	{"@nestjs/core", "", "6", "8"}, {"@nestjs/core", "6", "7", "10"}, {"@nestjs/core", "7", "8", "12"}, {"@nestjs/core", "8", "9", "14"}, {"@nestjs/core", "9", "10", "16"}, {"@nestjs/core", "10", "11", "18"}, {"@nestjs/core", "11", "", "20"},
	{"next", "", "5", "6"}, {"next", "5", "8", "8"}, {"next", "8", "9.3", "10"}, {"next", "9.3", "11", "12"}, {"next", "11", "13", "14"}, {"next", "13", "14", "18"}, {"next", "14", "15", "18"}, {"next", "15", "", "20"},
	{"nuxt", "", "2", "8"}, {"nuxt", "2", "2.12", "10"}, {"nuxt", "2.12", "3", "14"}, {"nuxt", "3", "3.14", "18"}, {"nuxt", "3.14", "", "20"},
	{"mongoose", "", "4", "0.10"}, {"mongoose", "4", "4.6", "4"}, {"mongoose", "4.6", "5", "6"}, {"mongoose", "5", "5.7", "8"}, {"mongoose", "5.7", "6", "12"}, {"mongoose", "6", "7", "16"}, {"mongoose", "7", "8", "18"}, {"mongoose", "8", "", "20"},
	{"sequelize", "", "3", "0.10"}, {"sequelize", "3", "4", "4"}, {"sequelize", "4", "5", "8"}, {"sequelize", "5", "6", "10"}, {"sequelize", "6", "", "14"},
	{"pg", "", "5", "0.10"}, {"pg", "5", "7", "6"}, {"pg", "7", "8", "8"}, {"pg", "8", "8.8", "14"}, {"pg", "8.8", "", "18"},
	{"socket.io", "", "1", "0.10"}, {"socket.io", "1", "2", "4"}, {"socket.io", "2", "3", "8"}, {"socket.io", "3", "4.5", "14"}, {"socket.io", "4.5", "", "18"},
	{"react", "", "15", "4"}, {"react", "15", "16", "6"}, {"react", "16", "16.8", "8"}, {"react", "16.8", "17", "10"}, {"react", "17", "18", "14"}, {"react", "18", "19", "16"}, {"react", "19", "", "20"},
	{"react-scripts", "", "1", "6"}, {"react-scripts", "1", "2", "8"}, {"react-scripts", "2", "3", "10"}, {"react-scripts", "3", "4", "12"}, {"react-scripts", "4", "5", "14"}, {"react-scripts", "5", "", "16"},
	{"vue", "", "2", "4"}, {"vue", "2", "2.5", "6"}, {"vue", "2.5", "2.6", "8"}, {"vue", "2.6", "2.7", "10"}, {"vue", "2.7", "3", "16"}, {"vue", "3", "3.3", "16"}, {"vue", "3.3", "", "18"},
	{"@vue/cli-service", "3", "4", "8"}, {"@vue/cli-service", "4", "5", "12"}, {"@vue/cli-service", "5", "", "16"},
	{"@angular/core", "2", "5", "6"}, {"@angular/core", "5", "7", "8"}, {"@angular/core", "7", "8", "10"}, {"@angular/core", "8", "11", "12"}, {"@angular/core", "11", "13", "14"}, {"@angular/core", "13", "15", "16"}, {"@angular/core", "15", "17", "18"}, {"@angular/core", "17", "18", "20"}, {"@angular/core", "18", "20", "20"}, {"@angular/core", "20", "", "22"},
	{"angular", "1", "1.4", "0.10"}, {"angular", "1.4", "1.6", "4"}, {"angular", "1.6", "1.7", "6"}, {"angular", "1.7", "", "8"},
	{"ember-cli", "", "2", "0.12"}, {"ember-cli", "2", "3", "6"}, {"ember-cli", "3", "3.12", "8"}, {"ember-cli", "3.12", "3.20", "10"}, {"ember-cli", "3.20", "4", "12"}, {"ember-cli", "4", "5", "16"}, {"ember-cli", "5", "", "18"},
	{"webpack", "", "2", "4"}, {"webpack", "2", "4", "6"}, {"webpack", "4", "5", "10"}, {"webpack", "5", "", "14"},
	{"vite", "", "3", "14"}, {"vite", "3", "5", "16"}, {"vite", "5", "7", "18"}, {"vite", "7", "", "20"},
	{"svelte", "", "3", "8"}, {"svelte", "3", "4", "12"}, {"svelte", "4", "5", "18"}, {"svelte", "5", "", "20"}, {"gatsby", "", "2", "8"}, {"gatsby", "2", "3", "10"}, {"gatsby", "3", "5", "14"}, {"gatsby", "5", "", "18"},
	{"babel-core", "", "6", "0.12"}, {"babel-core", "6", "7", "6"}, {"@babel/core", "7", "7.12", "10"}, {"@babel/core", "7.12", "8", "14"}, {"typescript", "", "2", "4"}, {"typescript", "2", "3", "8"}, {"typescript", "3", "4", "10"}, {"typescript", "4", "4.5", "14"}, {"typescript", "4.5", "5", "16"}, {"typescript", "5", "", "18"},
	{"gulp", "3", "4", "6"}, {"gulp", "4", "5", "10"}, {"grunt", "", "1", "0.10"}, {"grunt", "1", "", "6"}, {"eslint", "", "2", "4"}, {"eslint", "2", "5", "6"}, {"eslint", "5", "6", "8"}, {"eslint", "6", "8", "12"}, {"eslint", "8", "9", "16"}, {"eslint", "9", "", "20"},
	{"mocha", "", "3", "0.12"}, {"mocha", "3", "5", "6"}, {"mocha", "5", "7", "8"}, {"mocha", "7", "9", "12"}, {"mocha", "9", "10", "14"}, {"jade", "", "", "0.10"}, {"body-parser", "1.18", "1.19", "8"}, {"body-parser", "1.19", "1.20", "10"}, {"fastify", "", "2", "8"}, {"fastify", "2", "3", "10"}, {"fastify", "3", "4", "12"}, {"fastify", "4", "5", "16"}, {"fastify", "5", "", "20"},
	{"sails", "", "0.12", "0.10"}, {"sails", "0.12", "1", "4"}, {"sails", "1", "", "10"}, {"strapi", "3", "", "12"}, {"@strapi/strapi", "4", "5", "16"}, {"@strapi/strapi", "5", "", "20"}, {"keystone", "0", "4", "4"}, {"keystone", "4", "", "8"}, {"restify", "", "5", "4"}, {"restify", "5", "9", "8"}, {"connect", "", "3", "0.10"},
	{"mongodb", "", "2", "0.10"}, {"mongodb", "2", "3", "4"}, {"mongodb", "3", "4", "8"}, {"mongodb", "4", "5", "14"}, {"mongodb", "5", "", "18"}, {"redis", "", "2", "0.10"}, {"redis", "2", "3", "6"}, {"redis", "3", "4", "12"}, {"redis", "4", "", "16"}, {"mysql", "", "2", "0.10"}, {"mysql2", "", "2", "8"}, {"mysql2", "2", "3", "12"}, {"mysql2", "3", "", "16"},
}

// ceiling is the newest line of Node that versions of a package run on, with the reason.
type ceiling struct {
	pack, from, before string
	node               string
	why                string
}

// ceilings: sources are node-sass's table of supported environments (README), the error ERR_OSSL_EVP_UNSUPPORTED of webpack 4's hash with the
// OpenSSL 3 of Node 17, graceful-fs 3's use of primordials that Node 12 took away (gulp 3), and the native sources of the packages named.
var ceilings = []ceiling{
	{"node-sass", "", "4", "6", "node-sass before 4 does not compile on Node 7 and later"},
	{"node-sass", "4", "4.9", "10", "node-sass 4.0 to 4.8 knows Node 10 at most"}, {"node-sass", "4.9", "4.12", "11", "node-sass 4.9 to 4.11 knows Node 11 at most"}, {"node-sass", "4.12", "4.14", "13", "node-sass 4.12 knows Node 12 at most"}, {"node-sass", "4.14", "5", "14", "node-sass 4.14 knows Node 14 at most"},
	{"node-sass", "5", "6", "15", "node-sass 5 knows Node 15 at most"}, {"node-sass", "6", "7", "16", "node-sass 6 knows Node 16 at most"}, {"node-sass", "7", "8", "17", "node-sass 7 knows Node 17 at most"}, {"node-sass", "8", "9", "18", "node-sass 8 knows Node 18 at most"},
	{"gulp", "3", "4", "11", "gulp 3 does not start on Node 12 and later"}, {"webpack", "", "5", "16", "webpack before 5 uses a hash that Node 17 and later refuse"}, {"react-scripts", "", "5", "16", "react-scripts before 5 stands on webpack 4"}, {"@vue/cli-service", "", "5", "16", "this Vue CLI stands on webpack 4"},
	{"@angular/core", "", "8", "12", "Angular before 8 does not build on Node 13 and later"}, {"@angular/core", "8", "12", "14", "this Angular builds on Node 14 at most"}, {"@angular/core", "12", "14", "16", "this Angular builds on Node 16 at most"}, {"@angular/core", "14", "16", "18", "this Angular builds on Node 18 at most"}, {"@angular/core", "16", "18", "20", "this Angular builds on Node 20 at most"},
	{"nuxt", "", "3", "16", "Nuxt 2 stands on webpack 4"}, {"bcrypt", "", "1", "6", "bcrypt before 1 does not compile on Node 7 and later"}, {"bcrypt", "1", "3", "10", "this bcrypt does not compile on Node 12 and later"}, {"bcrypt", "3", "3.0.6", "11", "this bcrypt does not compile on Node 12 and later"},
	{"canvas", "", "2", "11", "canvas 1 does not compile on Node 12 and later"}, {"fibers", "", "2", "8", "this fibers does not compile on later releases"}, {"fibers", "2", "4", "11", "this fibers does not compile on Node 12 and later"}, {"fibers", "4", "6", "15", "fibers does not run on Node 16 and later"}, {"sqlite3", "", "4.1", "10", "this sqlite3 does not compile on Node 12 and later"}, {"ember-cli", "", "3.12", "12", "this Ember CLI does not build on later releases"}, {"ember-cli", "3.12", "4", "16", "this Ember CLI stands on webpack 4"},
	{"strapi", "3", "4", "14", "Strapi 3 runs on Node 14 at most"}, {"next", "", "9.3", "16", "Next before 9.3 stands on webpack 4"}, {"gatsby", "", "3", "16", "this Gatsby stands on webpack 4"}, {"grpc", "", "", "14", "grpc does not compile on later releases"}, {"deasync", "", "0.1.20", "11", "this deasync does not compile on Node 12 and later"}, {"iconv", "", "2.3", "10", "this iconv does not compile on Node 12 and later"}, {"contextify", "", "", "6", "contextify does not compile on later releases"},
}

// meteorNodes is the Node that a release of Meteor bundles applications for, by the first release that does.
// Source: docs.meteor.com/changelog (each release's "Node.js has been updated to").
var meteorNodes = []struct{ from, node string }{
	{"3.0", "20"}, {"2.3", "14"}, {"1.9", "12"}, {"1.6", "8"}, {"1.4", "4"}, {"0", "0.10"},
}

// ends of frameworks. Sources: angular.dev/reference/releases, docs.angularjs.org (AngularJS), v2.vuejs.org/eol, nuxt.com/docs (2.x),
// expressjs.com/en/support, nextjs.org/support-policy, hapi.dev/policies/support, nestjs' releases, as of asOf.
var ends = []struct{ framework, before, ended, source string }{
	{"angular", "2", "2021-12-31", "docs.angularjs.org/misc/version-support-status"}, {"angular", "16", "2024-05-08", "angular.dev/reference/releases"}, {"angular", "17", "2024-11-08", "angular.dev/reference/releases"}, {"angular", "18", "2025-05-15", "angular.dev/reference/releases"}, {"angular", "19", "2025-11-21", "angular.dev/reference/releases"}, {"angular", "20", "2026-05-19", "angular.dev/reference/releases"},
	{"vue", "3", "2023-12-31", "v2.vuejs.org/eol"}, {"nuxt", "3", "2024-06-30", "nuxt.com/docs"}, {"express", "4", "2015-07-01", "expressjs.com/en/support"}, {"next", "14", "2024-12-21", "nextjs.org/support-policy"}, {"hapi", "20", "2020-12-31", "hapi.dev/policies/support"}, {"meteor", "3", "2025-09-30", "docs.meteor.com"}, {"koa", "2", "2019-01-01", "github.com/koajs/koa"},
}

// endOfLife says what of a component is no longer mended.
func (p *project) endOfLife(c detect.Component) []detect.EndOfLife {
	var out []detect.EndOfLife
	if l, ok := lineOfVersion(c.LanguageVersion.V); ok && l.ended <= asOf && c.LanguageVersion.From != detect.Default {
		out = append(out, detect.EndOfLife{What: "node " + l.version, Since: l.ended, Source: nodeSource})
	}
	for _, e := range ends {
		if v := c.FrameworkVersion.V; e.framework == c.Framework.V && v != "" && compareAll(v, e.before) < 0 {
			out = append(out, detect.EndOfLife{What: e.framework + " " + itoa(major(v)), Since: e.ended, Source: e.source})
			break
		}
	}
	return out
}

// compareAll orders two versions, a missing part being 0.
func compareAll(a, b string) int {
	x, y := numbers(a), numbers(b)
	for len(x) < len(y) {
		x = append(x, 0)
	}
	for len(y) < len(x) {
		y = append(y, 0)
	}
	for i := range x {
		if x[i] != y[i] {
			return x[i] - y[i]
		}
	}
	return 0
}

// inRange reports whether a version lies in from <= v < before; an empty bound is none.
func inRange(v, from, before string) bool {
	return v != "" && (from == "" || compareAll(v, from) >= 0) && (before == "" || compareAll(v, before) < 0)
}
