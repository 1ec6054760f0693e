package java

import (
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// serverMark is a descriptor that only one application server reads.
type serverMark struct {
	server string
	files  []string
}

var serverMarks = []serverMark{
	{"jboss", []string{"jboss-web.xml", "jboss-app.xml", "jboss-ejb3.xml", "jboss.xml", "jboss-deployment-structure.xml", "jboss-service.xml", "*-ds.xml"}},
	{"glassfish", []string{"glassfish-web.xml", "sun-web.xml", "glassfish-resources.xml", "sun-resources.xml", "sun-application.xml", "glassfish-application.xml", "payara-web.xml"}},
	{"weblogic", []string{"weblogic.xml", "weblogic-application.xml", "weblogic-ejb-jar.xml"}},
	{"websphere", []string{"ibm-web-bnd.xml", "ibm-web-bnd.xmi", "ibm-web-ext.xml", "ibm-web-ext.xmi", "ibm-ejb-jar-bnd.xml", "ibm-application-bnd.xml", "ibm-application-bnd.xmi"}},
	{"tomcat", []string{"context.xml", "tomee.xml"}},
	{"jetty", []string{"jetty-web.xml", "jetty-env.xml"}},
}

// serverPlugins are plugins of the build that run or fill one server; the first that are there decide.
var serverPlugins = []struct{ plugin, server string }{
	{"liberty-maven-plugin", "liberty"}, {"liberty", "liberty"}, {"net.wasdev.wlp.gradle.plugins.Liberty", "liberty"}, {"io.openliberty.tools.gradle.Liberty", "liberty"},
	{"wildfly-maven-plugin", "wildfly"}, {"wildfly-jar-maven-plugin", "wildfly"}, {"jboss-as-maven-plugin", "jboss"}, {"glassfish-maven-plugin", "glassfish"}, {"maven-glassfish-plugin", "glassfish"}, {"maven-embedded-glassfish-plugin", "glassfish"},
	{"weblogic-maven-plugin", "weblogic"}, {"tomee-maven-plugin", "tomcat"}, {"tomcat7-maven-plugin", "tomcat"}, {"tomcat6-maven-plugin", "tomcat"}, {"tomcat-maven-plugin", "tomcat"}, {"com.bmuschko.tomcat", "tomcat"}, {"org.gretty", "jetty"},
	{"org.akhikhl.gretty", "jetty"}, {"jetty-maven-plugin", "jetty"}, {"maven-jetty-plugin", "jetty"}, {"jetty", "jetty"},
}

// appServer decides the server and its version.
func (a *app) appServer(c *detect.Component) (server, version detect.Value[string]) {
	switch {
	case c.Role.V != detect.Web:
		return server, version
	case a.packaging.s != "war" && a.packaging.s != "ear":
		return a.ownServer()
	case a.packaging.s == "war" && a.executable && len(a.bootEv) > 0 && !a.initializes():
		return detect.Infer("none", "the war starts its own server, and no SpringBootServletInitializer would start it inside another", a.bootEv...), version
	}
	marks := a.marked()
	if len(marks) == 0 {
		server, version = a.inferServer()
		return server, version
	}
	server = marks[0]
	for _, m := range marks[1:] {
		if m.V != server.V {
			server.Others = append(server.Others, m)
		}
	}
	return server, a.serverVersion(server)
}

// ownServer is the server inside an executable jar.
func (a *app) ownServer() (server, version detect.Value[string]) {
	for _, p := range []struct{ plugin, server string }{{"wildfly-swarm-plugin", "wildfly"}, {"thorntail-maven-plugin", "wildfly"}, {"wildfly-jar-maven-plugin", "wildfly"}, {"payara-micro-maven-plugin", "glassfish"}} {
		if ev := a.plugins[p.plugin]; ev != nil {
			return detect.Is(p.server, ev...), version
		}
	}
	name, d, ok := a.server()
	if !ok && len(a.bootEv) > 0 {
		return detect.Infer("tomcat", "Spring Boot's own server, unless a library brings another", a.bootEv...), version
	}
	if !ok {
		return detect.Infer("none", "no server that is known is among the libraries", a.build.Evidence...), version
	}
	server = detect.Infer(name, d.artifact+" brings it into the application", d.ev...)
	if name == "none" {
		server.Why = d.artifact + " answers requests with its own server"
	}
	if strings.HasPrefix(d.artifact, "jetty-") || d.artifact == "tomcat-embed-core" {
		version = frameworkVersion(d)
	}
	return server, version
}

// initializes reports whether a Spring Boot war can be started by an outside server.
func (a *app) initializes() bool {
	for _, at := range a.files(sources, maxListed, "**/*.{java,kt,groovy}") {
		base := path.Base(at)
		if !strings.Contains(base, "nitializer") && !mainName.MatchString(base) && !strings.Contains(base, "Web") {
			continue
		}
		if f, ok := a.file(at); ok && strings.Contains(string(f.Data), "SpringBootServletInitializer") {
			return true
		}
	}
	return false
}

// marked returns the servers that descriptors and the build name, the strongest first.
func (a *app) marked() []detect.Value[string] {
	var out []detect.Value[string]
	if v := a.dockerServer(); v.Set() {
		out = append(out, v)
	}
	if f, ok := a.libertyConfig(); ok {
		out = append(out, detect.Is("liberty", f.at(f.xml)...))
	}
	byDescriptor, vendors := a.vendors()
	if len(out) == 0 && vendors > 1 && !a.needsEnterprise() {
		// A war with descriptors for every server is written for none of them.
		why := "it has descriptors of several servers and needs none of their services"
		out = append(out, detect.Infer("tomcat", why, byDescriptor[0].Evidence...))
	}
	out = append(append(out, byDescriptor...), a.byPlugin()...)
	if d, ok := a.desc.first("context.xml"); ok && d.xml.Name == "Context" {
		out = append(out, detect.Is("tomcat", d.at(d.xml)...))
	}
	if len(out) == 0 {
		if ev := a.jbossBuild(); ev != nil {
			out = append(out, a.jboss(ev))
		}
	}
	if len(out) == 0 && !a.needsEnterprise() {
		out = a.weaklyMarked()
	}
	return out
}

// jbossBuild is where the build takes its libraries or its tests from JBoss or WildFly: the war is made for that server.
func (a *app) jbossBuild() []detect.Evidence {
	for _, d := range a.deps {
		if d.profile == "" && (d.group == "org.wildfly.arquillian" || d.group == "org.jboss.as" || d.group == "org.jboss.eap") && d.scope != "compile" {
			return d.ev
		}
	}
	p := a.idx.poms[path.Join(a.dir.Path, "pom.xml")]
	if p == nil {
		return nil
	}
	m := a.idx.model(p)
	managed := m.managed()
	for _, key := range slices.Sorted(maps.Keys(managed)) {
		if d := managed[key]; d.scope == "import" && (strings.HasPrefix(d.group, "org.jboss.bom") || strings.HasPrefix(d.group, "org.wildfly.bom") || d.group == "org.jboss.spec") {
			return d.ev
		}
	}
	return nil
}

// vendors returns the servers whose own descriptors the application has, and how many they are.
func (a *app) vendors() (out []detect.Value[string], count int) {
	for _, m := range serverMarks {
		d, ok := a.desc.first(m.files...)
		if !ok {
			continue
		}
		switch m.server {
		case "jetty", "tomcat": // weak: many applications carry one and run elsewhere
			continue
		case "jboss":
			out = append(out, a.jboss(d.at(d.xml)))
			continue
		case "websphere":
			if ev := a.plugins["liberty-maven-plugin"]; ev != nil {
				continue // Liberty reads them too
			}
		}
		out = append(out, detect.Is(m.server, d.at(d.xml)...))
	}
	return out, len(out)
}

// byPlugin returns the servers that plugins of the build start. Jetty is left to weaklyMarked.
func (a *app) byPlugin() []detect.Value[string] {
	var out []detect.Value[string]
	for _, p := range serverPlugins {
		switch ev := a.plugins[p.plugin]; {
		case ev == nil || p.server == "jetty":
		case p.server == "jboss" || p.server == "wildfly":
			out = append(out, a.jboss(ev))
		default:
			out = append(out, detect.Is(p.server, ev...))
		}
	}
	if s := cargoServer(a.container.s); s != "" {
		out = append(out, detect.Is(s, a.container.ev...))
	}
	return out
}

// serverImages maps words in the names of images to servers.
var serverImages = []struct{ word, server string }{{"tomcat", "tomcat"}, {"tomee", "tomcat"}, {"wildfly", "wildfly"}, {"jboss", "jboss"}, {"liberty", "liberty"}, {"payara", "glassfish"},
	{"glassfish", "glassfish"}, {"websphere", "websphere"}, {"weblogic", "weblogic"}, {"jetty", "jetty"}}

// dockerServer is the server that an existing Dockerfile runs the application on.
func (a *app) dockerServer() detect.Value[string] {
	for _, d := range []detect.Dir{a.dir, a.root} {
		f, err := d.Read("Dockerfile")
		if err != nil {
			continue
		}
		df, err := manifest.ParseDockerfile(f.Data)
		if err != nil || len(df.Stages) == 0 {
			continue
		}
		base := df.Base(df.Stages[len(df.Stages)-1])
		for _, s := range serverImages {
			if strings.Contains(strings.ToLower(base.Image), s.word) {
				return detect.Infer(s.server, "the existing Dockerfile runs it there", f.Evidence(base.Line))
			}
		}
	}
	return detect.Value[string]{}
}

// weaklyMarked: Jetty is what many builds start for a quick look, while the war is meant for any servlet container.
func (a *app) weaklyMarked() []detect.Value[string] {
	var jetty []detect.Evidence
	if d, ok := a.desc.first("jetty-web.xml", "jetty-env.xml"); ok {
		jetty = d.at(d.xml)
	}
	for _, p := range serverPlugins {
		if ev := a.plugins[p.plugin]; ev != nil && p.server == "jetty" && jetty == nil {
			jetty = ev
		}
	}
	if jetty == nil {
		return nil
	}
	_, ev := a.servletVersion()
	t := detect.Infer("tomcat", "a war for any servlet container; the build starts Jetty for a quick look", proof(ev, jetty)...)
	return []detect.Value[string]{t, detect.Infer("jetty", "the build can start it", jetty...)}
}

// jboss tells JBoss (EAP and AS, Java EE 6 and older) from WildFly by what the build names.
func (a *app) jboss(ev []detect.Evidence) detect.Value[string] {
	if at := a.plugins["wildfly-maven-plugin"]; at != nil {
		return detect.Is("wildfly", proof(at, ev)...)
	}
	if at := a.plugins["jboss-as-maven-plugin"]; at != nil {
		return detect.Is("jboss", proof(ev, at)...)
	}
	if p := a.idx.poms[path.Join(a.dir.Path, "pom.xml")]; p != nil {
		best := detect.Value[string]{}
		managed := a.idx.model(p).managed()
		for _, key := range slices.Sorted(maps.Keys(managed)) {
			d := managed[key]
			switch {
			case strings.HasPrefix(d.group, "org.jboss.bom") || strings.HasPrefix(d.group, "org.jboss.spec"):
				if !best.Set() || earlier(d.ev, best.Evidence[len(ev):]) {
					best = detect.Is("jboss", proof(ev, d.ev)...)
				}
			case strings.HasPrefix(d.group, "org.wildfly"):
				return detect.Is("wildfly", proof(ev, d.ev)...)
			}
		}
		if best.Set() {
			return best
		}
	}
	if v, at := a.servletVersion(); v != "" && v < "3.1" {
		return detect.Infer("jboss", "its descriptors, and a servlet version from before WildFly", proof(ev, at)...)
	}
	return detect.Infer("wildfly", "JBoss descriptors are read by WildFly, its successor", ev...)
}

var cargoID = manifest.Lazy(`^(tomcat|tomee|jboss|wildfly|liberty|websphere|weblogic|glassfish|payara|jetty)`)

func cargoServer(id string) string {
	m := cargoID.FindString(strings.ToLower(id))
	switch m {
	case "tomee":
		return "tomcat"
	case "payara":
		return "glassfish"
	}
	return m
}

// libertyConfig returns Liberty's server.xml: one with features, anywhere in the build.
func (a *app) libertyConfig() (descriptor, bool) {
	if a.liberty != nil {
		return *a.liberty, a.liberty.xml != nil
	}
	a.liberty = &descriptor{}
	for i, name := range a.root.Named("server.xml") {
		if i >= 20 {
			break
		}
		f, err := a.root.Read(name)
		if err != nil || generated(path.Dir(name)) {
			continue
		}
		x, err := manifest.ParseXML(f.Data)
		if err != nil {
			warn(a.root, f.Path, err)
			continue
		}
		if x.Name == "server" && (x.Find("featureManager") != nil || x.Find("httpEndpoint") != nil) {
			a.liberty = &descriptor{f, x}
			return *a.liberty, true
		}
	}
	return descriptor{}, false
}

// inferServer chooses by the servlet API when nothing names a server.
func (a *app) inferServer() (server, version detect.Value[string]) {
	_, ev := a.servletAPI()
	if len(ev) == 0 {
		ev = a.packaging.ev
	}
	if a.needsEnterprise() {
		why := "it needs EJB, JMS, CDI or another part of Java EE that Tomcat does not have and the application does not bring"
		server = detect.Infer("wildfly", why, proof(a.enterpriseEv, ev)...)
		return server, a.serverVersion(server)
	}
	server = detect.Infer("tomcat", "a war for any servlet container", proof(a.packaging.ev, ev)...)
	return server, a.serverVersion(server)
}

// implementations of parts of Java EE that an application can bring to a servlet container itself.
var implementations = []string{"jersey-*", "resteasy-servlet-initializer", "resteasy-jaxrs", "weld-servlet*", "openwebbeans-*", "myfaces-impl*", "jsf-impl*", "javax.faces", "jakarta.faces", "cxf-*", "tomee-embedded", "openejb-core"}

// needsEnterprise reports whether a servlet container is not enough.
func (a *app) needsEnterprise() bool {
	if a.enterpriseSet {
		return a.enterpriseEv != nil
	}
	a.enterpriseSet = true
	need := func(ev []detect.Evidence) bool { a.enterpriseEv = ev; return true }
	if a.packaging.s == "ear" {
		return need(a.packaging.ev)
	}
	if d, ok := a.desc.first("ejb-jar.xml"); ok {
		return need(d.at(d.xml))
	}
	code := a.scan()
	for _, p := range []string{"javax.ejb", "jakarta.ejb"} {
		if ev := code.imports[p]; ev != nil {
			return need(ev)
		}
	}
	for _, d := range a.desc["persistence.xml"] {
		for _, e := range d.xml.All("persistence-unit", "jta-data-source") {
			return need(d.at(e))
		}
	}
	if len(a.bootEv) > 0 {
		return false
	}
	for _, n := range implementations {
		if d, ok := a.dep(n); ok && d.shipped() {
			return false
		}
	}
	for _, p := range []string{"javax.enterprise", "jakarta.enterprise", "javax.ws.rs", "jakarta.ws.rs", "javax.faces", "jakarta.faces", "javax.jms"} {
		ev := code.imports[p]
		if ev == nil {
			continue
		}
		if d, ok := a.dep("javaee-api", "javaee-web-api", "jakarta.jakartaee-api", "jakarta.jakartaee-web-api", "cdi-api", "javax.ws.rs-api", "jsr311-api", "jakarta.ws.rs-api", "jboss-jaxrs-api_*", "javax.faces-api", "jsf-api", "javax.jms-api"); ok && d.scope == "provided" {
			return need(proof(ev, d.ev))
		}
	}
	return false
}

// serverVersion is the version of the server by the servlet API that the application names.
func (a *app) serverVersion(server detect.Value[string]) detect.Value[string] {
	v, ev := a.servletVersion()
	api, at := a.servletAPI()
	if len(ev) == 0 {
		ev = at
	}
	switch server.V {
	case "tomcat":
		if n := strings.TrimPrefix(strings.ToLower(a.container.s), "tomcat"); n != strings.ToLower(a.container.s) {
			if t := tomcatVersion(strings.TrimSuffix(n, "x")); t != "" {
				return detect.Is(t, a.container.ev...)
			}
		}
		if api == "jakarta" {
			return detect.Infer("10.1", "the oldest maintained Tomcat with the jakarta packages", ev...)
		}
		why := "the last Tomcat with the javax packages, and it is maintained"
		if v != "" {
			why = "servlet " + v + " runs on it: " + why
		}
		if len(ev) == 0 {
			return detect.Guess("9.0", why)
		}
		return detect.Infer("9.0", why, ev...)
	case "wildfly", "jboss":
		if d, ok := a.dep("org.wildfly:*"); ok && d.version.known() {
			return frameworkVersion(d)
		}
	}
	return detect.Value[string]{}
}

// tomcatVersion makes "9.0" of cargo's "9".
func tomcatVersion(n string) string {
	switch n {
	case "7", "9", "6":
		return n + ".0"
	case "8":
		return "8.5"
	case "10":
		return "10.1"
	}
	return ""
}

// serverPorts are the ports that servers listen on when nobody says otherwise, by their documentation.
var serverPorts = map[string]int{"liberty": 9080, "websphere": 9080, "weblogic": 7001}

// port decides the port.
func (a *app) port(c *detect.Component) detect.Value[int] {
	if c.Role.V != detect.Web {
		return detect.Value[int]{}
	}
	if a.packaging.s == "war" && c.AppServer.V != "none" || a.packaging.s == "ear" {
		return a.warPort(c)
	}
	var found []detect.Value[int]
	s := a.readSettings()
	if len(a.bootEv) > 0 {
		if n, ev, ok := s.port(a, "server.port"); ok {
			found = append(found, detect.Is(n, ev...))
		}
	}
	switch c.Framework.V {
	case "dropwizard":
		if n, ev, ok := s.dropwizardPort(); ok {
			found = append(found, detect.Is(n, ev...))
		}
	case "micronaut":
		if n, ev, ok := s.port(a, "micronaut.server.port"); ok {
			found = append(found, detect.Is(n, ev...))
		}
	case "play":
		if n, ev, ok := s.port(a, "play.server.http.port", "http.port"); ok {
			found = append(found, detect.Is(n, ev...))
		}
	case "ring":
		if v := c.Facts["ringPort"]; v.Set() {
			if n, err := strconv.Atoi(v.V); err == nil && n > 0 && n < 65536 {
				found = append(found, detect.Is(n, v.Evidence...))
			}
		}
		if n, ev, ok := s.port(a, "port", "http.port", "server.port", "env.port"); ok {
			found = append(found, detect.Is(n, ev...))
		}
		if n, ev := a.scan().codePort(); n > 0 {
			found = append(found, detect.Infer(n, "the code opens it", ev...))
		}
		for _, e := range a.scan().env {
			if n, err := strconv.Atoi(e.def); e.name == "PORT" && err == nil && n > 0 && n < 65536 {
				found = append(found, detect.Infer(n, "the port when PORT is not set", e.ev))
			}
		}
	case "grails":
		if n, ev, ok := s.port(a, "grails.server.port.http"); ok && c.Packaging.V != "war" {
			found = append(found, detect.Is(n, ev...))
		}
	case "quarkus":
		if n, ev, ok := s.port(a, "quarkus.http.port"); ok {
			found = append(found, detect.Is(n, ev...))
		}
	}
	if n, ev, ok := s.port(a, "ktor.deployment.port", "http.port", "akka.http.server.default-http-port", "server.port", "app.port", "service.port"); ok && len(a.bootEv) == 0 && c.Framework.V == "none" && c.Build.V != "none" {
		found = append(found, detect.Is(n, ev...))
	}
	if n, ev := a.scan().codePort(); n > 0 && len(a.bootEv) == 0 && c.Framework.V == "none" {
		found = append(found, detect.Infer(n, "the code opens it", ev...))
	}
	if len(a.bootEv) == 0 {
		for _, e := range a.scan().env {
			if n, err := strconv.Atoi(e.def); (e.name == "PORT" || e.name == "HTTP_PORT" || e.name == "SERVER_PORT") && err == nil && n > 0 && n < 65536 && c.Framework.V != "ring" {
				found = append(found, detect.Infer(n, "the port when "+e.name+" is not set", e.ev))
			}
		}
	}
	found = append(found, a.statedPorts()...)
	if len(found) == 0 {
		return a.defaultPort(c)
	}
	out := found[0]
	for _, o := range found[1:] {
		if o.V != out.V {
			out.Others = append(out.Others, o)
		}
	}
	return out
}

func (a *app) defaultPort(c *detect.Component) detect.Value[int] {
	_, d, ok := a.server()
	n := 8080
	switch {
	case c.Framework.V == "play":
		n = 9000
	case c.Framework.V == "ring" && (d.artifact == "ring-server" || c.Build.V == "leiningen"):
		n = 3000
	case d.artifact == "spark-core":
		n = 4567
	case d.artifact == "javalin":
		n = 7000
	}
	if !ok && len(a.bootEv) > 0 {
		return detect.Infer(n, "the default of Spring Boot: nothing sets another", a.bootEv...)
	}
	if !ok {
		return detect.Guess(n, "the port that servers of this platform usually listen on")
	}
	what := d.artifact
	if len(a.bootEv) > 0 {
		what = "Spring Boot"
	} else if c.Framework.V == "dropwizard" {
		what = "Dropwizard"
	}
	return detect.Infer(n, "the default of "+what+": nothing sets another", d.ev...)
}

func (a *app) warPort(c *detect.Component) detect.Value[int] {
	if c.AppServer.V == "liberty" {
		if f, ok := a.libertyConfig(); ok {
			for _, e := range f.xml.All("httpEndpoint") {
				if n, err := strconv.Atoi(e.Attr("httpPort")); err == nil && n > 0 && n < 65536 {
					return detect.Is(n, f.at(e)...)
				}
			}
		}
	}
	n := serverPorts[c.AppServer.V]
	if n == 0 {
		n = 8080
	}
	return detect.Infer(n, "the default of "+c.AppServer.V, c.AppServer.Evidence...)
}

// dropwizardPort reads the first application connector of a Dropwizard configuration.
func (s *settings) dropwizardPort() (int, []detect.Evidence, bool) {
	for _, norm := range []string{"server.applicationconnectors.0.port", "server.connector.port", "http.port"} {
		for _, x := range s.all {
			if x.norm != norm {
				continue
			}
			v := x.value
			if segs := segments(v); len(segs) == 1 && segs[0].hasDef {
				v = segs[0].def
			}
			if n, err := strconv.Atoi(v); err == nil && n > 0 && n < 65536 {
				return n, []detect.Evidence{x.at()}, true
			}
		}
	}
	return 0, nil, false
}

// statedPorts are the ports that an existing Dockerfile or compose file opens for the application.
func (a *app) statedPorts() []detect.Value[int] {
	var out []detect.Value[int]
	for _, c := range a.compose() {
		if !a.isComposed(c) || len(c.Ports) == 0 {
			continue
		}
		p := c.Ports[0]
		out = append(out, detect.Infer(p.Number, "the compose file opens it for "+c.Name, c.file.Evidence(p.Line)))
	}
	f, err := a.dir.Read("Dockerfile")
	if err == nil {
		if df, err := manifest.ParseDockerfile(f.Data); err == nil && len(df.Expose) > 0 {
			out = append(out, detect.Infer(df.Expose[0].Number, "the existing Dockerfile opens it", f.Evidence(df.Expose[0].Line)))
		}
	}
	return out
}

// isComposed reports whether a service of a compose file is this application: built from its directory, or named as it
// is, with or without a common prefix.
func (a *app) isComposed(c composed) bool {
	if c.Build != "" {
		at := path.Join(c.dir, c.Build)
		return at == a.dir.Path && (at != c.dir || a.dir.Path == a.root.Path)
	}
	name := c.Image
	if i := strings.LastIndexByte(name, '/'); i >= 0 {
		name = name[i+1:]
	}
	name, _, _ = strings.Cut(name, ":")
	if manifest.IdentifyImage(c.Image).Service != "" {
		return false
	}
	return name != "" && (name == a.name || strings.HasSuffix(a.name, "-"+name)) || c.Name == a.name || strings.HasSuffix(a.name, "-"+c.Name)
}

// contextPath is the path below which a server answers for the application.
func (a *app) contextPath(c *detect.Component) detect.Value[string] {
	clean := func(s string) string {
		s = strings.Trim(strings.TrimSpace(s), "/")
		if s == "ROOT" {
			s = ""
		}
		return "/" + s
	}
	ok := func(s string) bool { return contextName.MatchString(s) && len(s) < 200 }
	for _, at := range []struct {
		file string
		path []string
		attr string
	}{{"jboss-web.xml", []string{"context-root"}, ""}, {"weblogic.xml", []string{"context-root"}, ""}, {"glassfish-web.xml", []string{"context-root"}, ""}, {"sun-web.xml", []string{"context-root"}, ""},
		{"application.xml", []string{"module", "web", "context-root"}, ""}, {"ibm-web-ext.xml", []string{"context-root"}, "uri"}, {"context.xml", nil, "path"}} {
		d, has := a.desc.first(at.file)
		if !has {
			continue
		}
		e := d.xml.Find(at.path...)
		v := ""
		if e != nil {
			if v = e.Text; at.attr != "" {
				v = e.Attr(at.attr)
			}
		}
		if v != "" && ok(clean(v)) {
			return detect.Is(clean(v), d.at(e)...)
		}
	}
	if len(a.bootEv) > 0 && (a.packaging.s == "jar" || c.AppServer.V == "none") {
		for _, k := range []string{"server.servlet.context-path", "server.context-path", "server.contextPath", "spring.webflux.base-path"} {
			if v, ev, has := a.readSettings().plain(a, k); has && ok(clean(v)) {
				return detect.Is(clean(v), ev...)
			}
		}
	}
	if a.context.known() && ok(clean(a.context.s)) && a.packaging.s != "jar" {
		return detect.Infer(clean(a.context.s), "the build deploys it there", a.context.ev...)
	}
	return detect.Guess("/", "nothing names another")
}

var contextName = manifest.Lazy(`^/[A-Za-z0-9._~/-]*$`)

// healthPath is a path that answers when the application works.
func (a *app) healthPath(c *detect.Component) detect.Value[string] {
	if c.Role.V != detect.Web {
		return detect.Value[string]{}
	}
	context := c.Facts["contextPath"]
	under := func(p string) string {
		if context.V == "/" || context.V == "" {
			return p
		}
		return context.V + p
	}
	if len(a.bootEv) > 0 {
		if v := a.actuator(under); v.Set() {
			return v
		}
	}
	if c.Framework.V == "quarkus" {
		if d, ok := a.dep("quarkus-smallrye-health"); ok {
			p := "/health"
			if major(c.FrameworkVersion.V) >= 2 {
				p = "/q/health"
			}
			return detect.Infer(p, "the path of "+d.artifact, d.ev...)
		}
	}
	for _, w := range a.desc["web.xml"] {
		if e := w.xml.Find("welcome-file-list", "welcome-file"); e != nil {
			return detect.Infer(under("/"), "its welcome file answers", w.at(e)...)
		}
	}
	why := "the root of the application; nothing names a path for health checks"
	if ev := append(append([]detect.Evidence{}, context.Evidence...), a.welcome()...); len(ev) > 0 {
		return detect.Infer(under("/"), why, ev...)
	}
	return detect.Guess(under("/"), why)
}

// welcome returns the file that a server shows for "/".
func (a *app) welcome() []detect.Evidence {
	for _, p := range a.parts {
		for _, dir := range append(append([]string{}, p.webRoots...), "src/main/resources/static", "src/main/resources/public", "src/main/resources/META-INF/resources", "src/main/resources/templates") {
			for _, f := range []string{"index.html", "index.htm", "index.jsp", "index.xhtml"} {
				if at := path.Join(dir, f); p.dir.Has(at) {
					return []detect.Evidence{{File: path.Join(p.dir.Path, at)}}
				}
			}
		}
	}
	return nil
}

// actuator is the health path of Spring Boot's actuator, when it answers on the application's own port.
func (a *app) actuator(under func(string) string) detect.Value[string] {
	d, ok := a.dep("spring-boot-starter-actuator", "spring-boot-actuator*")
	if !ok {
		return detect.Value[string]{}
	}
	s := a.readSettings()
	for _, k := range []string{"management.server.port", "management.port"} {
		own, _, has := s.plain(a, k)
		main, _, _ := s.plain(a, "server.port")
		if has && own != main {
			return detect.Value[string]{}
		}
	}
	for _, k := range []string{"management.endpoint.health.enabled", "management.endpoints.enabled-by-default", "endpoints.health.enabled", "endpoints.enabled"} {
		if v, _, has := s.plain(a, k); has && v == "false" {
			return detect.Value[string]{}
		}
	}
	include, _, has := s.plain(a, "management.endpoints.web.exposure.include")
	exclude, _, _ := s.plain(a, "management.endpoints.web.exposure.exclude")
	if has && include != "*" && !strings.Contains(include, "health") || strings.Contains(exclude, "health") || exclude == "*" {
		return detect.Value[string]{}
	}
	base, id := "/actuator", "health"
	keys := []string{"management.endpoints.web.base-path"}
	if v := major(a.boot.s); v == 1 {
		base, keys = "", []string{"management.context-path"}
	}
	ev := d.ev
	for _, k := range keys {
		if v, at, has := s.plain(a, k); has {
			base, ev = strings.TrimRight("/"+strings.Trim(v, "/"), "/"), proof(ev, at)
		}
	}
	for _, k := range []string{"management.endpoints.web.path-mapping.health", "endpoints.health.path"} {
		if v, at, has := s.plain(a, k); has && strings.Trim(v, "/") != "" {
			id, ev = strings.Trim(v, "/"), proof(ev, at)
		}
	}
	p := under(base + "/" + id)
	if !contextName.MatchString(p) {
		return detect.Value[string]{}
	}
	return detect.Infer(p, "the health endpoint of Spring Boot's actuator", ev...)
}
