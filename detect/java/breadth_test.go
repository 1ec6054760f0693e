package java

import (
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

func TestPortOfPlainCode(t *testing.T) {
	pom := pomOf("a", build(`<plugin><artifactId>maven-jar-plugin</artifactId><configuration><archive><manifest><mainClass>a.Main</mainClass></manifest></archive></configuration></plugin>`)+depXML("org.eclipse.jetty:jetty-server:9.4.0"))
	for name, tt := range map[string]struct {
		code string
		want int
	}{
		"not what is written to a buffer": {"class Main { void x() { request.writeShort(512); } }", 8080},
		"set on a server":                 {"class Main { void x() { connector.setPort(8083); } }", 8083},
		"default of a setting":            {"class Main { void x() { request.writeShort(512); int p = config.getInteger(\"web.port\", 8082); } }", 8082},
		"default in text":                 {"class Main { String p = System.getProperty(\"port\", \"8084\"); }", 8084},
		"a setting of something else":     {"class Main { int p = config.getInteger(\"mail.smtp.port\", 2500); }", 8080},
	} {
		t.Run(name, func(t *testing.T) {
			c := one(t, map[string]string{"pom.xml": pom, "src/main/java/a/Main.java": tt.code})
			if c.Port.V != tt.want {
				t.Errorf("got %v, want %d", c.Port, tt.want)
			}
		})
	}
}

// A configuration server holds the settings of others.
func TestSettingsOfOthers(t *testing.T) {
	c := one(t, map[string]string{"pom.xml": bootPom("2.4.0", build(bootPlugin)+depXML("org.springframework.boot:spring-boot-starter-web", "org.springframework.cloud:spring-cloud-config-server:2")),
		"src/main/resources/application.yml":     "server:\n  port: 8888\n",
		"src/main/resources/shared/accounts.yml": "server:\n  port: 6000\n  servlet:\n    context-path: /accounts\n"})
	if c.Port.V != 8888 || c.HealthPath.V != "/" {
		t.Errorf("%v %v", c.Port, c.HealthPath)
	}
}

func TestPomsThatAreNone(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a pattern":               {"app/pom.xml": pomOf("app", war), "generator/etc/pom.xml": pomOf("@@project.name@@", war)},
		"a script that is packed": {"app/pom.xml": pomOf("app", war), "dist/pom.xml": pomOf("dist", "<packaging>pom</packaging>"), "dist/src/main/config/build.xml": "<project default='x'><target name='x'><war destfile='x.war'/></target></project>"},
	} {
		t.Run(name, func(t *testing.T) {
			f := find(t, files)
			if len(f.Components) != 1 || f.Components[0].Path != "app" {
				t.Errorf("%+v", f.Components)
			}
		})
	}
}

// A war whose build takes its libraries or tests from JBoss' makers runs there, also without a descriptor.
func TestServerOfTheBuild(t *testing.T) {
	bom := func(group, artifact string) string {
		return "<dependencyManagement><dependencies><dependency><groupId>" + group + "</groupId><artifactId>" + artifact + "</artifactId><version>1</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement>"
	}
	for name, tt := range map[string]struct {
		pom, want string
	}{
		"bill of materials of JBoss":   {pomOf("a", war+bom("org.jboss.bom", "jboss-javaee-6.0-with-tools")), "jboss"},
		"bill of materials of WildFly": {pomOf("a", war+bom("org.wildfly.bom", "wildfly-jakartaee8-with-tools")), "wildfly"},
		"tests inside WildFly":         {pomOf("a", war+depXML("org.wildfly.arquillian:wildfly-arquillian-container-managed:1:test")), "wildfly"},
		"another one":                  {pomOf("a", war+bom("org.jboss.arquillian", "arquillian-bom")), "tomcat"},
	} {
		t.Run(name, func(t *testing.T) {
			c := one(t, map[string]string{"pom.xml": tt.pom, "src/main/webapp/WEB-INF/web.xml": "<web-app/>"})
			if c.AppServer.V != tt.want || len(c.AppServer.Evidence) == 0 {
				t.Errorf("got %v, want %s", c.AppServer, tt.want)
			}
		})
	}
}

// The packages of any part of the platform tell javax from jakarta, and so which Java is a good guess.
func TestNamespaceOfThePlatform(t *testing.T) {
	for code, want := range map[string]string{"import jakarta.enterprise.inject.Model;\nclass A {}": "17", "import javax.enterprise.inject.Model;\nclass A {}": "8"} {
		c := one(t, map[string]string{"pom.xml": pomOf("a", war), "src/main/java/A.java": code})
		if c.LanguageVersion.V != want || c.Facts["servletApi"].From == detect.Default {
			t.Errorf("%s: %v %v", code, c.LanguageVersion, c.Facts["servletApi"])
		}
	}
}

// What Maven builds itself is not built a second time.
func TestFrontEndInTheBuild(t *testing.T) {
	plugin := func(dir string) string {
		if dir != "" {
			dir = "<configuration><workingDirectory>" + dir + "</workingDirectory></configuration>"
		}
		return "<plugin><groupId>com.github.eirslett</groupId><artifactId>frontend-maven-plugin</artifactId>" + dir + "<executions><execution><goals><goal>install-node-and-npm</goal></goals></execution><execution><goals>\n<goal>npm</goal>\n</goals></execution></executions></plugin>"
	}
	for name, tt := range map[string]struct{ pom, want string }{
		"beside it":        {pomOf("a", war+build(plugin(""))), "."},
		"below":            {pomOf("a", war+build(plugin("${project.basedir}/src/main/frontend"))), "src/main/frontend"},
		"only with a name": {pomOf("a", war+"<profiles><profile><id>ui</id>"+build(plugin(""))+"</profile></profiles>"), ""},
		"only by default":  {pomOf("a", war+"<profiles><profile><id>ui</id><activation><activeByDefault>true</activeByDefault></activation>"+build(plugin(""))+"</profile></profiles>"), "."},
	} {
		t.Run(name, func(t *testing.T) {
			c := one(t, map[string]string{"pom.xml": tt.pom, "src/main/webapp/x": ""})
			v := c.Facts[detect.FactFrontendInBuild]
			if v.V != tt.want || tt.want != "" && !strings.Contains(v.Evidence[0].Text, "npm") {
				t.Errorf("got %v, want %q", v, tt.want)
			}
		})
	}
}
