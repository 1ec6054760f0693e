package java

import (
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

const webInf = "src/main/webapp/WEB-INF/"

func webXML(version, body string) map[string]string {
	return map[string]string{webInf + "web.xml": `<web-app xmlns="http://java.sun.com/xml/ns/javaee" version="` + version + `">` + body + `</web-app>`}
}

func TestAppServer(t *testing.T) {
	warOf := func(body string, more ...map[string]string) map[string]string {
		return merge(map[string]string{"pom.xml": pomOf("a", war+body)}, more...)
	}
	file := func(name, text string) map[string]string { return map[string]string{name: text} }
	tests := []struct {
		name  string
		files map[string]string
		want  string // server version port context
	}{
		{"servlets", warOf("", webXML("2.5", "")), "tomcat 9.0 8080 /"},
		{"no web.xml", warOf(depXML("javax.servlet:javax.servlet-api:4.0.1:provided")), "tomcat 9.0 8080 /"},
		{"jakarta", warOf(depXML("jakarta.servlet:jakarta.servlet-api:5.0.0:provided")), "tomcat 10.1 8080 /"},
		{"jakarta by the sources", warOf("", webXML("2.5", ""), file("src/main/java/A.java", "import jakarta.servlet.http.HttpServlet;\nclass A {}")), "tomcat 10.1 8080 /"},
		{"jakarta artifact of the javax era", warOf(depXML("jakarta.servlet:jakarta.servlet-api:4.0.4:provided")), "tomcat 9.0 8080 /"},
		{"nothing", warOf(""), "tomcat 9.0 8080 /"},
		{"jboss", warOf("", webXML("3.0", ""), file(webInf+"jboss-web.xml", "<jboss-web><context-root>/shop</context-root></jboss-web>")), "jboss  8080 /shop"},
		{"wildfly", warOf("", webXML("3.1", ""), file(webInf+"jboss-deployment-structure.xml", "<jboss-deployment-structure/>")), "wildfly  8080 /"},
		{"wildfly by its plugin", warOf(build(plug("wildfly-maven-plugin", ""))), "wildfly  8080 /"},
		{"jboss by its plugin", warOf(build(plug("jboss-as-maven-plugin", ""))), "jboss  8080 /"},
		{"jboss by its bill", warOf("<dependencyManagement>"+strings.Replace(depXML("org.jboss.bom:jboss-javaee-6.0-with-tools:1"), "</version>", "</version><type>pom</type><scope>import</scope>", 1)+"</dependencyManagement>", file(webInf+"jboss-web.xml", "<jboss-web/>")), "jboss  8080 /"},
		{"wildfly by its bill", warOf("<dependencyManagement>"+strings.Replace(depXML("org.wildfly.bom:wildfly-javaee8:1"), "</version>", "</version><type>pom</type><scope>import</scope>", 1)+"</dependencyManagement>", file(webInf+"jboss-web.xml", "<jboss-web/>")), "wildfly  8080 /"},
		{"data source of jboss", warOf("", webXML("3.0", ""), file(webInf+"x-ds.xml", "<datasources/>")), "jboss  8080 /"},
		{"weblogic", warOf("", file(webInf+"weblogic.xml", "<weblogic-web-app><context-root>crm</context-root></weblogic-web-app>")), "weblogic  7001 /crm"},
		{"websphere", warOf("", file(webInf+"ibm-web-bnd.xml", "<web-bnd/>")), "websphere  9080 /"},
		{"liberty with websphere's descriptors", warOf(build(plug("liberty-maven-plugin", "")), file(webInf+"ibm-web-ext.xml", "<web-ext><context-root uri=\"/lib\"/></web-ext>")), "liberty  9080 /lib"},
		{"liberty by its configuration", warOf("", file("src/main/liberty/config/server.xml", "<server><featureManager/><httpEndpoint httpPort=\"9082\"/></server>")), "liberty  9082 /"},
		{"server.xml of Tomcat is another", warOf("", file("conf/server.xml", "<Server port=\"8005\"/>")), "tomcat 9.0 8080 /"},
		{"glassfish", warOf("", file(webInf+"glassfish-web.xml", "<glassfish-web-app><context-root>/g</context-root></glassfish-web-app>")), "glassfish  8080 /g"},
		{"context.xml", warOf("", webXML("2.4", ""), file("src/main/webapp/META-INF/context.xml", "<Context path=\"/app\"/>")), "tomcat 9.0 8080 /app"},
		{"context.xml at the root", warOf("", file("src/main/webapp/META-INF/context.xml", "<Context path=\"/ROOT\"/>")), "tomcat 9.0 8080 /"},
		{"jetty is a quick look", warOf(build(plug("jetty-maven-plugin", "<webAppConfig><contextPath>/j</contextPath></webAppConfig>"))), "tomcat 9.0 8080 /j"},
		{"cargo", warOf(build(plug("cargo-maven2-plugin", "<container><containerId>tomcat8x</containerId></container>"))), "tomcat 8.5 8080 /"},
		{"cargo of Glassfish", warOf(build(plug("cargo-maven2-plugin", "<container><containerId>payara</containerId></container>"))), "glassfish  8080 /"},
		{"tomcat plugin", warOf(build(plug("tomcat7-maven-plugin", "<path>/pet</path>"))), "tomcat 9.0 8080 /pet"},
		{"existing Dockerfile", warOf(depXML("javax.ejb:javax.ejb-api:3.2:provided"), file("Dockerfile", "FROM payara/server-full:5.201\nCOPY a.war /x\n")), "glassfish  8080 /"},
		{"descriptors of every server", warOf("", webXML("2.5", ""), file(webInf+"jboss-web.xml", "<jboss-web/>"), file(webInf+"weblogic.xml", "<weblogic-web-app/>"), file(webInf+"glassfish-web.xml", "<glassfish-web-app/>")), "tomcat 9.0 8080 /"},
		{"enterprise beans", warOf("", file("src/main/java/A.java", "import javax.ejb.Stateless;\n@Stateless class A {}")), "wildfly  8080 /"},
		{"enterprise platform", warOf(depXML("javax:javaee-api:7.0:provided"), file("src/main/java/A.java", "import javax.ws.rs.Path;\nclass A {}")), "wildfly  8080 /"},
		{"enterprise parts that it brings", warOf(depXML("javax:javaee-api:7.0:provided", "org.glassfish.jersey.containers:jersey-container-servlet:2.1"), file("src/main/java/A.java", "import javax.ws.rs.Path;\nclass A {}")), "tomcat 9.0 8080 /"},
		{"transactions of the server", warOf("", file("src/main/resources/META-INF/persistence.xml", "<persistence><persistence-unit><jta-data-source>jdbc/x</jta-data-source></persistence-unit></persistence>")), "wildfly  8080 /"},
		{"unsafe context", warOf("", file(webInf+"jboss-web.xml", "<jboss-web><context-root>/a b;rm -rf</context-root></jboss-web>"), webXML("3.1", "")), "wildfly  8080 /"},
		{"boot war with its own server", map[string]string{"pom.xml": bootPom("2.3.0.RELEASE", war+build(bootPlugin)+depXML("org.springframework.boot:spring-boot-starter-web"))}, "none  8080 /"},
		{"boot war for a server", map[string]string{"pom.xml": bootPom("2.3.0.RELEASE", war+build(bootPlugin)+depXML("org.springframework.boot:spring-boot-starter-web")), "src/main/java/ServletInitializer.java": "class ServletInitializer extends SpringBootServletInitializer {}"}, "tomcat 9.0 8080 /"},
		{"boot 3 war for a server", map[string]string{"pom.xml": bootPom("3.1.0", war+build(bootPlugin)+depXML("org.springframework.boot:spring-boot-starter-web")), "src/main/java/App.java": "class App extends SpringBootServletInitializer {}"}, "tomcat 10.1 8080 /"},
		{"boot jetty", map[string]string{"pom.xml": bootPom("2.3.0.RELEASE", build(bootPlugin)+depXML("org.springframework.boot:spring-boot-starter-web", "org.springframework.boot:spring-boot-starter-jetty"))}, "jetty  8080 /"},
		{"boot undertow", map[string]string{"pom.xml": bootPom("2.3.0.RELEASE", build(bootPlugin)+depXML("org.springframework.boot:spring-boot-starter-web", "org.springframework.boot:spring-boot-starter-undertow"))}, "none  8080 /"},
		{"swarm", map[string]string{"pom.xml": pomOf("a", build(plug("wildfly-swarm-plugin", "")))}, "wildfly  8080 /"},
		{"jetty in a jar", map[string]string{"pom.xml": pomOf("a", depXML("org.eclipse.jetty:jetty-server:9.4.1")+build(plug("maven-shade-plugin", "<mainClass>a.A</mainClass>", "shade"))), "src/main/java/Main.java": "class Main { void x() { new Server(8181); } }"}, "jetty 9.4.1 8181 /"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := one(t, tt.files)
			got := strings.Join([]string{c.AppServer.V, c.AppServerVersion.V, itoa(c.Port.V), c.Facts["contextPath"].V}, " ")
			if got != tt.want {
				t.Errorf("got %q (%s), want %q", got, c.AppServer.Why, tt.want)
			}
		})
	}
}

func TestHealthPath(t *testing.T) {
	boot := func(version, settings string) map[string]string {
		return map[string]string{"pom.xml": bootPom(version, build(bootPlugin)+depXML("org.springframework.boot:spring-boot-starter-web", "org.springframework.boot:spring-boot-starter-actuator")), "src/main/resources/application.properties": settings}
	}
	tests := []struct {
		name, version, settings, want string
	}{
		{"boot 2", "2.4.0", "", "/actuator/health"},
		{"boot 1", "1.5.9.RELEASE", "", "/health"},
		{"boot 1 elsewhere", "1.5.9.RELEASE", "management.context-path=/manage\nendpoints.health.path=/ok\n", "/manage/ok"},
		{"base path", "2.4.0", "management.endpoints.web.base-path=/internal\n", "/internal/health"},
		{"base path at the root", "2.4.0", "management.endpoints.web.basePath=/\n", "/health"},
		{"context path", "2.4.0", "server.servlet.context-path=/shop\n", "/shop/actuator/health"},
		{"mapped", "2.4.0", "management.endpoints.web.path-mapping.health=live\n", "/actuator/live"},
		{"another port", "2.4.0", "management.server.port=8081\n", "/"},
		{"the same port", "2.4.0", "server.port=8081\nmanagement.server.port=8081\n", "/actuator/health"},
		{"switched off", "2.4.0", "management.endpoint.health.enabled=false\n", "/"},
		{"not exposed", "2.4.0", "management.endpoints.web.exposure.include=info\n", "/"},
		{"excluded", "2.4.0", "management.endpoints.web.exposure.exclude=health\n", "/"},
		{"unsafe", "2.4.0", "management.endpoints.web.base-path=/a b\n", "/"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if c := one(t, boot(tt.version, tt.settings)); c.HealthPath.V != tt.want {
				t.Errorf("got %q, want %q", c.HealthPath.V, tt.want)
			}
		})
	}
	c := one(t, map[string]string{"pom.xml": pomOf("a", "<properties><quarkus.version>2.0.0</quarkus.version></properties>"+depXML("io.quarkus:quarkus-smallrye-health", "io.quarkus:quarkus-resteasy")+build(plug("quarkus-maven-plugin", "")))})
	if c.HealthPath.V != "/q/health" || c.Framework.V != "quarkus" || c.FrameworkVersion.V != "2.0.0" {
		t.Errorf("quarkus: %v %v", c.HealthPath, c.FrameworkVersion)
	}
}

func TestPorts(t *testing.T) {
	boot := bootPom("2.4.0", build(bootPlugin)+depXML("org.springframework.boot:spring-boot-starter-web"))
	tests := []struct {
		name  string
		files map[string]string
		want  int
		from  detect.Origin
	}{
		{"default", nil, 8080, detect.Inferred},
		{"properties", map[string]string{"src/main/resources/application.properties": "server.port = 9001\n"}, 9001, detect.Declared},
		{"yaml by a dotted key", map[string]string{"src/main/resources/bootstrap.yml": "server.port: 8888\n"}, 8888, detect.Declared},
		{"default of a variable", map[string]string{"src/main/resources/application.yml": "server:\n  port: ${PORT:5000}\n"}, 5000, detect.Declared},
		{"another profile", map[string]string{"src/main/resources/application-prod.yml": "server:\n  port: 80\n"}, 8080, detect.Inferred},
		{"random", map[string]string{"src/main/resources/application.yml": "server:\n  port: 0\n"}, 8080, detect.Inferred},
		{"nonsense", map[string]string{"src/main/resources/application.yml": "server:\n  port: 99999999\n"}, 8080, detect.Inferred},
		{"compose", map[string]string{"docker-compose.yml": "services:\n  app:\n    build: .\n    ports: ['80:8085']\n"}, 8085, detect.Inferred},
		{"dockerfile", map[string]string{"Dockerfile": "FROM openjdk:8\nEXPOSE 7070\n"}, 7070, detect.Inferred},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := one(t, merge(map[string]string{"pom.xml": boot}, tt.files))
			if c.Port.V != tt.want || c.Port.From != tt.from {
				t.Errorf("got %d %s", c.Port.V, c.Port.From)
			}
			if tt.name == "random" && c.Processes[0].Command[3] != "--server.port=8080" {
				t.Errorf("%v", c.Processes)
			}
		})
	}
	t.Run("contradiction", func(t *testing.T) {
		c := one(t, map[string]string{"pom.xml": boot, "src/main/resources/application.properties": "server.port=1234\n", "Dockerfile": "FROM openjdk:8\nEXPOSE 7070\n"})
		if c.Port.V != 1234 || len(c.Port.Others) != 1 || c.Port.Others[0].V != 7070 {
			t.Errorf("%+v", c.Port)
		}
	})
	t.Run("compose names a module", func(t *testing.T) {
		f := find(t, map[string]string{"pom.xml": pomOf("p", "<packaging>pom</packaging><modules><module>shop-orders</module></modules>"), "shop-orders/pom.xml": strings.Replace(boot, "<artifactId>app<", "<artifactId>shop-orders<", 1), "docker-compose.yml": "services:\n  orders:\n    image: example/shop-orders\n    ports: ['8081:8081']\n  db:\n    image: postgres\n    ports: ['5432:5432']\n"})
		if len(f.Components) != 1 || f.Components[0].Port.V != 8081 {
			t.Errorf("%+v", f.Components)
		}
	})
}

func TestFrameworks(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"struts 2", merge(map[string]string{"pom.xml": pomOf("a", war+depXML("org.apache.struts:struts2-core:2.3.37", "org.springframework:spring-webmvc:4.0"))}), "struts 2.3.37"},
		{"web.xml decides", merge(map[string]string{"pom.xml": pomOf("a", war+depXML("org.apache.struts:struts2-core:2.3.37", "org.springframework:spring-webmvc:4.0.1"))}, webXML("2.5", "<servlet><servlet-class>org.springframework.web.servlet.DispatcherServlet</servlet-class></servlet>")), "spring-mvc 4.0.1"},
		{"struts without its library", merge(map[string]string{"pom.xml": pomOf("a", war)}, webXML("2.5", "<filter><filter-class>org.apache.struts2.dispatcher.FilterDispatcher</filter-class></filter>")), "struts 2"},
		{"struts 1 without anything", merge(map[string]string{"pom.xml": pomOf("a", war)}, webXML("2.5", "<servlet><servlet-class>org.apache.struts.action.ActionServlet</servlet-class></servlet>")), "struts 1"},
		{"stripes", merge(map[string]string{"pom.xml": pomOf("a", war+depXML("net.sourceforge.stripes:stripes:1.6.0", "org.springframework:spring-web:5.2"))}), "stripes 1.6.0"},
		{"vaadin", map[string]string{"pom.xml": pomOf("a", war+depXML("com.vaadin:vaadin-server:7.7.1"))}, "vaadin 7.7.1"},
		{"sibling version", map[string]string{"pom.xml": pomOf("a", war+depXML("org.springframework:spring-webmvc", "org.springframework:spring-core:4.3.2.RELEASE"))}, "spring-mvc 4.3.2"},
		{"plain servlets", merge(map[string]string{"pom.xml": pomOf("a", war)}, webXML("2.5", "<servlet><servlet-class>a.B</servlet-class></servlet>")), "none "},
		{"java ee by its API", map[string]string{"pom.xml": pomOf("a", war+depXML("javax:javaee-api:7.0:provided"))}, "jakarta-ee 7"},
		{"jakarta ee", map[string]string{"pom.xml": pomOf("a", war+depXML("jakarta.platform:jakarta.jakartaee-api:10.0.0:provided"))}, "jakarta-ee 10"},
		{"faces", merge(map[string]string{"pom.xml": pomOf("a", war+depXML("org.primefaces:primefaces:6"))}, webXML("3.1", "<servlet><servlet-class>javax.faces.webapp.FacesServlet</servlet-class></servlet>")), "jakarta-ee 7"},
		{"faces by its descriptor", merge(map[string]string{"pom.xml": pomOf("a", war), webInf + "faces-config.xml": "<faces-config/>"}, webXML("2.5", "")), "jakarta-ee 5"},
		{"rest by imports", merge(map[string]string{"pom.xml": pomOf("a", war), "src/main/java/A.java": "import javax.ws.rs.GET;\nclass A {}"}, webXML("3.0", "")), "jakarta-ee 6"},
		{"dropwizard", map[string]string{"pom.xml": pomOf("a", depXML("io.dropwizard:dropwizard-core:1.3.5")+build(plug("maven-shade-plugin", "<mainClass>a.A</mainClass>", "shade")))}, "dropwizard 1.3.5"},
		{"micronaut", map[string]string{"pom.xml": pomOf("a", depXML("io.micronaut:micronaut-http-server-netty:1.2")+build(plug("maven-shade-plugin", "<mainClass>a.A</mainClass>", "shade")))}, "micronaut 1.2"},
		{"grails", map[string]string{"build.gradle": "apply plugin: 'war'\napply plugin: 'org.grails.grails-web'\ndependencies { compile 'org.grails:grails-core:3.3.2' }\n", "grails-app/controllers/A.groovy": "class A {}"}, "grails 3.3.2"},
		{"a library of a worker is no front", map[string]string{"pom.xml": pomOf("a", depXML("org.springframework:spring-webmvc:4.0")+build(plug("maven-shade-plugin", "<mainClass>a.A</mainClass>", "shade")))}, "none "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := one(t, tt.files)
			if got := c.Framework.V + " " + c.FrameworkVersion.V; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if len(c.Framework.Evidence) == 0 {
				t.Error("no proof")
			}
		})
	}
}

func TestRoles(t *testing.T) {
	boot := func(deps ...string) map[string]string {
		return map[string]string{"pom.xml": bootPom("2.4.0", build(bootPlugin)+depXML(deps...))}
	}
	for name, tt := range map[string]struct {
		files map[string]string
		want  detect.Role
	}{
		"batch":   {boot("org.springframework.boot:spring-boot-starter-batch"), detect.Batch},
		"worker":  {boot("org.springframework.boot:spring-boot-starter", "org.springframework.kafka:spring-kafka"), detect.Worker},
		"cli":     {boot("org.springframework.boot:spring-boot-starter"), detect.CLI},
		"gateway": {boot("org.springframework.cloud:spring-cloud-starter-gateway"), detect.Web},
		"library": {map[string]string{"pom.xml": pomOf("a", "")}, detect.Library},
	} {
		t.Run(name, func(t *testing.T) {
			c := one(t, tt.files)
			if c.Role.V != tt.want {
				t.Errorf("got %s", c.Role.V)
			}
			if tt.want == detect.Web != c.Port.Set() || tt.want == detect.Web != c.HealthPath.Set() {
				t.Errorf("port %v, health path %v", c.Port, c.HealthPath)
			}
		})
	}
}

func TestRuntime(t *testing.T) {
	c := one(t, merge(map[string]string{
		"pom.xml":                             pomOf("a", war+depXML("log4j:log4j:1.2.17", "org.springframework:spring-core:4.3.1", "org.apache.poi:poi-ooxml:3.17", "org.im4java:im4java:1.4")),
		"src/main/resources/log4j.properties": "log4j.appender.F.File=${catalina.base}/logs/app.log\n",
		"src/main/resources/logback.xml":      "<configuration>\n<appender class=\"ch.qos.logback.core.FileAppender\">\n<file>/var/log/shop/x.log</file></appender></configuration>",
		"src/main/resources/log4j2.xml":       "<Configuration><Appenders><RollingFile fileName=\"run/log/y.log\"/></Appenders></Configuration>",
		"src/main/resources/log4j.xml":        "<c><appender name=\"x\" class=\"org.apache.log4j.FileAppender\"><param name=\"File\" value=\"C:\\logs\\x.log\"/></appender></c>",
		"src/main/resources/app.properties":   "upload.dir=/data/uploads\nother.dir=x\nupload.url=http://x\nattachment.path=files\n",
		"src/main/java/A.java":                "import javax.servlet.http.HttpSession;\nclass A { HttpSession s;\n void f() throws Exception { new File(\"/etc/shop.conf\"); new FileOutputStream(\"D:\\\\out\"); System.loadLibrary(\"x\"); Runtime.getRuntime().exec(\"convert a b\"); new ProcessBuilder(\"tesseract\", \"x\"); System.getProperty(\"java.io.tmpdir\"); } }\n",
	}, webXML("2.5", "<resource-ref><res-ref-name>jdbc/x</res-ref-name><res-type>javax.sql.DataSource</res-type></resource-ref><servlet><multipart-config><location>/tmp/parts</location></multipart-config></servlet>")))
	var writes, ready, packages, eol []string
	for _, w := range c.Writes {
		writes = append(writes, w.V)
	}
	for _, r := range c.Readiness {
		ready = append(ready, r.ID)
	}
	for _, p := range c.SystemPackages {
		packages = append(packages, p.Name)
	}
	for _, e := range c.EndOfLife {
		eol = append(eol, e.What)
	}
	for what, tt := range map[string]struct{ got, want []string }{
		"writes":      {writes, []string{"/data/uploads", "/tmp", "/tmp/parts", "/var/log/shop", "files", "logs", "run/log"}},
		"readiness":   {ready, []string{"log-to-file", "local-file-storage", "windows-path", "absolute-path", "native-library", "external-program", "session-in-memory", "jndi-datasource"}},
		"packages":    {packages, []string{"fontconfig", "imagemagick", "tesseract"}},
		"end of life": {eol, []string{"spring framework 4", "log4j 1"}},
	} {
		if strings.Join(tt.got, " ") != strings.Join(tt.want, " ") {
			t.Errorf("%s: got %q, want %q", what, tt.got, tt.want)
		}
	}
	c = one(t, map[string]string{"pom.xml": bootPom("2.4.0", build(bootPlugin)+depXML("org.springframework.boot:spring-boot-starter-web", "org.flywaydb:flyway-core", "org.springframework.cloud:spring-cloud-starter-config", "org.springframework.cloud:spring-cloud-starter-netflix-eureka-client", "org.springframework.session:spring-session-core")),
		"src/main/resources/application.properties": "logging.file.name=log/app.log\nlogging.path=/var/log/app\n", "src/main/java/A.java": "import java.awt.Font;\nimport javax.imageio.ImageIO;\nclass A { HttpSession s; }"})
	if len(c.Writes) != 2 || len(c.Readiness) != 3 || c.Readiness[1].ID != "external-configuration" || len(c.SystemPackages) != 1 || !strings.Contains(c.Processes[0].Why, "flyway") {
		t.Errorf("%v %v %v %v", c.Writes, c.Readiness, c.SystemPackages, c.Processes)
	}
}

func TestWrittenDir(t *testing.T) {
	for in, want := range map[string]string{"logs/a.log": "logs", "/var/log/a.log": "/var/log", "${catalina.base}/logs/a": "logs", "a.log": "", "/a.log": "", `C:\a\b`: "", "../../etc/x": "etc", "${x}/a/b.log": "", "/var/log/${app}/b.log": "/var/log", "${sys:a:-${b:c}}/d/e.log": "", "${X:out}/b.log": "out", "${java.io.tmpdir}/q/a": "/tmp/q", "": "", "%h/x": ""} {
		if got := writtenDir(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestEnded(t *testing.T) {
	for in, want := range map[string]string{"java 7": "2015-04-14", "java 8": "", "spring boot 2.4.5": "2021-11-18", "spring boot 1.5.9": "2019-08-01", "spring boot 2.10": "", "struts 2.3.37": "2019-05-14", "struts 6.1": "", "cobol 1": ""} {
		what, version, _ := strings.Cut(strings.Replace(in, "spring boot", "spring_boot", 1), " ")
		e, ok := ended(strings.Replace(what, "_", " ", 1), version)
		if e.Since != want || ok != (want != "") {
			t.Errorf("%s: %+v", in, e)
		}
	}
	for what, list := range ends {
		for _, e := range list {
			if len(e.since) != 10 || e.source == "" {
				t.Errorf("%s %s: %+v", what, e.version, e)
			}
		}
	}
}

// FuzzDetect puts any text into any file of an application.
func FuzzDetect(f *testing.F) {
	names := []string{"pom.xml", "build.gradle", "build.gradle.kts", "settings.gradle", "gradle.properties", "gradle/libs.versions.toml", "gradle/wrapper/gradle-wrapper.properties", "build.xml", "build.properties", "ivy.xml", "nbproject/project.properties",
		"build.sbt", "project/plugins.sbt", ".mvn/maven.config", ".mvn/wrapper/maven-wrapper.properties", webInf + "web.xml", webInf + "ctx.xml", "src/main/webapp/META-INF/context.xml", "src/main/resources/application.properties", "src/main/resources/application.yml", "src/main/resources/META-INF/persistence.xml",
		"src/main/resources/log4j.properties", "src/main/resources/logback.xml", "src/main/java/a/Application.java", "META-INF/MANIFEST.MF", "META-INF/application.xml", "WEB-INF/web.xml", "WEB-INF/classes/A.class", "web/pom.xml", "web/build.gradle", ".java-version", ".sdkmanrc", ".tool-versions", "system.properties", "Dockerfile", "docker-compose.yml", ".travis.yml", ".classpath", "conf/server.xml"}
	f.Add(uint8(0), pomOf("a", war+depXML("mysql:mysql-connector-java")))
	f.Add(uint8(1), "apply plugin: 'war'\ndependencies { compile 'a:b:1' }\n")
	f.Add(uint8(7), `<project default="w"><target name="w"><war destfile="${x}.war"/></target></project>`)
	f.Add(uint8(24), "Main-Class: a.B\n c\n")
	f.Fuzz(func(t *testing.T, which uint8, text string) {
		name := names[int(which)%len(names)]
		files := map[string]string{"src/main/java/a/Application.java": "class Application {}", "web/x": ""}
		switch {
		case strings.HasPrefix(name, "build.xml") || name == "build.properties" || name == "ivy.xml" || strings.HasPrefix(name, "nbproject"):
			files["build.xml"] = `<project default="w"><property file="build.properties"/><target name="w"><war destfile="${n}.war"/></target></project>`
		case strings.Contains(name, "gradle"):
			files["build.gradle"] = "apply plugin: 'war'\n"
			files["settings.gradle"] = "include 'web'\n"
		case strings.HasPrefix(name, "META-INF") || strings.HasPrefix(name, "WEB-INF"):
			files["META-INF/MANIFEST.MF"] = "Main-Class: a.B\n"
		default:
			files["pom.xml"] = bootPom("2.4.0", war+build(bootPlugin)+depXML("org.springframework.boot:spring-boot-starter-web", "mysql:mysql-connector-java", "redis.clients:jedis")+"<modules><module>web</module></modules>")
		}
		files[name] = text
		found := find(t, files)
		if _, err := found.JSON(); err != nil {
			t.Fatal(err)
		}
	})
}
