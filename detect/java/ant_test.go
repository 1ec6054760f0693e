package java

import (
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

func TestAnt(t *testing.T) {
	webxml := map[string]string{"web/WEB-INF/web.xml": `<!DOCTYPE web-app PUBLIC "-//Sun Microsystems, Inc.//DTD Web Application 2.3//EN" "http://java.sun.com/dtd/web-app_2_3.dtd"><web-app/>`}
	tests := []struct {
		name  string
		files map[string]string
		want  string
		facts map[string]string
		level string
		check func(t *testing.T, c detect.Component)
	}{
		{name: "war", files: merge(webxml, map[string]string{"build.xml": `<project name="Shop" default="all" basedir=".">
 <property name="dist" location="out"/>
 <property name="out.war" value="${dist}/${ant.project.name}.war"/>
 <path id="cp"><fileset dir="${tomcat.home}/common/lib"/></path>
 <target name="compile"><javac srcdir="src" source="1.5" target="1.5" classpathref="cp"/></target>
 <target name="makewar" depends="compile"><war destfile="${out.war}" webxml="web/WEB-INF/web.xml"/></target>
 <target name="all" depends="makewar"/>
</project>`, "src/A.java": "import javax.servlet.http.HttpServlet;\nclass A {}"}), want: ".:web:war", level: "5",
			facts: map[string]string{"artifact": "out/Shop.war", "buildCommand": "ant makewar", "serverHomeProperty": "tomcat.home", "servletApi": "javax"}},
		{name: "properties of files win by their order", files: map[string]string{"build.xml": `<project default="war">
 <property file="build.properties"/><property name="name" value="late"/><property name="lvl" value="1.4"/>
 <target name="war"><javac source="${lvl}"/><war warfile="${name}.war"/></target></project>`, "build.properties": "name=early\nlvl=1.7\n"}, want: ".:web:war", level: "7", facts: map[string]string{"artifact": "early.war"}},
		{name: "time stamp", files: map[string]string{"build.xml": `<project default="d"><target name="d"><tstamp/><war destfile="dist/app-${DSTAMP}.war"/></target></project>`}, want: ".:web:war", facts: map[string]string{"artifact": "dist/app-*.war"}},
		{name: "ear before war", files: map[string]string{"build.xml": `<project default="ear"><target name="war"><war destfile="b/w.war"/></target><target name="ear" depends="war"><ear destfile="b/e.ear"/></target></project>`}, want: ".:web:ear", facts: map[string]string{"artifact": "b/e.ear", "buildCommand": "ant ear"}},
		{name: "jar that is a war", files: map[string]string{"build.xml": `<project default="x"><target name="x"><jar destfile="x.war" basedir="web"/></target></project>`}, want: ".:web:war", facts: map[string]string{"artifact": "x.war"}},
		{name: "executable jar", files: map[string]string{"build.xml": `<project default="jar"><target name="jar"><jar destfile="tool.jar"><manifest><attribute name="Main-Class" value="a.Main"/></manifest></jar></target></project>`}, want: ".:cli:jar", facts: map[string]string{"mainClass": "a.Main", "artifact": "tool.jar"}},
		{name: "library", files: map[string]string{"build.xml": `<project default="jar"><target name="jar"><jar destfile="lib.jar"/></target></project>`}, want: ""},
		{name: "not the test's war", files: map[string]string{"build.xml": `<project default="none"><target name="test-war"><war destfile="t.war"/></target><target name="dist"><war destfile="d.war"/></target></project>`}, want: ".:web:war", facts: map[string]string{"buildCommand": "ant dist"}},
		{name: "import", files: map[string]string{"build.xml": `<project default="war"><property name="n" value="main"/><import file="common/base.xml"/></project>`, "common/base.xml": `<project><target name="war"><war destfile="${n}.war"/></target></project>`}, want: ".:web:war", facts: map[string]string{"artifact": "main.war"}},
		{name: "import of itself", files: map[string]string{"build.xml": `<project default="war"><import file="build.xml"/><target name="war"><war destfile="a.war"/></target></project>`}, want: ".:web:war"},
		{name: "import from outside", files: map[string]string{"build.xml": `<project default="war"><import file="../../etc/passwd"/><import file="/etc/passwd"/><import file="gone.xml"/><target name="war"><war destfile="a.war"/></target></project>`}, want: ".:web:war"},
		{name: "archive outside", files: map[string]string{"build.xml": `<project default="war"><target name="war"><war destfile="../up/a.war"/></target></project>`}, want: ".:web:war", facts: map[string]string{"artifact": "*/a.war"}},
		{name: "archive without a name", files: map[string]string{"build.xml": `<project default="war"><target name="war"><war webxml="w.xml"/></target></project>`}, want: ".:web:war", facts: map[string]string{"artifact": "**/*.war"}},
		{name: "home by the environment", files: map[string]string{"build.xml": `<project default="war"><property environment="env"/><property name="catalina.home" value="${env.CATALINA_HOME}"/><property name="servlet.jar" value="${catalina.home}/lib/servlet-api.jar"/>
 <target name="war"><javac srcdir="src"><classpath><pathelement location="${servlet.jar}"/></classpath></javac><war destfile="a.war"/></target></project>`}, want: ".:web:war", facts: map[string]string{"serverHomeProperty": "catalina.home"}},
		{name: "environment alone", files: map[string]string{"build.xml": `<project default="war"><property environment="env"/><target name="war"><javac classpath="${env.TOMCAT_HOME}/lib/x.jar"/><war destfile="a.war"/></target></project>`}, want: ".:web:war", facts: map[string]string{"serverHomeProperty": "env.TOMCAT_HOME"}},
		{name: "home inside the tree", files: map[string]string{"build.xml": `<project default="war"><property name="server.lib" value="lib"/><target name="war"><javac classpath="${server.lib}/x.jar"/><war destfile="a.war"/></target></project>`, "lib/x.jar": ""}, want: ".:web:war", facts: map[string]string{"serverHomeProperty": ""}},
		{name: "home only to deploy", files: map[string]string{"build.xml": `<project default="war"><property name="deploy" value="${tomcat.home}/webapps"/><target name="war"><war destfile="a.war"/></target><target name="deploy" depends="war"><copy todir="${deploy}" file="a.war"/></target></project>`}, want: ".:web:war", facts: map[string]string{"serverHomeProperty": ""}},
		{name: "called targets and circles", files: map[string]string{"build.xml": `<project default="a"><target name="a" depends="b"><antcall target="w"/></target><target name="b" depends="a"/><target name="w"><javac source="1.6"/><war destfile="w.war"/></target></project>`}, want: ".:web:war", level: "6", facts: map[string]string{"buildCommand": "ant w"}},
		{name: "compiler property", files: map[string]string{"build.xml": `<project default="w"><property name="ant.build.javac.source" value="1.6"/><target name="w"><javac srcdir="src"/><war destfile="w.war"/></target></project>`}, want: ".:web:war", level: "6"},
		{name: "ivy", files: map[string]string{"build.xml": `<project xmlns:ivy="antlib:org.apache.ivy.ant" default="w"><target name="w"><ivy:retrieve/><war destfile="w.war"/></target></project>`,
			"ivy.xml": `<ivy-module><dependencies><dependency org="org.apache.struts" name="struts2-core" rev="2.3.1"/><dependency org="mysql" name="mysql-connector-java" rev="5.1" conf="runtime->default"/><dependency org="junit" name="junit" rev="4" conf="test"/></dependencies></ivy-module>`}, want: ".:web:war", facts: map[string]string{"ivy": "true"},
			check: func(t *testing.T, c detect.Component) {
				if c.Framework.V != "struts" || c.FrameworkVersion.V != "2.3.1" || len(c.Services) != 1 || !c.Services[0].Required {
					t.Errorf("%v %v %v", c.Framework, c.FrameworkVersion, c.Services)
				}
			}},
		{name: "struts 1 by its jar", files: map[string]string{"build.xml": `<project default="w"><target name="w"><war destfile="w.war" webxml="WebContent/WEB-INF/web.xml"/></target></project>`, "WebContent/WEB-INF/lib/struts-1.2.9.jar": "", "WebContent/WEB-INF/lib/ojdbc14.jar": "", "lib/test/h2-1.4.jar": "",
			"WebContent/WEB-INF/web.xml": `<web-app version="2.4"><servlet><servlet-class>org.apache.struts.action.ActionServlet</servlet-class></servlet></web-app>`}, want: ".:web:war",
			check: func(t *testing.T, c detect.Component) {
				if c.Framework.V != "struts" || c.FrameworkVersion.V != "1.2.9" || c.Services[0].Kind != "oracle" || len(c.EndOfLife) == 0 || c.EndOfLife[0].What != "struts 1" {
					t.Errorf("%v %v %v %v", c.Framework, c.FrameworkVersion, c.Services, c.EndOfLife)
				}
			}},
		{name: "struts 1 by its descriptor", files: map[string]string{"build.xml": `<project default="w"><target name="w"><war destfile="w.war" basedir="web"/></target></project>`, "web/WEB-INF/struts-config.xml": "<?xml version='1.0'?>\n<!DOCTYPE struts-config PUBLIC \"x\"\n \"http://struts.apache.org/dtds/struts-config_1_3.dtd\">\n<struts-config/>",
			"web/WEB-INF/web.xml": `<web-app><servlet><servlet-class>org.apache.struts.action.ActionServlet</servlet-class></servlet></web-app>`}, want: ".:web:war",
			check: func(t *testing.T, c detect.Component) {
				if c.FrameworkVersion.V != "1.3" || c.FrameworkVersion.Evidence[0].Line != 3 {
					t.Errorf("%+v", c.FrameworkVersion)
				}
			}},
		{name: "netbeans", files: map[string]string{"build.xml": `<project name="Web" default="default"><import file="nbproject/build-impl.xml"/></project>`, "nbproject/project.properties": "dist.dir=dist\nwar.name=Web.war\njavac.source=1.7\njavac.target=1.7\n", "web/WEB-INF/web.xml": "<web-app/>"}, want: ".:web:war", level: "7",
			facts: map[string]string{"artifact": "dist/Web.war", "buildCommand": "ant dist", "serverHomeProperty": "j2ee.server.home"}},
		{name: "netbeans desktop", files: map[string]string{"build.xml": `<project name="Desk"/>`, "nbproject/project.properties": "main.class=a.Main\n"}, want: ".:cli:jar", facts: map[string]string{"mainClass": "a.Main", "artifact": "dist/*.jar"}},
		{name: "netbeans library", files: map[string]string{"build.xml": `<project name="Lib"/>`, "nbproject/project.properties": "javac.source=1.5\n"}, want: ""},
		{name: "circle of properties", files: map[string]string{"build.xml": `<project default="w"><property name="a" value="${b}"/><property name="b" value="${a}"/><target name="w"><war destfile="${a}.war"/></target></project>`}, want: ".:web:war", facts: map[string]string{"artifact": "*.war"}},
		{name: "other XML", files: map[string]string{"build.xml": `<html/>`}, want: ""},
		{name: "broken", files: map[string]string{"build.xml": "<project>\n<target>"}, want: ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := find(t, tt.files)
			if got := paths(f); got != tt.want {
				t.Fatalf("got %q, want %q; %v", got, tt.want, f.Warnings)
			}
			if tt.name == "broken" && (len(f.Warnings) != 1 || f.Warnings[0].Line != 2) {
				t.Errorf("warnings %v", f.Warnings)
			}
			if tt.want == "" {
				return
			}
			c := f.Components[0]
			for k, v := range tt.facts {
				if got := c.Facts[k].V; got != v {
					t.Errorf("%s: got %q, want %q", k, got, v)
				}
			}
			if tt.level != "" && c.LanguageVersion.V != tt.level {
				t.Errorf("Java %s, want %s", c.LanguageVersion.V, tt.level)
			}
			if tt.check != nil {
				tt.check(t, c)
			}
		})
	}
}

func TestBare(t *testing.T) {
	class := func(major byte) string {
		return "\xca\xfe\xba\xbe\x00\x00\x00" + string([]byte{major}) + "rest"
	}
	tests := []struct {
		name        string
		files       map[string]string
		want, level string
		facts       map[string]string
	}{
		{"web root", map[string]string{"WEB-INF/web.xml": "<web-app/>", "index.jsp": "x", "WEB-INF/classes/A.class": class(50)}, ".:web:war", "6", map[string]string{"artifact": "."}},
		{"web root below", map[string]string{"site/WEB-INF/web.xml": "<web-app/>", "site/WEB-INF/classes/A.class": class(52)}, "site:web:war", "8", nil},
		{"eclipse project", map[string]string{"WebContent/WEB-INF/web.xml": "<web-app version=\"3.0\"/>", "WebContent/META-INF/MANIFEST.MF": "Manifest-Version: 1.0\nClass-Path: \n", ".project": "<x/>", "src/a/A.java": "class A {}", ".settings/org.eclipse.jdt.core.prefs": "org.eclipse.jdt.core.compiler.source=1.7\n"}, ".:web:war", "7", map[string]string{"artifact": "WebContent", "webRoot": "WebContent", "sources": "src"}},
		{"test data", map[string]string{"src/test/resources/x/WEB-INF/web.xml": "<web-app/>"}, "", "", nil},
		{"war as source", map[string]string{"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\nBuild-Jdk-Spec: 11\r\n", "WEB-INF/web.xml": "<web-app/>", "WEB-INF/lib/struts2-core-2.5.1.jar": ""}, ".:web:war", "11", map[string]string{"artifact": "."}},
		{"boot jar as source", map[string]string{"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\nMain-Class: org.springframework.boot.loader.JarLauncher\nStart-Class: com.example.ver\n y.long.Application\nSpring-Boot-Version: 2.3.4.RELEASE\n\nName: x\nMain-Class: no\n", "BOOT-INF/classes/application.properties": "server.port=9000\n", "BOOT-INF/classes/a/A.class": class(55), "BOOT-INF/lib/spring-boot-starter-web-2.3.4.RELEASE.jar": ""}, ".:web:jar", "11", map[string]string{"mainClass": "com.example.very.long.Application"}},
		{"jar as source", map[string]string{"META-INF/MANIFEST.MF": "Main-Class: a.Main\nCreated-By: 1.7.0_80 (Oracle Corporation)\n", "a/Main.class": "not a class"}, ".:cli:jar", "7", map[string]string{"mainClass": "a.Main"}},
		{"ear as source", map[string]string{"META-INF/application.xml": `<application version="6"><module><web><web-uri>w.war</web-uri><context-root>/shop</context-root></web></module></application>`, "META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n", "w.war": "x"}, ".:web:ear", "8", map[string]string{"contextPath": "/shop"}},
		{"exploded war in a folder", map[string]string{"deploy/app.war/META-INF/MANIFEST.MF": "", "deploy/app.war/WEB-INF/web.xml": "<web-app/>"}, "deploy/app.war:web:war", "8", nil},
		{"library jar", map[string]string{"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\n", "a/A.class": class(52)}, "", "", nil},
		{"old class", map[string]string{"WEB-INF/web.xml": "<web-app/>", "WEB-INF/classes/A.class": class(48)}, ".:web:war", "1.4", nil},
		{"odd class", map[string]string{"WEB-INF/web.xml": "<web-app/>", "WEB-INF/classes/A.class": class(2)}, ".:web:war", "8", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := find(t, tt.files)
			if got := paths(f); got != tt.want {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			if tt.want == "" {
				return
			}
			c := f.Components[0]
			if c.LanguageVersion.V != tt.level || c.Build.V != "none" {
				t.Errorf("Java %s, build %s", c.LanguageVersion.V, c.Build.V)
			}
			for k, v := range tt.facts {
				if got := c.Facts[k].V; got != v {
					t.Errorf("%s: got %q, want %q", k, got, v)
				}
			}
			if strings.HasPrefix(tt.name, "boot jar") && (c.Port.V != 9000 || c.FrameworkVersion.V != "2.3.4" || c.AppServer.V != "tomcat") {
				t.Errorf("%v %v %v", c.Port, c.FrameworkVersion, c.AppServer)
			}
		})
	}
}

func TestPlay(t *testing.T) {
	c := one(t, map[string]string{"build.sbt": "scalaVersion := \"2.12.8\"\nlibraryDependencies += \"org.postgresql\" % \"postgresql\" % \"42.2.5\"\nlibraryDependencies += \"com.h2database\" % \"h2\" % \"1.4\" % Test // x\n",
		"project/plugins.sbt": "// addSbtPlugin(\"com.typesafe.play\" % \"sbt-plugin\" % \"2.5.0\")\naddSbtPlugin(\"com.typesafe.play\" % \"sbt-plugin\" % \"2.7.0\")\n", "app/A.scala": "class A", "app/B.scala": "class B", "conf/application.conf": ""})
	if c.Framework.V != "play" || c.FrameworkVersion.V != "2.7.0" || c.Language.V != "scala" || c.LanguageVersion.V != "2.12.8" || c.Build.V != "sbt" || c.Port.V != 9000 || len(c.Services) != 1 || c.Facts["jdk"].V != "8" {
		t.Errorf("%+v", c)
	}
	if f := find(t, map[string]string{"build.sbt": "", "project/plugins.sbt": "addSbtPlugin(\"a\" % \"b\" % \"1\")"}); len(f.Components) != 0 {
		t.Errorf("%v", f.Components)
	}
}
