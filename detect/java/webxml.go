package java

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// descriptor is an XML file of the application that says something about how it is deployed.
type descriptor struct {
	file detect.File
	xml  *manifest.Element
}

func (d descriptor) at(e *manifest.Element) []detect.Evidence {
	line := 0
	if e != nil {
		line = e.Line
	}
	return []detect.Evidence{d.file.Evidence(line)}
}

// descriptors are the deployment descriptors of an application by base name.
type descriptors map[string][]descriptor

// descriptorNames are the files that are looked for below the web roots and the resources.
var descriptorNames = []string{"web.xml", "application.xml", "ejb-jar.xml", "persistence.xml", "beans.xml", "faces-config.xml",
	"context.xml", "jboss-web.xml", "jboss-app.xml", "jboss-ejb3.xml", "jboss.xml", "jboss-deployment-structure.xml", "jboss-service.xml", "weblogic.xml", "weblogic-application.xml",
	"weblogic-ejb-jar.xml", "ibm-web-bnd.xml", "ibm-web-ext.xml", "ibm-web-bnd.xmi", "ibm-web-ext.xmi", "ibm-ejb-jar-bnd.xml", "ibm-application-bnd.xml", "ibm-application-bnd.xmi",
	"sun-web.xml", "glassfish-web.xml", "glassfish-resources.xml", "sun-resources.xml", "sun-application.xml", "glassfish-application.xml", "payara-web.xml",
	"jetty-web.xml", "jetty-env.xml", "geronimo-web.xml", "resin-web.xml", "tomee.xml", "resources.xml", "struts-config.xml", "struts.xml", "hibernate.cfg.xml"}

// maxDescriptors bounds how many are read.
const maxDescriptors = 200

// descriptors reads the deployment descriptors of all parts.
func (a *app) descriptors() descriptors {
	out := descriptors{}
	read := 0
	for _, p := range a.parts {
		for _, name := range descriptorNames {
			for _, f := range p.dir.Named(name) {
				if read++; read > maxDescriptors || !p.deploys(f) {
					continue
				}
				a.addDescriptor(out, p.dir, f)
			}
		}
		for _, f := range p.dir.Glob("{src/main/webapp,WebContent,web,webapp,src/main/resources,src/main/application,.}/{WEB-INF,META-INF,.}/*-ds.xml") {
			if p.deploys(f) {
				a.addDescriptor(out, p.dir, f)
			}
		}
	}
	return out
}

// deploys reports whether a file below the part's directory is part of what is deployed: not of a test, a build's
// output or a module of its own.
func (p part) deploys(f string) bool {
	if strings.HasPrefix(f, "src/test/") || generated(f) || sample(path.Dir(f)) {
		return false
	}
	if strings.Contains(f, "META-INF/resources/") {
		return false // of a library: a server reads the descriptors of the archive that it deploys
	}
	for _, dir := range append(append([]string{}, p.webRoots...), p.resources...) {
		if dir == "." || strings.HasPrefix(f, dir+"/") {
			return true
		}
	}
	for _, dir := range append([]string{"src/main/application", "META-INF", "WEB-INF", "ear", "EarContent", "conf", "etc", "ejbModule", "src/java", "src/conf"}, p.sources...) {
		if strings.HasPrefix(f, dir+"/") {
			return true
		}
	}
	return false
}

func (a *app) addDescriptor(out descriptors, d detect.Dir, name string) {
	f, err := d.Read(name)
	if err != nil {
		return
	}
	x, err := manifest.ParseXML(f.Data)
	if err != nil {
		warn(d, f.Path, err)
		return
	}
	base := path.Base(name)
	if strings.HasSuffix(base, "-ds.xml") {
		base = "*-ds.xml"
	}
	out[base] = append(out[base], descriptor{f, x})
}

// first returns the first descriptor with one of these names.
func (d descriptors) first(names ...string) (descriptor, bool) {
	for _, n := range names {
		if len(d[n]) > 0 {
			return d[n][0], true
		}
	}
	return descriptor{}, false
}

// class returns the place in a web.xml that names a servlet, filter or listener class that match accepts.
func (d descriptors) class(match func(class string) bool) ([]detect.Evidence, bool) {
	for _, w := range d["web.xml"] {
		for _, kind := range [][]string{{"servlet", "servlet-class"}, {"filter", "filter-class"}, {"listener", "listener-class"}} {
			for _, e := range w.xml.All(kind...) {
				if match(e.Text) {
					return []detect.Evidence{w.file.Evidence(e.TextLine)}, true
				}
			}
		}
	}
	return nil, false
}

var servletDTD = manifest.Lazy(`(?i)web[-_]app[-_ ]*(?:application )?(\d)[._](\d)`)

// webVersion is the servlet version that a web.xml is written for, and its place.
func (d descriptor) webVersion() (string, []detect.Evidence) {
	if v := d.xml.Attr("version"); v != "" {
		return v, d.at(d.xml)
	}
	// Before 2.4 the version stands in the DOCTYPE.
	head := string(d.file.Data[:min(len(d.file.Data), 4096)])
	for i, line := range strings.Split(head, "\n") {
		if m := servletDTD.FindStringSubmatch(line); m != nil {
			return m[1] + "." + m[2], []detect.Evidence{d.file.Evidence(i + 1)}
		}
	}
	return "", nil
}

// servletAPI returns the name space of the servlet API ("javax" or "jakarta", "" when nothing says) and the place.
func (a *app) servletAPI() (string, []detect.Evidence) {
	if a.namespace == nil {
		api, ev := a.findServletAPI()
		a.namespace = &text{s: api, ev: ev}
	}
	return a.namespace.s, a.namespace.ev
}

func (a *app) findServletAPI() (string, []detect.Evidence) {
	if len(a.bootEv) > 0 && a.boot.known() {
		if major(a.boot.s) >= 3 {
			return "jakarta", a.boot.ev
		}
		return "javax", a.boot.ev
	}
	imports := a.scan().imports
	for _, api := range []string{"jakarta", "javax"} {
		if ev := imports[api+".servlet"]; ev != nil {
			return api, ev
		}
	}
	for _, d := range a.deps {
		if d.profile != "" || d.scope == "test" {
			continue
		}
		switch {
		case strings.HasPrefix(d.group, "javax."), d.group == "javax", strings.HasPrefix(d.artifact, "javax."), d.artifact == "servlet-api", d.artifact == "javaee-api", d.artifact == "javaee-web-api":
			if strings.Contains(d.artifact, "servlet") || strings.Contains(d.artifact, "ee-") || strings.Contains(d.artifact, "ejb") || strings.Contains(d.artifact, "faces") {
				return "javax", d.proof()
			}
		case strings.HasPrefix(d.group, "jakarta."):
			// Artifacts of the jakarta groups kept the javax packages until Jakarta EE 8.
			if n := jakartaSince[d.artifact]; n > 0 && d.version.known() {
				return since(n, d)
			}
		case d.version.known() && (d.is("org.springframework:spring-webmvc") || d.is("org.springframework:spring-web")):
			return since(6, d)
		case d.version.known() && d.is("org.apache.struts:struts2-core"):
			return since(7, d)
		}
	}
	for _, api := range []string{"jakarta", "javax"} { // other parts of the platform moved together with it
		for _, part := range []string{".enterprise", ".ejb", ".faces", ".ws.rs", ".websocket", ".jws"} {
			if ev := imports[api+part]; ev != nil {
				return api, ev
			}
		}
	}
	// Last, since servers of the jakarta era still read the older descriptors.
	for _, w := range a.desc["web.xml"] {
		for _, at := range []struct{ ns, api string }{{"jakarta.ee/xml/ns", "jakarta"}, {"java.sun.com", "javax"}, {"xmlns.jcp.org", "javax"}} {
			if i := strings.Index(string(w.file.Data), at.ns); i >= 0 {
				return at.api, []detect.Evidence{w.file.Evidence(1 + strings.Count(string(w.file.Data[:i]), "\n"))}
			}
		}
	}
	return "", nil
}

// since tells the name space of a library that moved to jakarta with a major version.
func since(n int, d dep) (string, []detect.Evidence) {
	if major(d.version.s) >= n {
		return "jakarta", d.proof()
	}
	return "javax", d.proof()
}

// jakartaSince is the major version in which an artifact of Jakarta EE moved from the javax to the jakarta packages.
var jakartaSince = map[string]int{"jakarta.servlet-api": 5, "jakarta.jakartaee-api": 9, "jakarta.jakartaee-web-api": 9, "jakarta.ejb-api": 4,
	"jakarta.faces-api": 3, "jakarta.ws.rs-api": 3, "jakarta.persistence-api": 3, "jakarta.enterprise.cdi-api": 3, "jakarta.inject-api": 2,
	"jakarta.servlet.jsp-api": 3, "jakarta.jms-api": 3}

// servletVersion is the newest servlet API that the application names, as in "3.1", with the places; "" when none is.
func (a *app) servletVersion() (string, []detect.Evidence) {
	best := ""
	var ev []detect.Evidence
	take := func(v string, at []detect.Evidence) {
		if v = versionStart.FindString(v); v == "" {
			return
		}
		if parts := strings.SplitN(v, ".", 3); len(parts) >= 2 {
			v = parts[0] + "." + parts[1]
		}
		if best == "" || major(v) > major(best) || major(v) == major(best) && v > best {
			best, ev = v, at
		}
	}
	for _, w := range a.desc["web.xml"] {
		if v, at := w.webVersion(); v != "" {
			take(v, at)
		}
	}
	for _, d := range a.deps {
		if d.profile != "" || d.scope == "test" {
			continue
		}
		switch d.artifact {
		case "javax.servlet-api", "servlet-api", "jakarta.servlet-api":
			take(d.version.s, d.proof())
		case "javaee-api", "javaee-web-api", "jakarta.jakartaee-api", "jakarta.jakartaee-web-api", "jboss-javaee-6.0", "jboss-javaee-7.0":
			if v := servletOfEE[major(d.version.s)]; v != "" && d.version.known() {
				take(v, d.proof())
			}
		}
		if m := jbossServlet.FindStringSubmatch(d.artifact); m != nil {
			take(m[1], d.ev)
		}
	}
	return best, ev
}

var jbossServlet = manifest.Lazy(`^jboss-servlet-api_(\d\.\d)_spec$`)

// servletOfEE is the servlet version of a Java EE or Jakarta EE release, by the platform specifications.
var servletOfEE = map[int]string{5: "2.5", 6: "3.0", 7: "3.1", 8: "4.0", 9: "5.0", 10: "6.0", 11: "6.1"}

// eeOfServlet is the reverse, with the J2EE releases that came before.
var eeOfServlet = map[string]string{"2.3": "1.3", "2.4": "1.4", "2.5": "5", "3.0": "6", "3.1": "7", "4.0": "8", "5.0": "9", "6.0": "10", "6.1": "11"}
