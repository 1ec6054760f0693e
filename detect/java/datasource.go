package java

import (
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// The variables from which an image makes the data source that a server must offer.
const (
	datasourceURL      = "DATASOURCE_URL"
	datasourceUser     = "DATASOURCE_USER"
	datasourcePassword = "DATASOURCE_PASSWORD"
)

// jdbcDriver is the driver of a database for a data source of the server: the artifact that holds it, and its class.
type jdbcDriver struct {
	coordinates string // as Maven names it; it runs on Java 8 and later
	class       string
}

// jdbcDrivers are by kind of database. The versions are the
// last of each line at Maven Central that runs on Java 8.
var jdbcDrivers = map[string]jdbcDriver{
	"postgresql": {"org.postgresql:postgresql:42.7.4", "org.postgresql.Driver"},
	"mysql":      {"com.mysql:mysql-connector-j:8.4.0", "com.mysql.cj.jdbc.Driver"},
	"mariadb":    {"org.mariadb.jdbc:mariadb-java-client:2.7.12", "org.mariadb.jdbc.Driver"},
	"sqlserver":  {"com.microsoft.sqlserver:mssql-jdbc:12.8.1.jre8", "com.microsoft.sqlserver.jdbc.SQLServerDriver"},
	"oracle":     {"com.oracle.database.jdbc:ojdbc8:19.25.0.0", "oracle.jdbc.OracleDriver"},
	"db2":        {"com.ibm.db2:jcc:11.5.9.0", "com.ibm.db2.jcc.DB2Driver"},
}

// wantedSource is a data source that the server must offer.
type wantedSource struct {
	name string // as the application asks for it
	ev   []detect.Evidence
}

// wanted returns the data sources that descriptors and code ask the server for, each once, and nothing in the tree
// defines. Those that every server of Java EE 7 offers by itself are not among them.
func (a *app) wanted() []wantedSource {
	if a.wantsRead {
		return a.wants
	}
	a.wantsRead = true
	if a.definesSource() {
		return nil
	}
	add := func(name string, ev ...detect.Evidence) {
		name = strings.TrimSpace(name)
		if name == "" || len(name) > 200 || builtInSource(name) || strings.Contains(name, "${") {
			return
		}
		for i := range a.wants {
			if sameSource(a.wants[i].name, name) {
				a.wants[i].ev = proof(a.wants[i].ev, ev)
				if strings.HasPrefix(name, "java:") && !strings.HasPrefix(a.wants[i].name, "java:") {
					a.wants[i].name = name
				}
				return
			}
		}
		a.wants = append(a.wants, wantedSource{name, ev})
	}
	mapped := a.mappedNames()
	for _, p := range a.desc["persistence.xml"] {
		for _, at := range [][]string{{"persistence-unit", "jta-data-source"}, {"persistence-unit", "non-jta-data-source"}} {
			for _, e := range p.xml.All(at...) {
				add(e.Text, p.at(e)...)
			}
		}
	}
	for _, w := range a.desc["web.xml"] {
		for _, r := range w.xml.All("resource-ref") {
			if t, _ := r.Get("res-type"); !strings.HasSuffix(t, "DataSource") {
				continue
			}
			name, _ := r.Get("res-ref-name")
			for _, tag := range []string{"lookup-name", "mapped-name"} {
				if v, _ := r.Get(tag); v != "" {
					name = v
				}
			}
			if v := mapped[name]; v != "" {
				name = v
			}
			add(name, w.at(r)...)
		}
	}
	return a.wants
}

// mappedNames are the names in the server of what web.xml names in its own way, by jboss-web.xml, sun-web.xml and
// weblogic.xml.
func (a *app) mappedNames() map[string]string {
	out := map[string]string{}
	for _, file := range []string{"jboss-web.xml", "sun-web.xml", "glassfish-web.xml", "weblogic.xml", "ibm-web-bnd.xml"} {
		for _, d := range a.desc[file] {
			for _, r := range append(d.xml.All("resource-ref"), d.xml.All("resource-description")...) {
				name, _ := r.Get("res-ref-name")
				for _, tag := range []string{"jndi-name", "binding-name"} {
					v, _ := r.Get(tag)
					if v == "" {
						v = r.Attr(tag)
					}
					if v != "" {
						out[name] = v
						out[r.Attr("name")] = v
					}
				}
			}
		}
	}
	delete(out, "")
	return out
}

// builtInSource reports whether a server offers a data source of this name by itself, or only the application can:
// the default of Java EE 7, the example of JBoss, and what lies in the application's own name spaces.
func builtInSource(name string) bool {
	switch name {
	case "java:comp/DefaultDataSource", "jdbc/__default", "java:jboss/datasources/ExampleDS", "java:/DefaultDS", "java:DefaultDS":
		return true
	}
	return strings.HasPrefix(name, "java:app/") || strings.HasPrefix(name, "java:module/") || strings.HasPrefix(name, "java:global/") || strings.HasPrefix(name, "java:openejb/")
}

// sameSource reports whether two names mean one data source: "java:comp/env/jdbc/x" and "jdbc/x".
func sameSource(a, b string) bool {
	short := func(s string) string {
		for _, p := range []string{"java:comp/env/", "java:jboss/datasources/", "java:jboss/", "java:/", "java:"} {
			s = strings.TrimPrefix(s, p)
		}
		return strings.TrimPrefix(s, "jdbc/")
	}
	return short(a) == short(b)
}

// definesSource reports whether the tree itself defines a data source, by a descriptor that the server reads.
func (a *app) definesSource() bool {
	for _, n := range []string{"*-ds.xml", "glassfish-resources.xml", "sun-resources.xml", "jetty-env.xml"} {
		if _, ok := a.desc.first(n); ok {
			return true
		}
	}
	for _, w := range a.desc["web.xml"] {
		if w.xml.Find("data-source") != nil {
			return true
		}
	}
	for _, d := range a.desc["context.xml"] {
		if d.xml.Find("Resource") != nil {
			return true
		}
	}
	if f, ok := a.libertyConfig(); ok && f.xml.Find("dataSource") != nil {
		return true
	}
	return a.scan().sourceDefinition
}

// offerSource sets the facts from which the template makes the data source, and gives the database its variables. It
// needs to know which database: without a required one the finding "jndi-datasource" asks.
func (a *app) offerSource(c *detect.Component) {
	wants := a.wanted()
	if len(wants) != 1 || c.AppServer.V == "" || c.AppServer.V == "none" {
		return
	}
	i := slices.IndexFunc(c.Services, func(s detect.Service) bool { return s.Required && jdbcDrivers[s.Kind].class != "" })
	if i < 0 || !sourceName.MatchString(wants[0].name) {
		return
	}
	s := &c.Services[i]
	driver := jdbcDrivers[s.Kind]
	ev := wants[0].ev
	c.Facts["datasourceName"] = detect.Is(strings.TrimPrefix(wants[0].name, "java:comp/env/"), ev...)
	c.Facts["datasourceDriver"] = detect.Infer(a.shippedDriver(s.Kind, driver.coordinates), "the driver of "+s.Kind+" for the server", s.Evidence...)
	class := driver.class
	if strings.HasPrefix(c.Facts["datasourceDriver"].V, "mysql:mysql-connector-java:5.") {
		class = "com.mysql.jdbc.Driver"
	}
	c.Facts["datasourceClass"] = detect.Infer(class, "the class of the driver", s.Evidence...)
	if len(s.Env) == 0 || s.Env["url"] == "" {
		s.Env = map[string]string{"url": datasourceURL, "user": datasourceUser, "password": datasourcePassword}
		s.Scheme = "jdbc:" + s.Kind
		why := "the image's data source " + c.Facts["datasourceName"].V + " is made from it"
		for _, name := range []string{datasourcePassword, datasourceURL, datasourceUser} {
			c.Env = append(c.Env, detect.EnvVar{Name: name, Required: true, Secret: name == datasourcePassword, Why: why, Evidence: ev})
		}
	}
	for role, fact := range map[string]string{"url": "datasourceURL", "user": "datasourceUser", "password": "datasourcePassword"} {
		if name := s.Env[role]; name != "" {
			c.Facts[fact] = detect.Infer(name, "the variable that holds it", s.Evidence...)
		}
	}
	c.Readiness = slices.DeleteFunc(c.Readiness, func(r detect.Readiness) bool { return r.ID == "jndi-datasource" })
	sort.SliceStable(c.Env, func(i, j int) bool { return c.Env[i].Name < c.Env[j].Name })
}

// shippedDriver is the driver that the application itself names, when its coordinates are complete, else the given one.
func (a *app) shippedDriver(kind, otherwise string) string {
	for _, d := range a.deps {
		if d.profile != "" || d.scope == "test" || d.group == "" || !d.version.known() || !mavenCoordinate.MatchString(d.group+":"+d.artifact+":"+d.version.s) {
			continue
		}
		for _, dr := range drivers {
			if dr.kind == kind && strings.Contains(dr.artifact, ":") && d.is(dr.artifact) {
				return d.group + ":" + d.artifact + ":" + d.version.s
			}
		}
	}
	return otherwise
}

var (
	sourceName      = manifest.Lazy(`^[A-Za-z][A-Za-z0-9_:/.-]{0,120}$`)
	mavenCoordinate = manifest.Lazy(`^[\w.-]+:[\w.-]+:[\w.-]+$`)
)

// libertyFacts say where Liberty's own configuration lies and what it calls the application.
func (a *app) libertyFacts(c *detect.Component) {
	f, ok := a.libertyConfig()
	if !ok || c.AppServer.V != "liberty" && c.AppServer.V != "websphere" {
		return
	}
	c.Facts["libertyConfig"] = detect.Is(a.rel(path.Dir(f.file.Path)), f.at(f.xml)...)
	for _, tag := range []string{"webApplication", "application", "enterpriseApplication"} {
		for _, e := range f.xml.All(tag) {
			loc := path.Base(strings.TrimSpace(e.Attr("location")))
			if strings.HasSuffix(loc, "."+a.packaging.s) && !strings.ContainsAny(loc, "${} ") {
				c.Facts["libertyApp"] = detect.Is(loc, f.at(e)...)
				return
			}
		}
	}
}
