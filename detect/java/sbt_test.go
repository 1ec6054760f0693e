package java

import (
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

const playPlugin = `addSbtPlugin("com.typesafe.play" % "sbt-plugin" % "2.8.7")` + "\n"

func TestSbt(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  string // path:packaging:role:language version:framework version:command
		facts map[string]string
		deps  string
	}{
		{name: "play", files: map[string]string{"build.sbt": "name := \"My Shop\"\nscalaVersion := \"2.13.4\"\nlibraryDependencies ++= Seq(\n  \"org.postgresql\" % \"postgresql\" % \"42.2\", // the database\n  \"org.scalatest\" %% \"scalatest\" % \"3\" % Test\n)\n",
			"project/plugins.sbt": playPlugin, "project/build.properties": "sbt.version=1.4.5\n", "app/A.scala": "class A", "conf/routes": "", "conf/application.conf": "play.http.secret.key = ${?SECRET}\nplay.server.http.port = 9001\n"},
			want:  ".::web:2.13.4:play 2.8.7:/app/bin/my-shop -Dhttp.port=9001 -Dpidfile.path=/dev/null",
			facts: map[string]string{"artifact": "target/universal/stage", "buildCommand": "sbt -Dsbt.ci=true stage", "jdk": "11", "directory": "true"}},
		{name: "play of 2.1 with Build.scala", files: map[string]string{"project/Build.scala": "import sbt._\nimport play.Project._\nobject ApplicationBuild extends Build {\n  val appName = \"old\"\n  val appDependencies = Seq(\n    \"mysql\" % \"mysql-connector-java\" % \"5.1.21\"\n  )\n  val main = play.Project(appName, \"1.0\", appDependencies).settings(\n  )\n}\n",
			"project/plugins.sbt": `addSbtPlugin("play" % "sbt-plugin" % Option(System.getProperty("play.version")).getOrElse("2.1.1"))`, "app/A.java": "class A {}", "conf/application.conf": "db.default.url=\"jdbc:mysql://localhost/shop\"\n"},
			want: ".::web:8:play 2.1.1:sh -c exec java -Dhttp.port=9000 -Dpidfile.path=/dev/null -Dapplication.secret=\"$APPLICATION_SECRET\" -cp '/app/*' play.core.server.NettyServer /app", facts: map[string]string{"artifact": "target/staged"}},
		{name: "a definition in small letters beside Ant that calls sbt", files: map[string]string{"build.xml": "<project name=\"shop\" default=\"war\"><target name=\"war\"><exec executable=\"sbt.sh\"><arg line=\"package\"/></exec></target></project>\n",
			"project/build.scala":      "import sbt._\nimport Keys._\nimport org.scalatra.sbt._\nobject ShopBuild extends Build {\n  lazy val project = Project(\"shop\", file(\".\")).settings(ScalatraPlugin.scalatraSettings: _*).settings(\n    scalaVersion := \"2.11.2\",\n    libraryDependencies ++= Seq(\"org.scalatra\" %% \"scalatra\" % \"2.3.0\")\n  )\n}\n",
			"project/build.properties": "sbt.version=0.13.5\n", "project/plugins.sbt": `addSbtPlugin("org.scalatra.sbt" % "scalatra-sbt" % "0.3.5")`, "src/main/scala/S.scala": "class S", "src/main/webapp/WEB-INF/web.xml": "<web-app version=\"3.0\"/>"},
			want: ".:war:web:2.11.2:none :catalina.sh run", facts: map[string]string{"artifact": "target/scala-*/*.war"}},
		{name: "one of several projects", files: map[string]string{"build.sbt": "lazy val common = Seq(scalaVersion := \"2.12.15\")\nlazy val root = (project in file(\".\")).aggregate(core, api)\nlazy val core = (project in file(\"core\")).settings(common).settings(libraryDependencies += \"redis.clients\" % \"jedis\" % Versions.jedis)\nlazy val api = project\n  .in(file(\"api\"))\n  .settings(common, name := \"api-server\", Compile / mainClass := Some(\"a.Main\"))\n  .dependsOn(core % \"compile->compile\", tools % \"test->test\")\n  .enablePlugins(JavaAppPackaging)\nlazy val tools = project\n",
			"project/Versions.scala": "object Versions {\n  val jedis = \"3.1.0\"\n}\n", "project/plugins.sbt": `addSbtPlugin("com.typesafe.sbt" % "sbt-native-packager" % "1.8.0")`, "core/src/main/scala/C.scala": "class C", "api/src/main/scala/M.scala": "package a\nobject Main extends App {}", "tools/src/main/scala/T.scala": "class T"},
			want: "api:jar:cli:2.12.15:none :/app/bin/api-server", facts: map[string]string{"artifact": "api/target/universal/stage", "buildCommand": "sbt -Dsbt.ci=true api/stage", "mainClass": "a.Main"}, deps: "redis!"},
		{name: "a war", files: map[string]string{"build.sbt": "scalaVersion := \"2.11.8\"\nenablePlugins(JettyPlugin)\njavacOptions ++= Seq(\"-source\", \"1.7\", \"-target\", \"1.7\")\n", "project/plugins.sbt": `addSbtPlugin("com.earldouglas" % "xsbt-web-plugin" % "4.0.2")`, "src/main/scala/S.scala": "class S", "src/main/webapp/WEB-INF/web.xml": "<web-app version=\"3.0\"/>"},
			want: ".:war:web:2.11.8:none :catalina.sh run", facts: map[string]string{"artifact": "target/scala-*/*.war", "jvm": "7"}},
		{name: "one jar", files: map[string]string{"build.sbt": "name := \"tool\"\nassembly / assemblyJarName := \"tool.jar\"\nlibraryDependencies += \"com.typesafe.akka\" %% \"akka-http\" % \"10.1.0\"\n", "project/assembly.sbt": `addSbtPlugin("com.eed3si9n" % "sbt-assembly" % "0.14.5")`, "src/main/scala/T.scala": "object T extends App {}"},
			want: ".:jar:web::none :java -jar /app/app.jar", facts: map[string]string{"artifact": "target/scala-*/tool.jar", "buildCommand": "sbt -Dsbt.ci=true assembly"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := one(t, tt.files)
			command := ""
			if len(c.Processes) > 0 {
				command = strings.Join(c.Processes[0].Command, " ")
			}
			got := strings.Join([]string{c.Path, c.Packaging.V, string(c.Role.V), c.LanguageVersion.V, c.Framework.V + " " + c.FrameworkVersion.V, command}, ":")
			if got != tt.want || c.Build.V != "sbt" {
				t.Errorf("got  %s (%s)\nwant %s", got, c.Build.V, tt.want)
			}
			for k, v := range tt.facts {
				if c.Facts[k].V != v {
					t.Errorf("%s: got %q, want %q", k, c.Facts[k].V, v)
				}
			}
			if tt.deps != "" && said(c.Services) != tt.deps {
				t.Errorf("services %s", said(c.Services))
			}
		})
	}
}

func TestPlaySecret(t *testing.T) {
	c := one(t, map[string]string{"build.sbt": "", "project/plugins.sbt": playPlugin, "app/A.scala": "class A", "conf/application.conf": "play.http.secret.key = \"changeme\"\nplay.http.secret.key = ${?KEY}\n"})
	if len(c.Env) != 1 || c.Env[0].Name != "KEY" || !c.Env[0].Required || !c.Env[0].Secret || c.Env[0].Default != "" || c.Env[0].Evidence[0].Line != 2 {
		t.Errorf("%+v", c.Env)
	}
	c = one(t, map[string]string{"build.sbt": "", "project/plugins.sbt": playPlugin, "app/A.scala": "class A", "conf/application.conf": ""})
	if len(c.Env) != 1 || c.Env[0].Name != "APPLICATION_SECRET" || !c.Env[0].Required || c.Processes[0].Command[0] != "sh" {
		t.Errorf("%+v %v", c.Env, c.Processes)
	}
}

func TestScanScala(t *testing.T) {
	src := "// a := 1\nname := \"x // no comment\"\n\n/* b /* nested */ */ val v =\n  \"1\"\nlazy val p = (project in file(\".\"))\n  .settings(\n    a := \"}\",\n  )\nobject D {\n  val w = \"2\"\n  object E { val z = \"3\" }\n}\n"
	var got []string
	for _, s := range scanScala(src) {
		got = append(got, strings.Join(strings.Fields(s.text), " ")+"@"+itoa(s.line))
	}
	want := `name := "x // no comment"@2|val v = "1"@4|lazy val p = (project in file(".")) .settings( a := "}", )@6|object D@10|val w = "2"@11|object E@12|val z = "3"@12`
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
}

func FuzzScanScala(f *testing.F) {
	for _, s := range []string{"name := \"x\"\n", "object A { val b = \"\"\"\n\"\"\" }", "lazy val a = (project in file(\"..\"))", "/* /*", "addSbtPlugin(\"a\" % \"b\" % c)", "val a = b\nval b = a\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		lines := strings.Count(src, "\n") + 1
		for _, s := range scanScala(src) {
			if s.line < 1 || s.at(len(s.text)) > lines {
				t.Errorf("%q: line %d of %d", s.text, s.line, lines)
			}
		}
		find(t, map[string]string{"build.sbt": src, "project/plugins.sbt": src, "project/A.scala": src, "app/A.scala": src, "conf/routes": "", "src/main/scala/B.scala": src})
	})
}

func TestClojure(t *testing.T) {
	ring := `(defproject org.example/notes "0.3.1" ; comment
  :dependencies [[org.clojure/clojure "1.6.0"] [compojure "1.1.8"]
                 [korma "0.3.2"] [org.postgresql/postgresql "9.3-1102-jdbc41"]
                 #_[ignored "1"]]
  :plugins [[lein-ring "0.8.11"]]
  :ring {:handler notes.core/app :port 4000}
  :profiles {:dev {:dependencies [[ring-mock "0.1.5"]]}})`
	c := one(t, map[string]string{"project.clj": ring, "src/notes/core.clj": "(ns notes.core)\n(def db (System/getenv \"DATABASE_URL\"))\n(def key (env :api-key))\n"})
	if c.Language.V != "clojure" || c.LanguageVersion.V != "1.6.0" || c.Framework.V != "ring" || c.Build.V != "leiningen" || c.Port.V != 4000 || c.AppServer.V != "jetty" || c.Role.V != detect.Web {
		t.Errorf("%v %v %v %v %v %v", c.Language, c.LanguageVersion, c.Framework, c.Build, c.Port, c.AppServer)
	}
	if c.Facts["artifact"].V != "target/notes-0.3.1-standalone.jar" || c.Facts["buildCommand"].V != "lein ring uberjar" || said(c.Services) != "postgresql!(url=DATABASE_URL)" {
		t.Errorf("%v %v", c.Facts["artifact"], said(c.Services))
	}
	var names []string
	for _, e := range c.Env {
		names = append(names, e.Name)
	}
	if strings.Join(names, " ") != "API_KEY DATABASE_URL" {
		t.Error(names)
	}
	c = one(t, map[string]string{"project.clj": "(def v \"2.0\")\n(defproject worker ~v :main ^:skip-aot worker.core :target-path \"target/%s\" :dependencies [[org.clojure/clojure \"1.10.0\"] [com.taoensso/carmine \"2.19\"]] :profiles {:uberjar {:aot :all :uberjar-name \"worker.jar\"}})", "src/worker/core.clj": "(ns worker.core)"})
	if c.Role.V != detect.CLI || c.Facts["artifact"].V != "target/uberjar/worker.jar" || c.Facts["mainClass"].V != "worker.core" || said(c.Services) != "redis!" {
		t.Errorf("%v %v %v %s", c.Role, c.Facts["artifact"], c.Facts["mainClass"], said(c.Services))
	}
	c = one(t, map[string]string{"deps.edn": "{:paths [\"src\"] :deps {org.clojure/clojure {:mvn/version \"1.11.1\"} ring/ring-jetty-adapter {:mvn/version \"1.9.5\"}}}", "build.clj": "(ns build (:require [clojure.tools.build.api :as b]))\n(def uber-file \"target/app.jar\")\n(defn uber [_]\n  (b/uber {:uber-file uber-file}))\n", "src/a/core.clj": "(run-jetty app {:port 3210})"})
	if c.Build.V != "none" || c.Facts["buildTool"].V != "clojure" || c.Facts["buildCommand"].V != "clojure -T:build uber" || c.Facts["artifact"].V != "target/app.jar" || c.Port.V != 3210 {
		t.Errorf("%v %v", c.Facts, c.Port)
	}
}

func FuzzEDN(f *testing.F) {
	for _, s := range []string{"(defproject a \"1\" :main b)", "{:a [1 #_2 \\c #\"x\" #{3}]}", "^:x 'a", "#env FOO", "(((((", "\"", "#", "\\", "[)]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		lines := strings.Count(src, "\n") + 1
		var walk func(n *ednNode)
		walk = func(n *ednNode) {
			if n.line < 1 || n.line > lines {
				t.Errorf("line %d of %d", n.line, lines)
			}
			for _, i := range n.items {
				walk(i)
			}
		}
		for _, n := range parseEDN(src) {
			walk(n)
		}
		find(t, map[string]string{"project.clj": src, "deps.edn": src, "build.clj": src, "resources/config.edn": src})
	})
}

func TestHocon(t *testing.T) {
	src := "# comment\na.b = 1\nc {\n  d : \"two\" # end\n  d = ${?D}\n  e = \"jdbc:x://\"${HOST}\"/n\"\n  f { g = [1,\n 2] , h = 3 }\n}\nlist = [\n  { x = 1 }\n]\ntext = \"\"\"a\n b = 2\n\"\"\"\nhttp.port=9000\ndb=postgres://u:p@h/d\n"
	var got []string
	for _, v := range parseHocon(src) {
		got = append(got, v.key+"="+v.value+"@"+itoa(v.line))
	}
	want := "a.b=1@2|c.d=${D:two}@5|c.d=two@4|c.e=jdbc:x://${HOST}/n@6|c.f.h=3@8|http.port=9000@16|db=postgres://u:p@h/d@17"
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

func FuzzHocon(f *testing.F) {
	for _, s := range []string{"a = 1", "a { b { c = ${?X} } }", "a = \"\"\"", "}}}", "[{]}", "a: ${", "a += 1", "\"a.b\"=\"c\\\"\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		lines := strings.Count(src, "\n") + 1
		for _, v := range parseHocon(src) {
			if v.line < 1 || v.line > lines || v.key == "" {
				t.Errorf("%+v", v)
			}
		}
	})
}

func TestGrails(t *testing.T) {
	c := one(t, map[string]string{"application.properties": "app.grails.version=2.4.4\napp.name=shop\napp.servlet.version=3.0\n",
		"grails-app/conf/BuildConfig.groovy": "grails.project.target.level = 1.7\ngrails.project.dependency.resolution = {\n  dependencies {\n    runtime 'mysql:mysql-connector-java:5.1.29'\n  }\n  plugins {\n    build \":tomcat:7.0.55\"\n    runtime \":hibernate4:4.3.6.1\"\n  }\n}\n",
		"grails-app/conf/DataSource.groovy":  "dataSource { driverClassName = \"org.h2.Driver\" }\nenvironments {\n  development { dataSource { url = \"jdbc:h2:mem:dev\" } }\n  production {\n    dataSource {\n      url = \"jdbc:mysql://db/shop\"\n    }\n  }\n}\n",
		"grails-app/controllers/A.groovy":    "class A {}", "web-app/WEB-INF/applicationContext.xml": "<beans/>"})
	if c.Name != "shop" || c.Framework.V != "grails" || c.FrameworkVersion.V != "2.4.4" || c.Language.V != "groovy" || c.Packaging.V != "war" || c.AppServer.V != "tomcat" || c.Facts["buildTool"].V != "grails" || c.Facts["jvm"].V != "7" || said(c.Services) != "mysql!/shop" {
		t.Errorf("%v %v %v %v %v %s", c.Name, c.Framework, c.FrameworkVersion, c.Language, c.Facts, said(c.Services))
	}
}

func TestPlay1(t *testing.T) {
	c := one(t, map[string]string{"conf/routes": "GET / Application.index", "conf/application.conf": "application.name=old\nhttp.port=9100\ndb.url=jdbc:postgresql://localhost/old\n", "conf/dependencies.yml": "require:\n    - play 1.2.7\n    - org.postgresql -> postgresql 9.4\n", "app/controllers/Application.java": "class Application {}"})
	if c.Name != "old" || c.Framework.V != "play" || c.FrameworkVersion.V != "1.2.7" || c.Build.V != "none" || c.Port.V != 9100 || said(c.Services) != "postgresql!/old" || c.Facts["buildTool"].V != "play" {
		t.Errorf("%v %v %v %v %s", c.Name, c.Framework, c.FrameworkVersion, c.Port, said(c.Services))
	}
}

// What a server must offer is made from variables, when it is one data source of a database that is known.
func TestDataSource(t *testing.T) {
	unit := func(name string) string {
		return `<persistence><persistence-unit name="u"><jta-data-source>` + name + `</jta-data-source><properties><property name="hibernate.dialect" value="org.hibernate.dialect.MySQL5Dialect"/></properties></persistence-unit></persistence>`
	}
	files := map[string]string{"pom.xml": pomOf("a", war+depXML("javax:javaee-api:7.0:provided")), "src/main/java/A.java": "import javax.ejb.Stateless;\nclass A {}"}
	c := one(t, merge(files, map[string]string{"src/main/resources/META-INF/persistence.xml": unit("java:jboss/datasources/ShopDS"), "src/main/webapp/WEB-INF/jboss-web.xml": "<jboss-web/>"}))
	if c.Facts["datasourceName"].V != "java:jboss/datasources/ShopDS" || c.Facts["datasourceClass"].V != "com.mysql.cj.jdbc.Driver" || said(c.Services) != "mysql!(password=DATASOURCE_PASSWORD url=DATASOURCE_URL user=DATASOURCE_USER)" {
		t.Errorf("%v %s", c.Facts, said(c.Services))
	}
	for _, r := range c.Readiness {
		if r.ID == "jndi-datasource" {
			t.Error(r)
		}
	}
	c = one(t, merge(files, map[string]string{"src/main/resources/META-INF/persistence.xml": unit("java:jboss/datasources/ExampleDS")}))
	if c.Facts["datasourceName"].Set() || len(c.Services) != 0 {
		t.Errorf("the server's own: %v %v", c.Facts, c.Services)
	}
	c = one(t, merge(files, map[string]string{"src/main/resources/META-INF/persistence.xml": strings.ReplaceAll(unit("jdbc/x"), "org.hibernate.dialect.MySQL5Dialect", "?")}))
	if c.Facts["datasourceName"].Set() || len(c.Readiness) == 0 {
		t.Errorf("no database known: %v %v", c.Facts, c.Readiness)
	}
}

func TestHelper(t *testing.T) {
	c := one(t, map[string]string{"pom.xml": pomOf("a", depXML("com.sparkjava:spark-core:2.7", "redis.clients:jedis:2.9")+build(plug("maven-shade-plugin", "<mainClass>a.A</mainClass>", "shade"))),
		"src/main/java/a/A.java": "package a;\nclass A {\n public static void main(String[] args) { port(get(\"PORT\", \"8085\")); host = get(\"REDIS_HOST\", null); }\n static String get(String name, String other) {\n  String v = System.getenv(name);\n return v; }\n}\n"})
	if c.Port.V != 8085 || said(c.Services) != "redis!(host=REDIS_HOST)" {
		t.Errorf("%v %s", c.Port, said(c.Services))
	}
}

// Files that are made to be slow to read cost no more than others: each of these takes hours where the work grows with
// the square of the size.
func TestHostileSizes(t *testing.T) {
	n := 1 << 20
	for name, text := range map[string]string{
		"blank lines": strings.Repeat("\n", n), "statements": strings.Repeat("a\n", n/2), "brackets": strings.Repeat("(", n), "comments": strings.Repeat("/*", n/2), "quotes": strings.Repeat("\"", n),
		"objects": strings.Repeat("object A {\n", n/11), "discards": strings.Repeat("#_", n/2), "metadata": strings.Repeat("^", n), "braces": strings.Repeat("a{", n/2), "assignments": strings.Repeat("a=${?b}\n", n/8),
	} {
		t.Run(name, func(t *testing.T) {
			find(t, map[string]string{"build.sbt": text, "project/plugins.sbt": text, "project.clj": text, "deps.edn": text, "build.clj": text, "conf/application.conf": text, "conf/routes": "", "app/A.scala": "class A"})
		})
	}
}
