package java

import (
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

// pomOf wraps the body of a pom.
func pomOf(artifact, body string) string {
	return `<project><modelVersion>4.0.0</modelVersion><groupId>g</groupId><artifactId>` + artifact + `</artifactId><version>1.0</version>` + "\n" + body + "\n</project>\n"
}

func child(parent, relative, artifact, body string) string {
	rel := ""
	if relative != "" {
		rel = "<relativePath>" + relative + "</relativePath>"
	}
	return `<project><parent><groupId>g</groupId><artifactId>` + parent + `</artifactId><version>1.0</version>` + rel + `</parent><artifactId>` + artifact + "</artifactId>\n" + body + "\n</project>\n"
}

func bootParentXML(version string) string {
	return `<parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId><version>` + version + `</version><relativePath/></parent>`
}

func bootPom(version, body string) string {
	return `<project>` + bootParentXML(version) + `<groupId>g</groupId><artifactId>app</artifactId><version>1.0</version>` + "\n" + body + "\n</project>\n"
}

func depXML(coordinates ...string) string {
	var b strings.Builder
	b.WriteString("<dependencies>")
	for _, c := range coordinates {
		p := append(strings.Split(c, ":"), "", "", "")
		b.WriteString("<dependency><groupId>" + p[0] + "</groupId><artifactId>" + p[1] + "</artifactId>")
		if p[2] != "" {
			b.WriteString("<version>" + p[2] + "</version>")
		}
		if p[3] != "" {
			b.WriteString("<scope>" + p[3] + "</scope>")
		}
		b.WriteString("</dependency>\n")
	}
	b.WriteString("</dependencies>")
	return b.String()
}

const bootPlugin = `<plugin><groupId>org.springframework.boot</groupId><artifactId>spring-boot-maven-plugin</artifactId></plugin>`

func build(plugins ...string) string {
	return "<build><plugins>" + strings.Join(plugins, "\n") + "</plugins></build>"
}

func plug(artifact, config string, goals ...string) string {
	s := "<plugin><artifactId>" + artifact + "</artifactId><configuration>" + config + "</configuration>"
	if len(goals) > 0 {
		s += "<executions><execution><goals><goal>" + strings.Join(goals, "</goal><goal>") + "</goal></goals></execution></executions>"
	}
	return s + "</plugin>"
}

const war = "<packaging>war</packaging>"

func TestMavenLevels(t *testing.T) {
	props := func(p string) string { return pomOf("a", war+"<properties>"+p+"</properties>") }
	tests := []struct {
		name, pom string
		more      map[string]string
		want      string
		from      detect.Origin
		others    string
	}{
		{name: "release property", pom: props("<maven.compiler.release>11</maven.compiler.release><maven.compiler.source>8</maven.compiler.source>"), want: "11", from: detect.Declared, others: "8"},
		{name: "source and target", pom: props("<maven.compiler.source>1.5</maven.compiler.source><maven.compiler.target>1.6</maven.compiler.target>"), want: "6", from: detect.Declared, others: "5"},
		{name: "1.4", pom: props("<maven.compiler.source>1.4</maven.compiler.source>"), want: "1.4", from: detect.Declared},
		{name: "plugin before property", pom: pomOf("a", war+"<properties><maven.compiler.source>1.8</maven.compiler.source></properties>"+build(plug("maven-compiler-plugin", "<source>1.7</source><target>1.7</target>"))), want: "7", from: detect.Declared, others: "8"},
		{name: "by another property", pom: pomOf("a", war+"<properties><jdk>1.8</jdk><x>${jdk}</x></properties>"+build(plug("maven-compiler-plugin", "<source>${x}</source>"))), want: "8", from: detect.Declared},
		{name: "managed", pom: pomOf("a", war+"<build><pluginManagement><plugins>"+plug("maven-compiler-plugin", "<source>1.6</source>")+"</plugins></pluginManagement></build>"), want: "6", from: detect.Declared},
		{name: "circle", pom: pomOf("a", war+"<properties><x>${y}</x><y>${x}</y><maven.compiler.source>${x}</maven.compiler.source></properties>"), want: "8", from: detect.Default},
		{name: "unused property", pom: props("<jdk.version>1.7</jdk.version>"), want: "7", from: detect.Inferred},
		{name: "boot 1 default", pom: bootPom("1.5.9.RELEASE", build(bootPlugin)), want: "6", from: detect.Inferred},
		{name: "boot 2 default", pom: bootPom("2.7.1", build(bootPlugin)), want: "8", from: detect.Inferred},
		{name: "boot 3 default", pom: bootPom("3.2.0", build(bootPlugin)), want: "17", from: detect.Inferred},
		{name: "boot with java.version", pom: bootPom("2.4.5", "<properties><java.version>11</java.version></properties>"+build(bootPlugin)), want: "11", from: detect.Declared},
		{name: "unknown parent, CI matrix", pom: child("elsewhere", "", "a", war), more: map[string]string{".travis.yml": "language: java\njdk:\n  - openjdk13\n  - openjdk8\n  - openjdk-ea\n"}, want: "8", from: detect.Inferred, others: ""},
		{name: "agreeing CI", pom: props("<maven.compiler.source>8</maven.compiler.source>"), more: map[string]string{".github/workflows/ci.yml": "jobs:\n  b:\n    strategy:\n      matrix:\n        java: [8, 11]\n    steps:\n      - uses: actions/setup-java@v3\n        with:\n          java-version: ${{ matrix.java }}\n"}, want: "8", from: detect.Declared},
		{name: "contradicting CI", pom: props("<maven.compiler.source>8</maven.compiler.source>"), more: map[string]string{".travis.yml": "jdk: oraclejdk11\n"}, want: "8", from: detect.Declared, others: "11"},
		{name: "dockerfile", pom: pomOf("a", war), more: map[string]string{"Dockerfile": "FROM maven:3.6-jdk-11 AS b\nRUN mvn package\nFROM tomcat:9-jdk11\n"}, want: "11", from: detect.Inferred},
		{name: ".java-version", pom: pomOf("a", war), more: map[string]string{".java-version": "openjdk64-11.0.2\n"}, want: "11", from: detect.Declared},
		{name: ".sdkmanrc", pom: pomOf("a", war), more: map[string]string{".sdkmanrc": "# x\njava=17.0.1-tem\n"}, want: "17", from: detect.Declared},
		{name: ".tool-versions", pom: pomOf("a", war), more: map[string]string{".tool-versions": "nodejs 12.1\njava temurin-17.0.1+12\n"}, want: "17", from: detect.Declared},
		{name: "heroku", pom: pomOf("a", war), more: map[string]string{"system.properties": "java.runtime.version=1.8\n"}, want: "8", from: detect.Declared},
		{name: "eclipse", pom: pomOf("a", war), more: map[string]string{".settings/org.eclipse.jdt.core.prefs": "eclipse.preferences.version=1\norg.eclipse.jdt.core.compiler.source=1.6\n"}, want: "6", from: detect.Inferred},
		{name: "eclipse classpath", pom: pomOf("a", war), more: map[string]string{".classpath": "<classpath>\n<classpathentry kind=\"con\" path=\"org.eclipse.jdt.launching.JRE_CONTAINER/x.StandardVMType/JavaSE-1.7\"/>\n</classpath>"}, want: "7", from: detect.Inferred},
		{name: "idea", pom: pomOf("a", war), more: map[string]string{".idea/misc.xml": "<project><component name=\"ProjectRootManager\" languageLevel=\"JDK_1_8\"/></project>"}, want: "8", from: detect.Inferred},
		{name: "enforcer is a lower bound", pom: pomOf("a", war+build(plug("maven-enforcer-plugin", "<rules><requireJavaVersion><version>[1.7,)</version></requireJavaVersion></rules>"))), want: "7", from: detect.Inferred},
		{name: "bundle", pom: pomOf("a", war+build(plug("maven-bundle-plugin", "<instructions><Bundle-RequiredExecutionEnvironment>JavaSE-1.8</Bundle-RequiredExecutionEnvironment></instructions>"))), want: "8", from: detect.Inferred},
		{name: "framework", pom: pomOf("a", war+depXML("org.springframework:spring-webmvc:6.0.1")), want: "17", from: detect.Inferred},
		{name: "jakarta", pom: pomOf("a", war+depXML("jakarta.servlet:jakarta.servlet-api:5.0.0:provided")), want: "17", from: detect.Default},
		{name: "nothing", pom: pomOf("a", war), want: "8", from: detect.Default},
		{name: "nonsense", pom: props("<maven.compiler.source>latest</maven.compiler.source><maven.compiler.target>999</maven.compiler.target>"), want: "8", from: detect.Default},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := one(t, merge(map[string]string{"pom.xml": tt.pom}, tt.more))
			v := c.LanguageVersion
			if v.V != tt.want || v.From != tt.from {
				t.Errorf("got %s %s (%s), want %s %s", v.V, v.From, v.Why, tt.want, tt.from)
			}
			if v.From != detect.Default && len(v.Evidence) == 0 || v.From != detect.Declared && v.Why == "" {
				t.Errorf("no proof or no reason: %+v", v)
			}
			var others []string
			for _, o := range v.Others {
				others = append(others, o.V)
			}
			if got := strings.Join(others, " "); got != tt.others {
				t.Errorf("others: %q, want %q", got, tt.others)
			}
		})
	}
}

func TestMavenArtifact(t *testing.T) {
	tests := []struct {
		name, pom, artifact, command string
		wants                        map[string]string
	}{
		{"war", pomOf("shop", war), "target/shop-1.0.war", "mvn -B -DskipTests package", nil},
		{"final name", pomOf("shop", war+"<build><finalName>${project.artifactId}-x</finalName></build>"), "target/shop-x.war", "", nil},
		{"build directory", pomOf("shop", war+"<build><directory>${project.basedir}/out</directory></build>"), "out/shop-1.0.war", "", nil},
		{"directory outside", pomOf("shop", war+"<build><directory>/tmp/x</directory></build>"), "target/shop-1.0.war", "", nil},
		{"unresolved", pomOf("shop", war+"<build><finalName>shop-${buildNumber}</finalName></build>"), "target/shop-*.war", "", nil},
		{"war name", pomOf("shop", war+build(plug("maven-war-plugin", "<warName>root</warName>"))), "target/root.war", "", nil},
		{"boot", bootPom("2.3.1.RELEASE", build(bootPlugin)+depXML("org.springframework.boot:spring-boot-starter-web")), "target/app-1.0.jar", "mvn -B -DskipTests package", nil},
		{"boot classifier", bootPom("2.3.1.RELEASE", build(plug("spring-boot-maven-plugin", "<classifier>exec</classifier>"))), "target/app-1.0-exec.jar", "", nil},
		{"boot without its parent", pomOf("app", depXML("org.springframework.boot:spring-boot-starter-web:2.1.0.RELEASE")+build(bootPlugin)), "target/app-1.0.jar", "mvn -B -DskipTests package org.springframework.boot:spring-boot-maven-plugin:repackage", nil},
		{"boot that repackages", pomOf("app", depXML("org.springframework.boot:spring-boot-starter-web:2.1.0.RELEASE")+build(plug("spring-boot-maven-plugin", "<mainClass>a.B</mainClass>", "repackage"))), "target/app-1.0.jar", "mvn -B -DskipTests package", map[string]string{"mainClass": "a.B"}},
		{"shade", pomOf("tool", build(plug("maven-shade-plugin", "<shadedArtifactAttached>true</shadedArtifactAttached><shadedClassifierName>all</shadedClassifierName><transformers><transformer><mainClass>a.Main</mainClass></transformer></transformers>", "shade"))), "target/tool-1.0-all.jar", "", map[string]string{"mainClass": "a.Main"}},
		{"shade in place", pomOf("tool", build(plug("maven-shade-plugin", "<transformers><transformer><manifestEntries><Main-Class>a.Main</Main-Class></manifestEntries></transformer></transformers>", "shade"))), "target/tool-1.0.jar", "", nil},
		{"assembly", pomOf("tool", build(plug("maven-assembly-plugin", "<descriptorRefs><descriptorRef>jar-with-dependencies</descriptorRef></descriptorRefs><archive><manifest><mainClass>a.Main</mainClass></manifest></archive>", "single"))), "target/tool-1.0-jar-with-dependencies.jar", "", nil},
		{"assembly without id", pomOf("tool", build(plug("maven-assembly-plugin", "<appendAssemblyId>false</appendAssemblyId><finalName>t</finalName><archive><manifest><mainClass>a.Main</mainClass></manifest></archive>", "single"))), "target/t.jar", "", nil},
		{"swarm", pomOf("micro", build(plug("wildfly-swarm-plugin", ""))), "target/micro-1.0-swarm.jar", "", nil},
		{"thorntail", pomOf("micro", build(plug("thorntail-maven-plugin", ""))), "target/micro-1.0-thorntail.jar", "", nil},
		{"checks", pomOf("a", war+build(plug("license-maven-plugin", "", "check"), plug("maven-checkstyle-plugin", "", "check"), plug("formatter-maven-plugin", "", "validate"), plug("spotless-maven-plugin", "", "check"))), "", "mvn -B -DskipTests -Dlicense.skip=true -Dformatter.skip=true -Dspotless.check.skip=true -Dspotless.apply.skip=true -Dcheckstyle.skip=true package", nil},
		{"checks that are not bound", pomOf("a", war+build(plug("maven-checkstyle-plugin", ""))), "", "mvn -B -DskipTests package", nil},
		{"git", pomOf("a", war+build(plug("git-commit-id-plugin", "", "revision"))), "", "mvn -B -DskipTests -Dmaven.gitcommitid.skip=true package", map[string]string{"gitMetadata": "true"}},
		{"build number", pomOf("a", war+build(plug("buildnumber-maven-plugin", "", "create"))), "", "mvn -B -DskipTests -Dmaven.buildNumber.skip=true package", map[string]string{"gitMetadata": "true"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := one(t, map[string]string{"pom.xml": tt.pom})
			if tt.artifact != "" && c.Facts["artifact"].V != tt.artifact {
				t.Errorf("artifact %q, want %q", c.Facts["artifact"].V, tt.artifact)
			}
			if tt.command != "" && c.Facts["buildCommand"].V != tt.command {
				t.Errorf("command %q, want %q", c.Facts["buildCommand"].V, tt.command)
			}
			for k, v := range tt.wants {
				if c.Facts[k].V != v {
					t.Errorf("%s is %q, want %q", k, c.Facts[k].V, v)
				}
			}
		})
	}
}

// paths are the paths of the components with their roles, in their order.
func paths(f *detect.Findings) string {
	var out []string
	for _, c := range f.Components {
		out = append(out, c.Path+":"+string(c.Role.V)+":"+c.Packaging.V)
	}
	return strings.Join(out, " ")
}

func TestMavenModules(t *testing.T) {
	parent := func(modules ...string) string {
		return pomOf("parent", "<packaging>pom</packaging><modules><module>"+strings.Join(modules, "</module><module>")+"</module></modules>")
	}
	bootApp := build(plug("spring-boot-maven-plugin", "", "repackage")) + depXML("org.springframework.boot:spring-boot-starter-web:2.1.0.RELEASE")
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"war and library", map[string]string{"pom.xml": parent("core", "web"), "core/pom.xml": child("parent", "", "core", ""), "web/pom.xml": child("parent", "", "web", war+depXML("g:core:1.0"))}, "web:web:war"},
		{"ear takes the war", map[string]string{"pom.xml": parent("web", "ear"), "web/pom.xml": child("parent", "", "web", war), "ear/pom.xml": child("parent", "", "ear", "<packaging>ear</packaging><dependencies><dependency><groupId>g</groupId><artifactId>web</artifactId><type>war</type></dependency></dependencies>")}, "ear:web:ear"},
		{"several services", map[string]string{"pom.xml": parent("a", "b"), "a/pom.xml": child("parent", "", "a", bootApp), "b/pom.xml": child("parent", "", "b", bootApp)}, "a:web:jar b:web:jar"},
		{"plugin of the parent, library beside", map[string]string{"pom.xml": strings.Replace(parent("a", "lib"), "</project>", bootApp+"</project>", 1), "a/pom.xml": child("parent", "", "a", ""), "a/src/main/java/A/MyApplication.java": "@SpringBootApplication class MyApplication {}", "lib/pom.xml": child("parent", "", "lib", ""), "lib/src/main/java/L.java": "class L {}"}, "a:web:jar"},
		{"samples are no product", map[string]string{"pom.xml": parent("app", "app-sample", "it"), "app/pom.xml": child("parent", "", "app", war), "app-sample/pom.xml": child("parent", "", "app-sample", war), "it/pom.xml": child("parent", "", "it", war)}, "app:web:war"},
		{"only samples", map[string]string{"pom.xml": parent("lib", "lib-sample"), "lib/pom.xml": child("parent", "", "lib", ""), "lib-sample/pom.xml": child("parent", "", "lib-sample", war)}, "lib-sample:web:war"},
		{"libraries only", map[string]string{"pom.xml": parent("a", "b"), "a/pom.xml": child("parent", "", "a", ""), "b/pom.xml": child("parent", "", "b", "")}, ".:library:jar"},
		{"flat", map[string]string{"parent/pom.xml": parent("../web"), "web/pom.xml": child("parent", "../parent/pom.xml", "web", war)}, "web:web:war"},
		{"module file", map[string]string{"pom.xml": parent("web/pom-web.xml"), "web/pom-web.xml": child("parent", "", "web", war)}, "web:web:war"},
		{"circle of modules", map[string]string{"pom.xml": parent("a"), "a/pom.xml": strings.Replace(child("parent", "", "a", war), "</project>", "<modules><module>..</module></modules></project>", 1)}, "a:web:war"},
		{"two trees", map[string]string{"shop/pom.xml": pomOf("shop", war), "admin/pom.xml": pomOf("admin", war)}, "admin:web:war shop:web:war"},
		{"missing module", map[string]string{"pom.xml": parent("gone", "web", "../../out"), "web/pom.xml": child("parent", "", "web", war)}, "web:web:war"},
		{"module of a profile", map[string]string{"pom.xml": pomOf("parent", "<packaging>pom</packaging><profiles><profile><id>all</id><modules><module>web</module></modules></profile></profiles>"), "web/pom.xml": child("parent", "", "web", war)}, "web:web:war"},
		{"test war beside", map[string]string{"pom.xml": parent("app"), "app/pom.xml": child("parent", "", "app", war), "it-selenium/pom.xml": pomOf("it", war), "tools/pom.xml": pomOf("tools", "")}, "app:web:war"},
		{"archetype", map[string]string{"pom.xml": parent("app"), "app/pom.xml": child("parent", "", "app", war), "app/src/main/resources/archetype-resources/pom.xml": pomOf("x", war)}, "app:web:war"},
		{"a war over pages of another", map[string]string{"pom.xml": parent("web", "plus"), "web/pom.xml": child("parent", "", "web", war), "plus/pom.xml": child("parent", "", "plus", war+"<dependencies><dependency><groupId>g</groupId><artifactId>web</artifactId><type>war</type></dependency></dependencies>")}, "plus:web:war"},
		{"a war over an application", map[string]string{"pom.xml": parent("web", "plus"), "web/pom.xml": child("parent", "", "web", war), "web/src/main/webapp/WEB-INF/web.xml": "<web-app/>", "plus/pom.xml": child("parent", "", "plus", war+"<dependencies><dependency><groupId>g</groupId><artifactId>web</artifactId><type>war</type></dependency></dependencies>")}, "plus:web:war web:web:war"},
		{"the war that the image runs", map[string]string{"pom.xml": parent("web", "plus"), "web/pom.xml": child("parent", "", "web", war), "plus/pom.xml": child("parent", "", "plus", war+"<dependencies><dependency><groupId>g</groupId><artifactId>web</artifactId><type>war</type></dependency></dependencies>"), "Dockerfile": "FROM tomcat:9.0\nCOPY --from=build /src/web/target/web.war /usr/local/tomcat/webapps/\n"}, "web:web:war"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := paths(find(t, tt.files)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("commands", func(t *testing.T) {
		f := find(t, tests[0].files)
		c := f.Components[0]
		if c.Root != "." || c.Facts["module"].V != "web" || c.Facts["artifact"].V != "web/target/web-1.0.war" || c.Facts["buildCommand"].V != "mvn -B -pl web -am -DskipTests package" || c.Facts["manifests"].V != "core/pom.xml pom.xml web/pom.xml" {
			t.Errorf("%s %v", c.Root, c.Facts)
		}
		c = find(t, tests[7].files).Components[0]
		if c.Root != "." || c.Facts["buildCommand"].V != "mvn -B -f parent/pom.xml -pl ../web -am -DskipTests package" || c.Facts["artifact"].V != "web/target/web-1.0.war" {
			t.Errorf("flat: %s %v", c.Root, c.Facts["buildCommand"])
		}
		c = find(t, tests[12].files).Components[0]
		if c.Facts["buildCommand"].V != "mvn -B -pl web -am -P all -DskipTests package" {
			t.Errorf("profile: %v", c.Facts["buildCommand"].V)
		}
		c = one(t, map[string]string{"pom.xml": parent("we b;x"), "we b;x/pom.xml": child("parent", "", "web", war)})
		if c.Facts["buildCommand"].V != "mvn -B -pl 'we b;x' -am -DskipTests package" {
			t.Errorf("quoting: %v", c.Facts["buildCommand"].V)
		}
	})
}

func TestMavenModel(t *testing.T) {
	boot := func(extra string) map[string]string {
		return map[string]string{"pom.xml": pomOf("app", extra)}
	}
	bom := `<dependencyManagement><dependencies><dependency><groupId>org.springframework.boot</groupId><artifactId>spring-boot-dependencies</artifactId><version>${b}</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement>`
	starter := depXML("org.springframework.boot:spring-boot-starter-web")
	tests := []struct {
		name    string
		files   map[string]string
		version string
	}{
		{"parent", map[string]string{"pom.xml": bootPom("2.2.6.RELEASE", starter+build(bootPlugin))}, "2.2.6"},
		{"bill of materials", boot("<properties><b>1.5.22.RELEASE</b></properties>" + bom + starter + build(plug("spring-boot-maven-plugin", "", "repackage"))), "1.5.22"},
		{"library", boot(depXML("org.springframework.boot:spring-boot-starter-web:2.0.0.RELEASE") + build(bootPlugin)), "2.0.0"},
		{"plugin", boot(starter + build("<plugin><artifactId>spring-boot-maven-plugin</artifactId><version>2.6.1</version></plugin>")), "2.6.1"},
		{"property", boot("<properties><spring-boot.version>2.5.0</spring-boot.version></properties>" + starter + build(bootPlugin)), "2.5.0"},
		{"bill of materials in the tree", map[string]string{"pom.xml": pomOf("app", `<modules><module>bom</module></modules><dependencyManagement><dependencies><dependency><groupId>g</groupId><artifactId>bom</artifactId><version>1.0</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement>`+starter+build(plug("spring-boot-maven-plugin", "", "repackage"))),
			"bom/pom.xml": pomOf("bom", "<packaging>pom</packaging><properties><b>2.1.1.RELEASE</b></properties>"+bom)}, "2.1.1"},
		{"grandparent", map[string]string{"pom.xml": pomOf("top", "<packaging>pom</packaging><modules><module>mid</module></modules><properties><b>2.3.0.RELEASE</b></properties>"+bom), "mid/pom.xml": child("top", "", "mid", "<packaging>pom</packaging><modules><module>app</module></modules>"), "mid/app/pom.xml": child("mid", "", "app", starter+build(bootPlugin))}, "2.3.0"},
		{"parent by name", map[string]string{"pom.xml": pomOf("top", "<packaging>pom</packaging><modules><module>parent</module><module>app</module></modules>"), "parent/pom.xml": pomOf("parent", "<packaging>pom</packaging><properties><b>2.3.1.RELEASE</b></properties>"+bom), "app/pom.xml": child("parent", "", "app", starter+build(bootPlugin))}, "2.3.1"},
		{"maven.config", merge(boot(bom+starter+build(bootPlugin)), map[string]string{".mvn/maven.config": "-Db=2.7.0\n"}), "2.7.0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := one(t, tt.files)
			if c.Framework.V != "spring-boot" || c.FrameworkVersion.V != tt.version || len(c.FrameworkVersion.Evidence) == 0 {
				t.Errorf("got %s %s", c.Framework.V, c.FrameworkVersion.V)
			}
		})
	}
}

func TestMavenProfiles(t *testing.T) {
	profile := func(activation, level string) string {
		return "<profile><id>p" + level + "</id><activation>" + activation + "</activation><properties><maven.compiler.source>" + level + "</maven.compiler.source></properties></profile>"
	}
	tests := []struct{ name, activation, want string }{
		{"by default", "<activeByDefault>true</activeByDefault>", "6"},
		{"never", "", "8"},
		{"property", "<property><name>x</name></property>", "8"},
		{"property missing", "<property><name>!x</name></property>", "6"},
		{"property not of value", "<property><name>x</name><value>!y</value></property>", "6"},
		{"property of value", "<property><name>x</name><value>y</value></property>", "8"},
		{"set property", "<property><name>set</name></property>", "6"},
		{"set property of value", "<property><name>set</name><value>v</value></property>", "6"},
		{"file", "<file><exists>${basedir}/a.txt</exists></file>", "6"},
		{"directory", "<file><exists>dir</exists></file>", "6"},
		{"no file", "<file><exists>b.txt</exists></file>", "8"},
		{"missing file", "<file><missing>b.txt</missing></file>", "6"},
		{"file unknown", "<file><exists>${x}/b.txt</exists></file>", "8"},
		{"linux", "<os><family>unix</family></os>", "6"},
		{"not windows", "<os><family>!windows</family></os>", "6"},
		{"windows", "<os><family>windows</family></os>", "8"},
		{"mac", "<os><name>mac os x</name></os>", "8"},
		{"arch", "<os><arch>amd64</arch></os>", "6"},
		{"other arch", "<os><arch>sparc</arch></os>", "8"},
		{"jdk", "<jdk>[9,)</jdk>", "8"},
		{"all conditions", "<os><family>unix</family></os><property><name>x</name></property>", "8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := one(t, map[string]string{"pom.xml": pomOf("a", war+"<properties><maven.compiler.source>8</maven.compiler.source></properties><profiles>"+profile(tt.activation, "6")+"</profiles>"),
				"a.txt": "", "dir/x": "", ".mvn/maven.config": "-Dset=v"})
			if c.LanguageVersion.V != tt.want {
				t.Errorf("got %s, want %s", c.LanguageVersion.V, tt.want)
			}
		})
	}
	t.Run("default gives way", func(t *testing.T) {
		c := one(t, map[string]string{"pom.xml": pomOf("a", war+"<profiles>"+profile("<activeByDefault>true</activeByDefault>", "6")+profile("<property><name>!x</name></property>", "7")+"</profiles>")})
		if c.LanguageVersion.V != "7" {
			t.Errorf("got %s", c.LanguageVersion.V)
		}
	})
	t.Run("chosen by maven.config", func(t *testing.T) {
		c := one(t, map[string]string{"pom.xml": pomOf("a", war+"<profiles>"+profile("", "6")+"</profiles>"), ".mvn/maven.config": "-B -P p6\n"})
		if c.LanguageVersion.V != "6" {
			t.Errorf("got %s", c.LanguageVersion.V)
		}
	})
}

func TestBrokenPoms(t *testing.T) {
	for name, text := range map[string]string{
		"cut":        "<project>\n<artifactId>a</artifactId>\n<dependencies>\n",
		"conflict":   "<project>\n<<<<<<< HEAD\n</project>",
		"other root": "<html></html>",
		"empty":      "",
		"binary":     "\x00\x01\x02",
		"bomb":       "<!DOCTYPE p [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><project>&b;&b;&b;</project>",
	} {
		t.Run(name, func(t *testing.T) {
			f := find(t, map[string]string{"pom.xml": text, "src/main/java/A.java": "class A {}"})
			if name == "cut" || name == "conflict" {
				if len(f.Components) != 0 || len(f.Warnings) != 1 || f.Warnings[0].File != "pom.xml" || f.Warnings[0].Line == 0 {
					t.Errorf("%d components, warnings %v", len(f.Components), f.Warnings)
				}
			}
		})
	}
	t.Run("growing property", func(t *testing.T) {
		var b strings.Builder
		b.WriteString("<a0>xxxxxxxxxx</a0>")
		for i := 1; i < 30; i++ {
			prev := "${a" + itoa(i-1) + "}"
			b.WriteString("<a" + itoa(i) + ">" + strings.Repeat(prev, 10) + "</a" + itoa(i) + ">")
		}
		c := one(t, map[string]string{"pom.xml": pomOf("a", war+"<properties>"+b.String()+"</properties><build><finalName>${a29}</finalName></build>")})
		if len(c.Facts["artifact"].V) > 3*maxExpanded {
			t.Errorf("%d bytes", len(c.Facts["artifact"].V))
		}
	})
}

func TestMavenWrapper(t *testing.T) {
	c := one(t, map[string]string{"pom.xml": pomOf("a", war), "mvnw": "#!/bin/sh\n", ".mvn/wrapper/maven-wrapper.properties": "distributionUrl=https://repo.example.org/org/apache/maven/apache-maven/3.6.1/apache-maven-3.6.1-bin.zip\n"})
	if c.Facts["wrapper"].V != "true" || c.Facts["buildToolVersion"].V != "3.6.1" || !strings.HasPrefix(c.Facts["buildCommand"].V, "mvn ") {
		t.Errorf("%v", c.Facts)
	}
}
