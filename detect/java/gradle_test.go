package java

import (
	"reflect"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

func TestScanGradle(t *testing.T) {
	src := `// comment { }
plugins {
    id 'war' /* { */ version "1.0" // x
}
def v = [ a: '1',
          b: '2' ]
ext { springVersion = "4.3"; other = '}' }
dependencies {
    compile('g:a:1') { exclude group: 'x' }
    compile group: 'g',
            name: 'b'
}
println """ not { a
 block """
task x << { }
version =
  '2'
`
	var got []string
	for _, s := range scanGradle(src) {
		got = append(got, strings.Join(s.block, "/")+"|"+s.text+"|"+itoa(s.line))
	}
	want := []string{
		"|plugins|2", "plugins|id 'war'  version \"1.0\"|3",
		"|def v = [ a: '1',           b: '2' ]|5",
		"|ext|7", "ext|springVersion = \"4.3\"|7", "ext|other = '}'|7",
		"|dependencies|8", "dependencies|compile('g:a:1')|9", "dependencies/compile('g:a:1')|exclude group: 'x'|9", "dependencies|compile group: 'g',             name: 'b'|10",
		"|println \"\"\" not { a\n block \"\"\"|13", "|task x <<|15", "|version =   '2'|16",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for _, odd := range []string{"}", "{{{{", strings.Repeat("a{", 500), strings.Repeat("(", 500) + "{\n", "'it's", `"""`, "/*", "it's fine\nversion '1'", strings.Repeat("x\n", 30000)} {
		if len(scanGradle(odd)) > maxStatements+1 {
			t.Errorf("%.10q: too many statements", odd)
		}
	}
}

func FuzzScanGradle(f *testing.F) {
	f.Add("plugins { id 'java' }\ndependencies { compile 'a:b:1' }\n")
	f.Add("x = \"${y {\"}\n'''\n")
	f.Fuzz(func(t *testing.T, src string) {
		last := strings.Count(src, "\n") + 1
		for _, s := range scanGradle(src) {
			if s.line < 1 || s.line > last || len(s.block) > maxBlocks {
				t.Fatalf("%q at line %d of %d", s.text, s.line, last)
			}
		}
	})
}

const wrapperProps = "distributionBase=GRADLE_USER_HOME\ndistributionUrl=https\\://services.gradle.org/distributions/gradle-6.8.3-bin.zip\n"

var wrapperFiles = map[string]string{"gradlew": "#!/bin/sh\n", "gradle/wrapper/gradle-wrapper.jar": "x", "gradle/wrapper/gradle-wrapper.properties": wrapperProps}

func TestGradleApps(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  string
		facts map[string]string
		check func(t *testing.T, c detect.Component)
	}{
		{name: "boot 2", files: merge(map[string]string{
			"build.gradle":    "plugins {\n id 'org.springframework.boot' version '2.4.5'\n id 'java'\n}\nversion = '0.1'\nsourceCompatibility = '11'\ndependencies {\n implementation 'org.springframework.boot:spring-boot-starter-web'\n runtimeOnly 'org.postgresql:postgresql'\n}\n",
			"settings.gradle": "rootProject.name = 'shop'\n"}, wrapperFiles),
			want:  ".:web:jar",
			facts: map[string]string{"artifact": "build/libs/shop-0.1.jar", "buildCommand": "sh ./gradlew --no-daemon -x test bootJar", "buildToolVersion": "6.8.3", "wrapper": "true"},
			check: func(t *testing.T, c detect.Component) {
				if c.LanguageVersion.V != "11" || c.FrameworkVersion.V != "2.4.5" || c.Framework.V != "spring-boot" || len(c.Services) != 1 || c.Services[0].Kind != "postgresql" || !c.Services[0].Required || c.Name != "shop" {
					t.Errorf("%+v", c)
				}
			}},
		{name: "boot 1 by build script", files: map[string]string{
			"build.gradle": "buildscript {\n ext { springBootVersion = '1.5.9.RELEASE' }\n dependencies { classpath(\"org.springframework.boot:spring-boot-gradle-plugin:${springBootVersion}\") }\n}\napply plugin: 'java'\napply plugin: 'org.springframework.boot'\njar {\n baseName = 'app'\n version = '2.0'\n}\nsourceCompatibility = 1.8\ndependencies { compile('org.springframework.boot:spring-boot-starter-web') }\n"},
			want:  ".:web:jar",
			facts: map[string]string{"artifact": "build/libs/app-2.0.jar", "buildCommand": "gradle --no-daemon -x test assemble", "buildToolVersion": "6.9.4"},
			check: func(t *testing.T, c detect.Component) {
				if c.FrameworkVersion.V != "1.5.9" || c.LanguageVersion.V != "8" {
					t.Errorf("%v %v", c.FrameworkVersion, c.LanguageVersion)
				}
			}},
		{name: "kotlin script", files: map[string]string{
			"build.gradle.kts":    "plugins {\n    id(\"org.springframework.boot\") version \"2.7.0\"\n    kotlin(\"jvm\") version \"1.6.21\"\n}\nval coroutines by extra(\"1.6.0\")\nversion = \"1.0\"\njava.sourceCompatibility = JavaVersion.VERSION_11\ndependencies {\n    implementation(\"org.springframework.boot:spring-boot-starter-webflux\")\n    testImplementation(\"com.h2database:h2\")\n}\ntasks.named<org.springframework.boot.gradle.tasks.bundling.BootJar>(\"bootJar\") {\n    archiveFileName.set(\"service.jar\")\n}\n",
			"settings.gradle.kts": "rootProject.name = \"svc\"\n", "src/main/kotlin/A.kt": "package a\nfun main() {}\n"},
			want:  ".:web:jar",
			facts: map[string]string{"artifact": "build/libs/service.jar", "jdk": "11", "mainClass": "a.AKt"},
			check: func(t *testing.T, c detect.Component) {
				if c.Language.V != "kotlin" || c.LanguageVersion.V != "1.6.21" || c.AppServer.V != "none" {
					t.Errorf("%v %v %v", c.Language, c.LanguageVersion, c.AppServer)
				}
			}},
		{name: "war", files: map[string]string{
			"build.gradle": "apply plugin: 'war'\ndef springVersion = '4.1.6.RELEASE'\ntargetCompatibility = sourceCompatibility = JavaVersion.VERSION_1_7\nwar { archiveName = 'store.war' }\ndependencies {\n compile \"org.springframework:spring-webmvc:$springVersion\"\n compile group: 'mysql', name: 'mysql-connector-java', version: '5.1.6'\n providedCompile 'javax.servlet:javax.servlet-api:3.0.1'\n}\n"},
			want:  ".:web:war",
			facts: map[string]string{"artifact": "build/libs/store.war", "buildCommand": "gradle --no-daemon -x test war", "servletApi": "javax"},
			check: func(t *testing.T, c detect.Component) {
				if c.Framework.V != "spring-mvc" || c.FrameworkVersion.V != "4.1.6" || c.LanguageVersion.V != "7" || c.AppServer.V != "tomcat" {
					t.Errorf("%v %v %v", c.Framework, c.FrameworkVersion, c.LanguageVersion)
				}
			}},
		{name: "boot war", files: map[string]string{"build.gradle": "plugins { id 'war'; id 'org.springframework.boot' version '2.1.0.RELEASE' }\ndependencies { providedRuntime 'org.springframework.boot:spring-boot-starter-tomcat'\n implementation 'org.springframework.boot:spring-boot-starter-web' }\n"},
			want: ".:web:war", facts: map[string]string{"buildCommand": "gradle --no-daemon -x test bootWar", "artifact": "build/libs/*.war"},
			check: func(t *testing.T, c detect.Component) {
				if c.AppServer.V != "none" || c.Processes[0].Command[2] != "/app/app.war" {
					t.Errorf("%v %v", c.AppServer, c.Processes)
				}
			}},
		{name: "multi-project", files: map[string]string{
			"settings.gradle":    "include 'core', ':web'\ninclude('tools:gen')\nproject(':tools:gen').projectDir = file('generators')\n",
			"build.gradle":       "ext.versions = [ spring: '5.0.1.RELEASE' ]\nsubprojects {\n apply plugin: 'java'\n sourceCompatibility = 1.8\n version = '3.1'\n}\nproject(':web') {\n apply plugin: 'war'\n}\n",
			"core/build.gradle":  "dependencies { compile 'org.postgresql:postgresql:42.0.0' }\n",
			"web/build.gradle":   "dependencies {\n compile project(':core')\n compile \"org.springframework:spring-webmvc:${versions.spring}\"\n}\n",
			"generators/x":       "",
			"core/src/main/java": ""},
			want:  "web:web:war",
			facts: map[string]string{"artifact": "web/build/libs/web-3.1.war", "buildCommand": "gradle --no-daemon -x test :web:war", "module": "web"},
			check: func(t *testing.T, c detect.Component) {
				if c.Root != "." || c.FrameworkVersion.V != "5.0.1" || len(c.Services) != 1 || c.LanguageVersion.V != "8" {
					t.Errorf("%s %v %v", c.Root, c.FrameworkVersion, c.Services)
				}
			}},
		{name: "boot for all, one switched off", files: map[string]string{
			"settings.gradle":                       "include 'api', 'lib'\n",
			"build.gradle":                          "plugins { id 'org.springframework.boot' version '2.3.0.RELEASE' apply false }\nsubprojects {\n apply plugin: 'org.springframework.boot'\n apply plugin: 'java'\n dependencies { implementation 'org.springframework.boot:spring-boot-starter-web' }\n}\n",
			"lib/build.gradle":                      "bootJar { enabled = false }\n",
			"api/build.gradle":                      "",
			"api/src/main/java/A.java":              "",
			"api/src/main/java/ApiApplication.java": "@SpringBootApplication class ApiApplication {}"},
			want: "api:web:jar", facts: map[string]string{"buildCommand": "gradle --no-daemon -x test :api:bootJar", "artifact": "api/build/libs/api.jar"}},
		{name: "ear", files: map[string]string{
			"settings.gradle": "include 'ear', 'web'\n", "ear/build.gradle": "apply plugin: 'ear'\ndependencies { deploy project(path: ':web', configuration: 'archives') }\n", "web/build.gradle": "apply plugin: 'war'\n"},
			want: "ear:web:ear", facts: map[string]string{"buildCommand": "gradle --no-daemon -x test :ear:ear"}},
		{name: "shadow", files: map[string]string{"settings.gradle": "rootProject.name='cli'", "build.gradle": "plugins { id 'java'; id 'com.github.johnrengelman.shadow' version '6.0.0' }\nversion '1.2'\njar { manifest { attributes 'Main-Class': 'a.Main' } }\n"},
			want: ".:cli:jar", facts: map[string]string{"artifact": "build/libs/cli-1.2-all.jar", "buildCommand": "gradle --no-daemon -x test shadowJar", "mainClass": "a.Main"}},
		{name: "application", files: map[string]string{"settings.gradle": "rootProject.name='svc'", "build.gradle": "apply plugin: 'application'\nmainClassName = 'a.Main'\ndependencies { implementation 'com.sparkjava:spark-core:2.9' }\n"},
			want: ".:web:jar", facts: map[string]string{"artifact": "build/install/svc", "buildCommand": "gradle --no-daemon -x test installDist", "startScript": "bin/svc"},
			check: func(t *testing.T, c detect.Component) {
				if c.Port.V != 4567 {
					t.Errorf("%v", c.Port)
				}
			}},
		{name: "fat jar by hand", files: map[string]string{"settings.gradle": "rootProject.name='t'", "build.gradle": "apply plugin: 'java'\njar {\n manifest { attributes('Main-Class': 'a.Main') }\n from { configurations.compile.collect { zipTree(it) } }\n}\n"},
			want: ".:cli:jar", facts: map[string]string{"artifact": "build/libs/t.jar", "buildCommand": "gradle --no-daemon -x test jar"}},
		{name: "library", files: map[string]string{"build.gradle": "apply plugin: 'java'\n"}, want: ".:library:jar"},
		{name: "android is not ours", files: map[string]string{"build.gradle": "", "settings.gradle": "include 'app'", "app/build.gradle": "apply plugin: 'com.android.application'\n"}, want: ""},
		{name: "version catalog", files: map[string]string{
			"gradle/libs.versions.toml": "[versions]\nboot = \"3.1.0\"\n[libraries]\nweb = { module = \"org.springframework.boot:spring-boot-starter-web\", version.ref = \"boot\" }\npg = \"org.postgresql:postgresql:42.6.0\"\nredis = { group = \"redis.clients\", name = \"jedis\", version = \"4.0\" }\n[plugins]\nspring-boot = { id = \"org.springframework.boot\", version.ref = \"boot\" }\n",
			"build.gradle.kts":          "plugins {\n java\n alias(libs.plugins.spring.boot)\n}\ndependencies {\n implementation(libs.web)\n runtimeOnly(libs.pg)\n implementation(libs.redis)\n}\njava { toolchain { languageVersion.set(JavaLanguageVersion.of(17)) } }\n"},
			want: ".:web:jar", check: func(t *testing.T, c detect.Component) {
				if c.FrameworkVersion.V != "3.1.0" || c.LanguageVersion.V != "17" || len(c.Services) != 2 || c.Services[1].Env["host"] != "SPRING_DATA_REDIS_HOST" {
					t.Errorf("%v %v %v", c.FrameworkVersion, c.LanguageVersion, c.Services)
				}
			}},
		{name: "applied script and sources elsewhere", files: map[string]string{
			"build.gradle":               "apply plugin: 'war'\napply from: 'gradle/deps.gradle'\nproject.webAppDirName = 'WebContent'\nsourceSets { main { java { srcDirs = ['source'] } } }\n",
			"gradle/deps.gradle":         "dependencies { compile 'org.apache.struts:struts2-core:2.3.15' }\napply from: 'build.gradle'\n",
			"WebContent/WEB-INF/web.xml": "<web-app><filter><filter-class>org.apache.struts2.dispatcher.ng.filter.StrutsPrepareAndExecuteFilter</filter-class></filter></web-app>", "source/A.java": "class A {}"},
			want: ".:web:war", check: func(t *testing.T, c detect.Component) {
				if c.Framework.V != "struts" || c.FrameworkVersion.V != "2.3.15" || c.Language.Evidence[0].File != "source/A.java" {
					t.Errorf("%v %v %v", c.Framework, c.FrameworkVersion, c.Language)
				}
			}},
		{name: "jars in a folder", files: map[string]string{"build.gradle": "apply plugin: 'war'\ndependencies { compile fileTree(dir: 'lib', include: '*.jar') }\n", "lib/spring-webmvc-3.2.1.jar": "x", "lib/postgresql-9.1.jdbc3.jar": "x"},
			want: ".:web:war", check: func(t *testing.T, c detect.Component) {
				if c.Framework.V != "spring-mvc" || c.FrameworkVersion.V != "3.2.1" || len(c.Services) != 1 {
					t.Errorf("%v %v %v", c.Framework, c.FrameworkVersion, c.Services)
				}
			}},
		{name: "old task operator", files: map[string]string{"build.gradle": "apply plugin: 'war'\ntask hello << { println 'x' }\n"}, want: ".:web:war", facts: map[string]string{"buildToolVersion": "4.10.3"}},
		{name: "old plugin", files: map[string]string{"build.gradle": "apply plugin: 'war'\napply plugin: 'maven'\n"}, want: ".:web:war", facts: map[string]string{"buildToolVersion": "6.9.4"}},
		{name: "Gradle that needs a newer Java", files: merge(map[string]string{"build.gradle": "apply plugin: 'war'\nsourceCompatibility = 8\n"}, wrapperFiles, map[string]string{"gradle/wrapper/gradle-wrapper.properties": strings.Replace(wrapperProps, "6.8.3", "9.0.0", 1)}), want: ".:web:war", facts: map[string]string{"jdk": "17"}},
		{name: "Gradle that knows no newer Java", files: merge(map[string]string{"build.gradle": "apply plugin: 'war'\nsourceCompatibility = 17\n"}, wrapperFiles), want: ".:web:war", facts: map[string]string{"jdk": "15"}},
		{name: "wrapper from inside a company", files: merge(map[string]string{"build.gradle": "apply plugin: 'war'\n"}, wrapperFiles, map[string]string{"gradle/wrapper/gradle-wrapper.properties": "distributionUrl=https\\://files.example.com/gradle-5.6.4-all.zip\n"}), want: ".:web:war",
			facts: map[string]string{"buildToolVersion": "5.6.4", "buildCommand": "gradle --no-daemon -x test war", "wrapper": ""}},
		{name: "wrapper with DOS line ends", files: merge(map[string]string{"build.gradle": "apply plugin: 'war'\n"}, wrapperFiles, map[string]string{"gradlew": "#!/bin/sh\r\n"}), want: ".:web:war", facts: map[string]string{"buildCommand": "gradle --no-daemon -x test war"}},
		{name: "properties", files: map[string]string{"gradle.properties": "v=7.7\nsv=1.8\nn=zed\n", "settings.gradle": "rootProject.name = n\n", "build.gradle": "apply plugin: 'war'\nversion = v\nsourceCompatibility = sv\narchivesBaseName = rootProject.name\n"}, want: ".:web:war", facts: map[string]string{"artifact": "build/libs/zed-7.7.war"}},
		{name: "version that only a build knows", files: map[string]string{"settings.gradle": "rootProject.name='x'", "build.gradle": "apply plugin: 'war'\nversion = \"1.0-${gitHash()}\"\n"}, want: ".:web:war", facts: map[string]string{"artifact": "build/libs/x-*.war"}},
		{name: "quarkus", files: map[string]string{"build.gradle": "plugins { id 'java'; id 'io.quarkus' version '1.2.0' }\ndependencies { implementation 'io.quarkus:quarkus-resteasy:1.2.0' }\n"}, want: ".:web:jar", facts: map[string]string{"artifact": "build/*-runner.jar"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := find(t, tt.files)
			if got := paths(f); got != tt.want {
				t.Fatalf("got %q, want %q", got, tt.want)
			}
			for k, v := range tt.facts {
				if got := f.Components[0].Facts[k].V; got != v {
					t.Errorf("%s: got %q, want %q", k, got, v)
				}
			}
			if tt.check != nil {
				tt.check(t, f.Components[0])
			}
		})
	}
}

func TestTwoTools(t *testing.T) {
	both := map[string]string{"pom.xml": pomOf("a", war), "build.gradle": "apply plugin: 'war'\n"}
	for name, tt := range map[string]struct {
		more        map[string]string
		want, other string
	}{
		"neither has a wrapper": {nil, "maven", "gradle"},
		"Gradle has":            {map[string]string{"gradlew": ""}, "gradle", "maven"},
		"both have":             {map[string]string{"gradlew": "", "mvnw": ""}, "maven", "gradle"},
		"and Ant":               {map[string]string{"build.xml": "<project/>"}, "maven", "gradle"},
	} {
		t.Run(name, func(t *testing.T) {
			c := one(t, merge(both, tt.more))
			if c.Build.V != tt.want || len(c.Build.Others) == 0 || c.Build.Others[0].V != tt.other {
				t.Errorf("%+v", c.Build)
			}
		})
	}
	t.Run("modules follow", func(t *testing.T) {
		files := map[string]string{"pom.xml": pomOf("p", "<packaging>pom</packaging><modules><module>web</module></modules>"), "web/pom.xml": child("p", "", "web", war),
			"build.gradle": "", "settings.gradle": "include 'web'", "web/build.gradle": "apply plugin: 'war'"}
		if c := one(t, files); c.Build.V != "maven" {
			t.Errorf("%v", c.Build)
		}
		if c := one(t, merge(files, map[string]string{"gradlew": ""})); c.Build.V != "gradle" {
			t.Errorf("%v", c.Build)
		}
	})
	t.Run("Ant inside a module is a helper", func(t *testing.T) {
		f := find(t, map[string]string{"pom.xml": pomOf("a", war), "etc/build.xml": `<project><target name="war"><war destfile="x.war"/></target></project>`})
		if paths(f) != ".:web:war" {
			t.Errorf("%s", paths(f))
		}
	})
}
