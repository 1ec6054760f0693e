package java

import (
	"testing"
	"testing/fstest"

	"github.com/drydock-cli/drydock/detect/detecttest"
)

// TestConformanceOfShapes runs the suite over small builds of the kinds that the repository's own applications do not
// show.
func TestConformanceOfShapes(t *testing.T) {
	shapes := map[string]map[string]string{
		"gradle": {"settings.gradle": "rootProject.name = 'shop'\ninclude 'web', 'core'\n", "build.gradle": "ext.v = [ spring: '5.0' ]\nsubprojects {\n apply plugin: 'java'\n sourceCompatibility = 1.8\n}\n", "gradle.properties": "version=2.0\n",
			"web/build.gradle": "apply plugin: 'war'\ndependencies {\n compile project(':core')\n compile \"org.springframework:spring-webmvc:${v.spring}\"\n}\n", "core/build.gradle": "dependencies { compile 'mysql:mysql-connector-java:5.1' }\n",
			"gradle/libs.versions.toml": "[versions]\na = \"1\"\n", "gradle/wrapper/gradle-wrapper.properties": "distributionUrl=https\\://services.gradle.org/distributions/gradle-4.10.2-bin.zip\n", "core/src/main/resources/db.properties": "url=jdbc:mysql://h/x\n"},
		"kotlin": {"build.gradle.kts": "plugins {\n    id(\"org.springframework.boot\") version \"2.7.0\"\n    kotlin(\"jvm\") version \"1.6.21\"\n}\ndependencies {\n    implementation(\"org.springframework.boot:spring-boot-starter-web\")\n}\n", "src/main/kotlin/a/App.kt": "package a\nfun main() { println(System.getenv(\"X\")) }\n"},
		"reactor": {"pom.xml": pomOf("p", "<packaging>pom</packaging><modules><module>core</module><module>web</module><module>ear</module></modules>"), "core/pom.xml": child("p", "", "core", depXML("redis.clients:jedis:3")), "web/pom.xml": child("p", "", "web", war+depXML("g:core:1.0")),
			"ear/pom.xml":                         child("p", "", "ear", "<packaging>ear</packaging><dependencies><dependency><groupId>g</groupId><artifactId>web</artifactId><type>war</type></dependency></dependencies>"),
			"web/src/main/webapp/WEB-INF/web.xml": "<web-app version=\"3.0\"/>", "web/src/main/webapp/WEB-INF/jboss-web.xml": "<jboss-web><context-root>/x</context-root></jboss-web>", ".travis.yml": "language: java\njdk:\n  - openjdk8\n  - openjdk11\n", "Dockerfile": "FROM jboss/wildfly:10\n", "docker-compose.yml": "services:\n  r:\n    image: redis:5\n"},
		"struts": {"build.xml": "<project default=\"war\">\n<property file=\"build.properties\"/>\n<target name=\"war\">\n<javac srcdir=\"src\" source=\"1.5\"/>\n<war destfile=\"${name}.war\" webxml=\"web/WEB-INF/web.xml\"/>\n</target>\n</project>\n", "build.properties": "name=shop\n", "ivy.xml": "<ivy-module><dependencies><dependency org=\"struts\" name=\"struts\" rev=\"1.2.9\"/></dependencies></ivy-module>",
			"web/WEB-INF/web.xml": "<web-app version=\"2.4\"><servlet><servlet-class>org.apache.struts.action.ActionServlet</servlet-class></servlet></web-app>", "src/a/Db.java": "package a;\nclass Db { String u = \"jdbc:oracle:thin:@db:1521:xe\"; }\n"},
		"archive": {"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\nBuild-Jdk: 1.7.0_80\n", "WEB-INF/web.xml": "<web-app version=\"3.0\"/>", "WEB-INF/classes/jdbc.properties": "jdbc.url=jdbc:mysql://db/x\n"},
		"play":    {"build.sbt": "scalaVersion := \"2.12.8\"\n", "project/plugins.sbt": "addSbtPlugin(\"com.typesafe.play\" % \"sbt-plugin\" % \"2.7.0\")\n", "app/A.java": "class A {}"},
	}
	for name, files := range shapes {
		t.Run(name, func(t *testing.T) {
			fsys := fstest.MapFS{}
			for p, text := range files {
				fsys[p] = &fstest.MapFile{Data: []byte(text)}
			}
			detecttest.Run(t, Detector{}, fsys)
		})
	}
}
