package java

import (
	"fmt"
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// framework decides the framework and its version.
func (a *app) framework() (name, version detect.Value[string]) {
	for _, find := range []func() (detect.Value[string], detect.Value[string]){
		a.specialFramework, a.bootFramework, a.webXMLFramework, a.libraryFramework, a.enterprise} {
		if name, version = find(); name.Set() {
			return name, version
		}
	}
	return detect.Infer("none", "no framework that is known is among the libraries, the descriptors or the imports"), version
}

// library maps a framework to the artifacts that prove it.
type library struct {
	framework string
	artifacts []string
}

// special are frameworks that build on others and stand before them.
var special = []library{
	{"grails", []string{"org.grails:grails-core", "org.grails:grails-web-boot", "org.grails:grails-dependencies", "org.apache.grails:grails-core", "org.apache.grails:grails-web-boot", "org.apache.grails:grails-dependencies-starter-web"}},
	{"quarkus", []string{"io.quarkus:quarkus-core", "io.quarkus:quarkus-*"}},
	{"micronaut", []string{"io.micronaut:micronaut-http-server*", "io.micronaut.servlet:*", "io.micronaut:micronaut-runtime"}},
	{"dropwizard", []string{"io.dropwizard:dropwizard-core", "com.yammer.dropwizard:dropwizard-core", "io.dropwizard:dropwizard-auth", "io.dropwizard:dropwizard-views*", "io.dropwizard:dropwizard-db", "io.dropwizard:dropwizard-assets", "io.dropwizard:dropwizard-hibernate", "io.dropwizard:dropwizard-jdbi*", "io.dropwizard:dropwizard-migrations", "io.dropwizard:dropwizard-jersey"}},
	{"play", []string{"com.typesafe.play:play_*", "com.typesafe.play:play-java_*", "org.playframework:play_*", "play:play_*"}},
	{"ring", []string{"ring:ring", "ring:ring-core", "ring:ring-jetty-adapter", "ring:ring-devel", "ring:ring-server", "ring:ring-defaults", "compojure:compojure", "lib-noir", "noir:noir", "metosin:reitit*", "metosin:compojure-api", "io.pedestal:*", "luminus:*"}},
}

// specialPlugins are plugins of Gradle that bring a framework without naming its libraries.
var specialPlugins = []struct{ framework, plugin string }{
	{"grails", "org.grails.grails-web"}, {"grails", "org.apache.grails.gradle.grails-web"}, {"micronaut", "io.micronaut.application"}, {"micronaut", "io.micronaut.minimal.application"}, {"quarkus", "io.quarkus"},
}

// versionProperties are what builds call the version of a framework.
var versionProperties = map[string][]string{
	"quarkus":    {"quarkus.platform.version", "quarkus.version", "quarkus-plugin.version", "quarkusPlatformVersion", "quarkusPluginVersion"},
	"micronaut":  {"micronautVersion", "micronaut.version", "micronaut.core.version", "parent.micronaut"},
	"grails":     {"grailsVersion", "grails.version"},
	"dropwizard": {"dropwizard.version", "dropwizardVersion"},
}

func (a *app) specialFramework() (name, version detect.Value[string]) {
	name, version = a.byLibrary(special)
	for _, p := range specialPlugins {
		if ev := a.plugins[p.plugin]; ev != nil && (!name.Set() || p.framework == "grails") {
			if name.V != p.framework {
				name, version = detect.Is(p.framework, ev...), detect.Value[string]{}
			}
		}
	}
	for _, k := range versionProperties[name.V] {
		if version.Set() && (name.V == "quarkus" || name.V == "dropwizard") {
			break
		}
		if t, ok := a.property(k); ok && t.known() && cleanVersion(t.s) != "" {
			t.s = cleanVersion(t.s)
			version = t.value()
			break
		}
	}
	return name, version
}

// byLibrary returns the first framework whose library the application names, the first list first.
func (a *app) byLibrary(list []library) (name, version detect.Value[string]) {
	for _, l := range list {
		d, ok := a.dep(l.artifacts...)
		if !ok {
			continue
		}
		name = detect.Is(l.framework, d.ev...)
		if d.version.known() {
			version = frameworkVersion(d)
		} else {
			version = a.siblingVersion(d)
		}
		return name, version
	}
	return name, version
}

func frameworkVersion(d dep) detect.Value[string] {
	v := d.version
	v.s = cleanVersion(v.s)
	if v.s == "" {
		return detect.Value[string]{}
	}
	v.ev = proof(v.ev, d.ev)
	return v.value()
}

// siblingVersion is the version of another library of the same group: they are released together.
func (a *app) siblingVersion(d dep) detect.Value[string] {
	for _, o := range a.deps {
		if o.group == d.group && o.group != "" && o.version.known() && o.profile == "" {
			return detect.Infer(cleanVersion(o.version.s), "the version of "+o.artifact+", which is released with it", o.proof()...)
		}
	}
	return detect.Value[string]{}
}

var versionTail = manifest.Lazy(`(?i)[.-](release|final|ga|sr\d+)$`)

// cleanVersion drops what some makers put behind a version: ".RELEASE", ".Final".
func cleanVersion(v string) string {
	v = versionTail.ReplaceAllString(strings.TrimSpace(v), "")
	if !versionStart.MatchString(v) || len(v) > 60 {
		return ""
	}
	return v
}

func (a *app) bootFramework() (name, version detect.Value[string]) {
	if len(a.bootEv) == 0 {
		return name, version
	}
	name = detect.Is("spring-boot", a.bootEv...)
	if a.boot.known() {
		v := a.boot
		v.s = cleanVersion(v.s)
		if v.s != "" {
			version = v.value()
		}
	}
	return name, version
}

// dispatchers are the classes by which a framework takes requests in web.xml.
var dispatchers = []struct {
	framework string
	prefix    string
	artifacts []string
}{
	{"struts", "org.apache.struts.action.", []string{"struts:struts", "org.apache.struts:struts-core", "struts", "struts-core*", "struts-*"}},
	{"struts", "org.apache.struts2.", []string{"org.apache.struts:struts2-core", "struts2-core*"}},
	{"stripes", "net.sourceforge.stripes.", []string{"net.sourceforge.stripes:stripes", "stripes*"}},
	{"vaadin", "com.vaadin.", []string{"com.vaadin:vaadin-server", "com.vaadin:vaadin-core", "com.vaadin:vaadin", "com.vaadin:*"}},
	{"grails", "org.codehaus.groovy.grails.", nil},
	{"spring-mvc", "org.springframework.web.servlet.", []string{"org.springframework:spring-webmvc", "spring-webmvc*", "org.springframework:spring", "spring", "org.springframework:spring-web*", "org.springframework:spring-core"}},
}

func (a *app) webXMLFramework() (name, version detect.Value[string]) {
	for _, d := range dispatchers {
		ev, ok := a.desc.class(func(class string) bool { return strings.HasPrefix(class, d.prefix) })
		if !ok {
			continue
		}
		name = detect.Is(d.framework, ev...)
		if lib, ok := a.dep(d.artifacts...); ok {
			name.Evidence = proof(name.Evidence, lib.ev)
			if lib.version.known() {
				version = frameworkVersion(lib)
			} else {
				version = a.siblingVersion(lib)
			}
		}
		if !version.Set() && d.framework == "struts" {
			version = a.strutsVersion(d.prefix, ev)
		}
		return name, version
	}
	return name, version
}

// strutsVersion tells Struts 1 from Struts 2 by what its own configuration is written for.
func (a *app) strutsVersion(prefix string, ev []detect.Evidence) detect.Value[string] {
	if prefix == "org.apache.struts2." {
		return detect.Infer("2", "its filter is that of Struts 2", ev...)
	}
	if c, ok := a.desc.first("struts-config.xml"); ok {
		for i, line := range strings.Split(string(c.file.Data[:min(len(c.file.Data), 2048)]), "\n") {
			if m := strutsDTD.FindStringSubmatch(line); m != nil {
				return detect.Infer(m[1]+"."+m[2], "struts-config.xml is written for it", c.file.Evidence(i+1))
			}
		}
	}
	return detect.Infer("1", "its servlet is that of Struts 1", ev...)
}

var strutsDTD = manifest.Lazy(`struts-config_(\d)_(\d)\.dtd`)

// frameworks by their libraries alone, when no web.xml says which of them takes the requests.
var frameworks = []library{
	{"struts", []string{"org.apache.struts:struts2-core", "struts2-core*", "struts:struts", "org.apache.struts:struts-core"}},
	{"stripes", []string{"net.sourceforge.stripes:stripes"}},
	{"vaadin", []string{"com.vaadin:vaadin-server", "com.vaadin:vaadin-core", "com.vaadin:vaadin-spring*"}},
	{"spring-mvc", []string{"org.springframework:spring-webmvc", "spring-webmvc*"}},
}

// libraryFramework needs a web application: a library of a worker is no front.
func (a *app) libraryFramework() (name, version detect.Value[string]) {
	if a.packaging.s != "war" && a.packaging.s != "ear" && !a.serves() {
		return name, version
	}
	return a.byLibrary(frameworks)
}

// enterprise recognises Java EE and Jakarta EE: its API among the libraries, its descriptors, its imports.
func (a *app) enterprise() (name, version detect.Value[string]) {
	ev := a.enterpriseProof()
	if ev == nil {
		return name, version
	}
	name = detect.Is("jakarta-ee", ev...)
	for _, d := range a.deps {
		if d.profile != "" || d.scope == "test" {
			continue
		}
		switch d.artifact {
		case "javaee-api", "javaee-web-api", "jakarta.jakartaee-api", "jakarta.jakartaee-web-api":
			if d.version.known() && major(d.version.s) > 0 {
				t := d.version
				t.s = fmt.Sprint(major(t.s))
				t.ev = proof(t.ev, d.ev)
				return name, t.value()
			}
		}
	}
	if v := a.platformLevel(); v.Set() {
		return name, v
	}
	if v, at := a.servletVersion(); eeOfServlet[v] != "" {
		return name, detect.Infer(eeOfServlet[v], "the platform that servlet "+v+" belongs to", at...)
	}
	return name, version
}

var jbossPlatform = manifest.Lazy(`^jboss-javaee-(?:all-|web-)?(\d+)\.0`)

// platformLevel reads the platform from a bill of materials, application.xml or the EJB API.
func (a *app) platformLevel() detect.Value[string] {
	if p := a.idx.poms[path.Join(a.dir.Path, "pom.xml")]; p != nil {
		best := detect.Value[string]{}
		for _, d := range a.idx.model(p).managed() {
			if m := jbossPlatform.FindStringSubmatch(d.artifact); m != nil && (!best.Set() || earlier(d.ev, best.Evidence)) {
				best = detect.Is(m[1], d.ev...)
			}
		}
		if best.Set() {
			return best
		}
	}
	if d, ok := a.desc.first("application.xml"); ok && d.xml.Attr("version") != "" {
		return detect.Infer(d.xml.Attr("version"), "application.xml is written for it", d.at(d.xml)...)
	}
	return detect.Value[string]{}
}

func earlier(a, b []detect.Evidence) bool {
	return len(a) > 0 && (len(b) == 0 || a[0].File < b[0].File || a[0].File == b[0].File && a[0].Line < b[0].Line)
}

// enterpriseLibs are artifacts that only a Java EE application names.
var enterpriseLibs = []string{"javaee-api", "javaee-web-api", "jakarta.jakartaee-api", "jakarta.jakartaee-web-api", "jboss-javaee-*", "javax.ejb:*", "javax.ejb-api", "ejb-api",
	"jboss-ejb-api_*", "jakarta.ejb:*", "javax.faces:*", "javax.faces-api", "jsf-api*", "jsf-impl*", "myfaces-api*", "myfaces-impl*", "org.apache.myfaces.core:*", "com.sun.faces:*", "org.glassfish:javax.faces",
	"org.glassfish:jakarta.faces", "jakarta.faces:*", "primefaces*", "richfaces*", "javax.enterprise:cdi-api", "cdi-api", "jakarta.enterprise:*", "javax.ws.rs:*", "jsr311-api", "jboss-jaxrs-api_*", "jakarta.ws.rs:*",
	"org.glassfish.jersey.containers:jersey-container-servlet*", "com.sun.jersey:jersey-server", "com.sun.jersey:jersey-servlet", "org.jboss.resteasy:*", "openejb*", "j2ee*"}

func (a *app) enterpriseProof() []detect.Evidence {
	if a.packaging.s == "ear" {
		return a.packaging.ev
	}
	for _, n := range []string{"faces-config.xml", "ejb-jar.xml", "application.xml"} {
		if d, ok := a.desc.first(n); ok {
			return d.at(d.xml)
		}
	}
	if ev, ok := a.desc.class(func(c string) bool {
		return strings.HasPrefix(c, "javax.faces.") || strings.HasPrefix(c, "jakarta.faces.") || strings.HasPrefix(c, "org.glassfish.jersey.") ||
			strings.HasPrefix(c, "com.sun.jersey.") || strings.HasPrefix(c, "org.jboss.resteasy.") || strings.HasPrefix(c, "com.sun.faces.")
	}); ok {
		return ev
	}
	if a.packaging.s == "war" {
		if d, ok := a.dep(enterpriseLibs...); ok {
			return d.ev
		}
		for _, pkg := range []string{"javax.ejb", "jakarta.ejb", "javax.faces", "jakarta.faces", "javax.ws.rs", "jakarta.ws.rs", "javax.enterprise", "jakarta.enterprise"} {
			if ev := a.code.imports[pkg]; ev != nil {
				return ev
			}
		}
	}
	if a.plugins["wildfly-swarm-plugin"] != nil || a.plugins["thorntail-maven-plugin"] != nil || a.plugins["payara-micro-maven-plugin"] != nil {
		for _, n := range []string{"wildfly-swarm-plugin", "thorntail-maven-plugin", "payara-micro-maven-plugin"} {
			if ev := a.plugins[n]; ev != nil {
				return ev
			}
		}
	}
	return nil
}

// servers are libraries by which a jar answers HTTP requests itself.
var servers = []struct {
	artifact, server string
}{
	{"spring-boot-starter-undertow", "none"}, {"spring-boot-starter-jetty", "jetty"}, {"spring-boot-starter-webflux", "none"}, {"spring-cloud-starter-gateway", "none"},
	{"spring-boot-starter-web", "tomcat"}, {"spring-boot-starter-web-services", "tomcat"}, {"spring-boot-starter-jersey", "tomcat"}, {"spring-boot-starter-data-rest", "tomcat"}, {"spring-boot-starter-hateoas", "tomcat"},
	{"spring-boot-starter-tomcat", "tomcat"}, {"spring-boot-starter-vaadin", "tomcat"}, {"vaadin-spring-boot-starter", "tomcat"},
	{"spring-cloud-config-server", "tomcat"}, {"spring-cloud-starter-netflix-eureka-server", "tomcat"}, {"spring-cloud-starter-eureka-server", "tomcat"}, {"spring-cloud-starter-zuul", "tomcat"}, {"spring-cloud-starter-netflix-zuul", "tomcat"},
	{"spring-cloud-starter-netflix-hystrix-dashboard", "tomcat"}, {"spring-boot-admin-starter-server", "tomcat"}, {"spring-boot-admin-server", "tomcat"}, {"spring-boot-starter-thymeleaf", "tomcat"}, {"spring-boot-starter-freemarker", "tomcat"},
	{"dropwizard-core", "jetty"}, {"io.dropwizard:dropwizard-jetty", "jetty"}, {"io.dropwizard:dropwizard-auth", "jetty"}, {"io.dropwizard:dropwizard-views*", "jetty"}, {"io.dropwizard:dropwizard-assets", "jetty"}, {"tomcat-embed-core", "tomcat"}, {"org.mortbay.jetty:jetty", "jetty"}, {"jetty-server", "jetty"}, {"jetty-webapp", "jetty"}, {"jetty-servlet", "jetty"},
	{"spark-core", "jetty"}, {"javalin", "jetty"}, {"undertow-core", "none"}, {"undertow-servlet", "none"}, {"vertx-web", "none"}, {"ratpack-core", "none"}, {"quarkus-resteasy*", "none"}, {"quarkus-undertow", "none"}, {"quarkus-rest*", "none"}, {"quarkus-vertx*", "none"},
	{"micronaut-http-server*", "none"}, {"grizzly-http*", "none"}, {"jersey-container-grizzly2-http", "none"}, {"jersey-container-jetty-http", "jetty"}, {"play_*", "none"}, {"play-java_*", "none"}, {"akka-http_*", "none"}, {"http4k-*", "none"}, {"ktor-server-*", "none"},
	{"armeria", "none"}, {"org.playframework:play_*", "none"}, {"ring-jetty-adapter", "jetty"}, {"ring:ring", "jetty"}, {"ring-server", "jetty"}, {"io.pedestal:pedestal.jetty", "jetty"}, {"http-kit", "none"}, {"aleph", "none"}, {"org.immutant:web", "none"}, {"org.immutant:immutant", "none"},
	{"ring-undertow-adapter", "none"}, {"luminus-*", "none"}, {"http4s-ember-server_*", "none"}, {"http4s-blaze-server_*", "none"}, {"http4s-jetty*", "jetty"}, {"zio-http_*", "none"}, {"tapir-netty-server*", "none"}, {"tapir-http4s-server*", "none"}, {"tapir-vertx-server*", "none"}, {"tapir-akka-http-server*", "none"}, {"tapir-pekko-http-server*", "none"}, {"tapir-jdkhttp-server*", "none"}, {"tapir-zio-http-server*", "none"}, {"finatra-http_*", "none"}, {"finagle-http_*", "none"},
	{"twitter-server_*", "none"}, {"pekko-http_*", "none"}, {"spray-can*", "none"}, {"cask_*", "none"}, {"unfiltered-jetty*", "jetty"}, {"unfiltered-*", "none"}, {"helidon-webserver*", "none"}, {"jooby*", "none"}, {"blade-*", "none"}, {"netty-http*", "none"}, {"restlet", "none"}, {"webapp-runner", "tomcat"},
}

// server returns the library by which the application answers HTTP by itself; "none" is one that the contract has no
// word for (Undertow, Netty).
func (a *app) server() (string, dep, bool) {
	for _, s := range servers {
		if s.artifact == "spark-core" {
			if d, ok := a.dep("com.sparkjava:spark-core"); ok {
				return s.server, d, true
			}
			continue
		}
		if d, ok := a.dep(s.artifact); ok && d.scope != "provided" {
			return s.server, d, true
		}
	}
	return "", dep{}, false
}

// serves reports whether a jar answers HTTP requests.
func (a *app) serves() bool {
	_, _, ok := a.server()
	return ok
}

// language decides among the languages of the JVM by the number of source files.
func (a *app) language() (lang, version detect.Value[string]) {
	names := []struct{ lang, pattern string }{{"java", "**/*.java"}, {"kotlin", "**/*.kt"}, {"groovy", "**/*.groovy"}, {"scala", "**/*.scala"}, {"clojure", "**/*.{clj,cljc}"}}
	best, most, first := "java", 0, ""
	for _, n := range names {
		files := a.files(sources, maxListed, n.pattern)
		if len(files) > most {
			best, most, first = n.lang, len(files), files[0]
		}
	}
	if most == 0 {
		lang = detect.Infer("java", "the build is Java's and holds no sources of its own", a.build.Evidence...)
		return lang, version
	}
	lang = detect.Infer(best, fmt.Sprintf("%d source files, more than of any other language", most), detect.Evidence{File: first})
	if best == "java" {
		lang.Why = ""
		lang.From = detect.Declared
		return lang, version
	}
	return lang, a.otherLanguage(best)
}

// maxListed bounds the source files that are counted.
const maxListed = 20000

// otherLanguage is the version of Kotlin, Groovy or Scala.
func (a *app) otherLanguage(lang string) detect.Value[string] {
	libs := map[string][]string{"kotlin": {"kotlin-stdlib*", "kotlin-gradle-plugin", "kotlin-reflect"}, "groovy": {"groovy-all", "groovy"}, "scala": {"scala-library", "scala3-library_*"}, "clojure": {"org.clojure:clojure"}}[lang]
	if d, ok := a.dep(libs...); ok && d.version.known() {
		return frameworkVersion(d)
	}
	if lang == "scala" && a.scala.set() {
		return a.scala.value()
	}
	for _, name := range []string{lang + ".version", lang + "_version", lang + "Version", "plugin." + lang} {
		if t, ok := a.property(name); ok && t.known() {
			return t.value()
		}
	}
	return detect.Value[string]{}
}

// quarkusVersion is the version of Quarkus that the build names; "" when it cannot be told.
func (a *app) quarkusVersion() string {
	for _, k := range versionProperties["quarkus"] {
		if t, ok := a.property(k); ok && t.known() {
			return t.s
		}
	}
	if d, ok := a.dep("io.quarkus:*", "io.quarkus.platform:*"); ok && d.version.known() {
		return d.version.s
	}
	return ""
}

// quarkusJar are the options by which Quarkus packs the application and its libraries in one file, *-runner.jar: by
// itself it makes a directory from 1.12 on. Source: Quarkus' reference of its configuration, package settings.
func quarkusJar(version string) []string {
	switch {
	case version == "" || !older(version, "3.9"):
		return []string{"-Dquarkus.package.jar.type=uber-jar"}
	case older(version, "1.12"):
		return []string{"-Dquarkus.package.uber-jar=true"}
	}
	return []string{"-Dquarkus.package.type=uber-jar"}
}
