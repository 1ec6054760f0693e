package java

import (
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

func TestGradleVariables(t *testing.T) {
	files := map[string]string{
		"settings.gradle":               "rootProject.name = 'shop'\ninclude ':shop-web', ':shop-core', ':plain'\nproject(':shop-web').projectDir = \"$rootDir/web\" as File\n",
		"build.gradle":                  "apply from: file(\"dependencies.gradle\")\nbuildscript { dependencies { classpath(libraries.bootPlugin) } }\nallprojects { apply plugin: 'war' }\nsubprojects {\n dependencyManagement { imports { mavenBom(libraries.bom) } }\n}\n",
		"dependencies.gradle":           "ext { versions = [:]; libraries = [:] }\nversions.boot = '2.7.18'\nlibraries.bom = \"org.springframework.boot:spring-boot-dependencies:${versions.boot}\"\nlibraries.web = \"org.springframework.boot:spring-boot-starter-web\"\nlibraries.pg = 'org.postgresql:postgresql:42'\next['odd.name'] = '1'\n",
		"web/build.gradle":              "dependencies {\n implementation(libraries.web)\n implementation project(':shop-core')\n}\n",
		"web/src/main/webapp/index.jsp": "x", "shop-core/build.gradle": "dependencies { implementation libraries.pg }\n", "plain/x": "",
	}
	c := one(t, files)
	if c.Path != "web" || c.FrameworkVersion.V != "2.7.18" || said(c.Services) != "postgresql!(password=SPRING_DATASOURCE_PASSWORD url=SPRING_DATASOURCE_URL user=SPRING_DATASOURCE_USERNAME)" || c.Facts["artifact"].V != "web/build/libs/shop-web.war" {
		t.Errorf("%s %v %s %v", c.Path, c.FrameworkVersion, said(c.Services), c.Facts["artifact"])
	}
}

func TestGradleDistribution(t *testing.T) {
	c := one(t, map[string]string{
		"settings.gradle":     "include 'server', 'plugin'\n",
		"build.gradle":        "ext.deps = [ jetty : 'org.mortbay.jetty:jetty:6.1.26',\n // and\n other: 'a:b:1' ]\nsubprojects { apply plugin: 'java'\n sourceCompatibility = JavaVersion.VERSION_1_8 }\n",
		"server/build.gradle": "apply plugin: 'distribution'\ndependencies { compile deps.jetty }\n", "server/src/main/bash/start.sh": "x",
		"plugin/build.gradle": "apply plugin: 'distribution'\n"})
	if c.Path != "server" || c.Role.V != detect.Web || c.AppServer.V != "jetty" || c.Facts["artifact"].V != "server/build/install/server" || strings.Join(c.Processes[0].Command, " ") != "/app/bin/server" {
		t.Errorf("%+v", c)
	}
}

func TestBootWithoutServerLibrary(t *testing.T) {
	pom := func(deps ...string) string { return bootPom("1.5.6.RELEASE", build(bootPlugin)+depXML(deps...)) }
	for name, files := range map[string]map[string]string{
		"port":       {"pom.xml": pom("org.springframework.cloud:spring-cloud-starter-eureka"), "src/main/resources/application.yml": "server:\n  port: 8070\n"},
		"controller": {"pom.xml": pom("com.example:everything:1"), "src/main/java/A.java": "import org.springframework.web.bind.annotation.RestController;\nclass A {}"},
		"dockerfile": {"pom.xml": pom("com.example:everything:1"), "Dockerfile": "FROM openjdk:8\nEXPOSE 8080\n"},
	} {
		t.Run(name, func(t *testing.T) {
			c := one(t, files)
			if c.Role.V != detect.Web || c.AppServer.V != "tomcat" || c.Port.V == 0 || len(c.Role.Evidence) == 0 || len(c.AppServer.Evidence) == 0 {
				t.Errorf("%v %v %v", c.Role, c.AppServer, c.Port)
			}
		})
	}
}

func TestProcfile(t *testing.T) {
	for in, want := range map[string]string{
		"web: java $JAVA_OPTS -Dserver.port=$PORT -jar target/app-1.0.jar --x=y\n": "java -Dserver.port=8080 -jar /app/app.jar --x=y",
		"web: java -jar target/*.jar\n":                                            "java -jar /app/app.jar",
		"web: sh start.sh\n":                                                       "java -jar /app/app.jar",
		"worker: java -jar x.jar work\n":                                           "java -jar /app/app.jar",
		"nonsense":                                                                 "java -jar /app/app.jar",
		"web: java -cp target/classes:target/dep/* Main\n":                         "java -jar /app/app.jar",
	} {
		c := one(t, map[string]string{"pom.xml": bootPom("2.4.0", build(bootPlugin)+depXML("org.springframework.boot:spring-boot-starter-web")), "Procfile": in})
		if got := strings.Join(c.Processes[0].Command, " "); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestDropwizardProcess(t *testing.T) {
	pom := pomOf("a", depXML("io.dropwizard:dropwizard-core:1.3")+build(plug("maven-shade-plugin", "<mainClass>a.A</mainClass>", "shade")))
	c := one(t, map[string]string{"pom.xml": pom, "src/main/resources/service.yml": "server:\n  applicationConnectors:\n    - type: http\n      port: ${HTTP_PORT:-9001}\n"})
	if got := strings.Join(c.Processes[0].Command, " "); got != "java -jar /app/app.jar server /app/service.yml" || c.Port.V != 9001 || c.Facts["configFile"].V != "src/main/resources/service.yml" {
		t.Errorf("%q, port %v, %v", got, c.Port, c.Facts["configFile"])
	}
	c = one(t, map[string]string{"pom.xml": pom})
	if got := strings.Join(c.Processes[0].Command, " "); got != "java -jar /app/app.jar server" || c.Port.V != 8080 {
		t.Errorf("%q, port %v", got, c.Port)
	}
}

// A library of the same reactor brings its own settings and libraries into the war.
func TestPartsOfAReactor(t *testing.T) {
	c := one(t, map[string]string{
		"pom.xml":                              pomOf("p", "<packaging>pom</packaging><modules><module>core</module><module>web</module></modules>"),
		"core/pom.xml":                         child("p", "", "core", depXML("mysql:mysql-connector-java:5", "g:test-only:1:test", "junit:junit:4:test")+"<build><sourceDirectory>source</sourceDirectory><resources><resource><directory>res</directory></resource></resources></build>"),
		"core/res/jdbc.properties":             "jdbc.url=jdbc:mysql://db/core\n",
		"core/source/A.java":                   "class A { String s = System.getenv(\"CORE\"); }",
		"web/pom.xml":                          child("p", "", "web", war+depXML("g:core:1.0")+build(plug("maven-war-plugin", "<warSourceDirectory>WebContent</warSourceDirectory>"))),
		"web/WebContent/WEB-INF/web.xml":       `<web-app version="2.4"><welcome-file-list><welcome-file>i.jsp</welcome-file></welcome-file-list></web-app>`,
		"web/src/test/resources/db.properties": "x.url=jdbc:oracle:thin:@h:1:x\n"})
	if said(c.Services) != "mysql!/core" || len(c.Env) != 1 || c.HealthPath.From != detect.Inferred || c.HealthPath.Evidence[0].File != "web/WebContent/WEB-INF/web.xml" {
		t.Errorf("%s %v %+v", said(c.Services), c.Env, c.HealthPath)
	}
	if len(c.Readiness) != 1 || c.Readiness[0].ID != "hardcoded-service-address" {
		t.Errorf("%v", c.Readiness)
	}
}

// The settings of a bill of materials and of an ear's modules reach the ear.
func TestEar(t *testing.T) {
	c := one(t, map[string]string{
		"pom.xml":     pomOf("p", "<packaging>pom</packaging><modules><module>ejb</module><module>web</module><module>ear</module></modules>"),
		"ejb/pom.xml": child("p", "", "ejb", "<packaging>ejb</packaging>"),
		"web/pom.xml": child("p", "", "web", war+depXML("org.hsqldb:hsqldb:2")),
		"ear/pom.xml": child("p", "", "ear", "<packaging>ear</packaging><dependencies><dependency><groupId>g</groupId><artifactId>web</artifactId><type>war</type></dependency><dependency><groupId>g</groupId><artifactId>ejb</artifactId><type>ejb</type></dependency></dependencies>"+
			build(plug("maven-ear-plugin", "<modules><webModule><contextRoot>/trade</contextRoot></webModule></modules>"))),
		"ear/src/main/application/META-INF/application.xml": `<application version="6"/>`,
		"liberty/servers/x/server.xml":                      `<server><featureManager/><httpEndpoint httpPort="9082"/></server>`})
	if c.Packaging.V != "ear" || c.AppServer.V != "liberty" || c.Port.V != 9082 || c.Facts["contextPath"].V != "/trade" || c.FrameworkVersion.V != "6" || c.HealthPath.V != "/trade/" {
		t.Errorf("%v %v %v %v %v %v", c.Packaging, c.AppServer, c.Port, c.Facts["contextPath"], c.FrameworkVersion, c.HealthPath)
	}
}

func TestNothingToFind(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a Rails application's XML": {"public/web.xml": "<web-app/>", "config/application.xml": "<x/>"},
		"an empty manifest":         {"META-INF/MANIFEST.MF": ""},
		"empty Gradle":              {"build.gradle": ""},
		"sbt without Play":          {"build.sbt": "name := \"x\""},
		"an archetype":              {"src/main/resources/archetype-resources/pom.xml": pomOf("a", war)},
	} {
		if f := find(t, files); len(f.Components) != 0 || len(f.Warnings) != 0 {
			t.Errorf("%s: %s %v", name, paths(f), f.Warnings)
		}
	}
}

func TestJavaVersion(t *testing.T) {
	for in, want := range map[string]string{"1.8": "8", "1.8.0_292": "8", "8": "8", "8u212": "8", "11.0.2": "11", "VERSION_1_7": "7", "VERSION_17": "17", "JavaSE-1.6": "6", "J2SE-1.5": "5", "1.4": "1.4", "1.3.1": "1.3",
		"openjdk64-1.8.0.292": "8", "temurin-17.0.1+12": "17", "corretto-8.312": "8", "[1.8,)": "8", "(11,17]": "11", "JDK_1_8": "8", "17-ea": "17", "": "", "latest": "", "1": "", "1.x": "", "3": "", "99999999999999999999": "", "1.99": "", strings.Repeat("8", 200): ""} {
		if got := javaVersion(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
