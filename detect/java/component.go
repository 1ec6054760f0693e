package java

import (
	"path"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// component turns what a build deploys into findings.
func (a *app) component() detect.Component {
	c := detect.Component{Name: a.name, Path: a.dir.Path, Facts: a.facts}
	if a.root.Path != a.dir.Path {
		c.Root = a.root.Path
	}
	a.desc = a.descriptors()
	a.scan()
	a.readSettings()
	a.xmlValues()
	c.Platform = detect.Guess("linux", "nothing in the application needs Windows")
	c.Build = a.build
	c.Packaging = a.packaging.value()
	c.Language, c.LanguageVersion = a.language()
	c.Framework, c.FrameworkVersion = a.framework()
	if len(c.Framework.Evidence) == 0 {
		c.Framework.Evidence = a.build.Evidence
	}
	c.Role = a.role(&c)
	a.javaVersions(&c)
	c.AppServer, c.AppServerVersion = a.appServer(&c)
	a.fillFacts(&c)
	c.Port = a.port(&c)
	c.HealthPath = a.healthPath(&c)
	c.Services = a.services()
	c.Env = a.variables(c.Port)
	if c.Framework.V == "play" && c.Role.V == detect.Web {
		a.playSecretEnv(&c)
	}
	c.Writes = a.writes()
	c.Readiness = a.readiness(&c)
	a.offerSource(&c)
	a.libertyFacts(&c)
	c.SystemPackages = a.systemPackages()
	c.Processes = a.processes(&c)
	c.EndOfLife = a.endOfLife(&c)
	if c.Role.V == detect.Library {
		c.Env, c.Services = nil, nil
	}
	return c
}

// javaVersions sets the language version. For another language of the JVM it is that language's own, and the Java
// version goes to the fact "jdk".
func (a *app) javaVersions(c *detect.Component) {
	java := a.languageVersion(c)
	if c.Language.V == "java" {
		c.LanguageVersion = java
	} else {
		c.Facts["jdk"] = java
	}
	if a.jdk.set() && (java.From == detect.Default || c.Build.V != "sbt") {
		if jdk := a.jdk.value(); c.Language.V != "java" || c.Build.V != "sbt" {
			c.Facts["jdk"] = jdk
		} else {
			c.LanguageVersion = detect.Guess(jdk.V, "nothing says which Java version; "+jdk.Why)
		}
	}
	if c.Language.V != "java" {
		c.Facts["jvm"] = java
		if java.From == detect.Default && a.jdk.set() {
			c.Facts["jvm"] = a.jdk.value()
		}
	}
}

// role tells what answers requests from what does not.
func (a *app) role(c *detect.Component) detect.Value[detect.Role] {
	ev := a.packaging.ev
	if len(ev) == 0 {
		ev = a.build.Evidence
	}
	switch {
	case a.packaging.s == "war":
		return detect.Infer(detect.Web, "a web archive", ev...)
	case a.packaging.s == "ear":
		return detect.Infer(detect.Web, "an enterprise archive", ev...)
	case !a.executable:
		return detect.Infer(detect.Library, "nothing makes it executable", ev...)
	}
	if _, d, ok := a.server(); ok {
		return detect.Infer(detect.Web, d.artifact+" answers HTTP requests", d.ev...)
	}
	for _, p := range []string{"wildfly-swarm-plugin", "thorntail-maven-plugin", "payara-micro-maven-plugin", "wildfly-jar-maven-plugin"} {
		if at := a.plugins[p]; at != nil {
			return detect.Infer(detect.Web, "the build puts an application server into the jar", at...)
		}
	}
	if c.Framework.V == "micronaut" || c.Framework.V == "quarkus" {
		if d, ok := a.dep("io.micronaut.picocli:*", "quarkus-picocli"); ok {
			return detect.Infer(detect.CLI, d.artifact+" and no web server", d.ev...)
		}
	}
	switch c.Framework.V {
	case "ring":
		return detect.Infer(detect.Web, "a framework that answers HTTP requests", c.Framework.Evidence...)
	case "dropwizard", "grails", "quarkus", "micronaut", "play", "vaadin":
		return detect.Infer(detect.Web, "a framework that answers HTTP requests", c.Framework.Evidence...)
	}
	if v := a.answers(); v.Set() {
		return v
	}
	if d, ok := a.dep("spring-boot-starter-batch", "spring-batch-core"); ok {
		return detect.Infer(detect.Batch, "Spring Batch and no web server", d.ev...)
	}
	if d, ok := a.dep("spring-kafka", "spring-rabbit", "spring-boot-starter-amqp", "spring-boot-starter-activemq", "spring-cloud-starter-stream-*", "quartz", "spring-boot-starter-quartz", "spring-boot-starter-integration"); ok {
		return detect.Infer(detect.Worker, d.artifact+" and no web server", d.ev...)
	}
	return detect.Infer(detect.CLI, "an executable jar without a web server", ev...)
}

// answers looks for signs that an application answers HTTP although none of its own libraries is a server: the server
// then comes with another library.
func (a *app) answers() detect.Value[detect.Role] {
	if len(a.bootEv) > 0 {
		if _, ev, ok := a.readSettings().port(a, "server.port"); ok {
			return detect.Infer(detect.Web, "its configuration sets the port of a server", ev...)
		}
		for _, p := range []string{"org.springframework.web.bind", "javax.servlet", "jakarta.servlet", "org.springframework.cloud.netflix.eureka.server"} {
			if ev := a.scan().imports[p]; ev != nil {
				return detect.Infer(detect.Web, "its sources answer HTTP requests", ev...)
			}
		}
	}
	if p := a.statedPorts(); len(p) > 0 {
		return detect.Infer(detect.Web, p[0].Why, p[0].Evidence...)
	}
	return detect.Value[detect.Role]{}
}

// fillFacts sets what only the templates of this stack need. The keys:
//
//	artifact            path or pattern of what the build makes, relative to the root of the build; "." when the tree
//	                    itself is the unpacked archive
//	buildCommand        shell words that make it, run in the root of the build
//	module              directory of the module in the build, when it is not the root
//	manifests           files that resolving the libraries needs, relative to the root, separated by blanks
//	contextPath         path below which a server answers for it
//	servletApi          javax or jakarta
//	buildToolVersion    of Maven, Gradle or Ant, as the wrapper pins it
//	wrapper             "true": the build tool's wrapper is there (a Gradle command runs it)
//	serverHomeProperty  Ant property that must name a server's directory
//	mainClass           class that is started
//	gitMetadata         "true": the build asks for .git
//	jdk                 Java version that the build needs, when it is not the language version
//	jvm                 Java version that it runs on, when the language is not Java
//	buildTool           grails, play or clojure, when that command builds it (build is then "none")
//	ringPort            port that lein-ring is told
//	directory           "true": the artifact is a directory
//	startScript         start script below the artifact, when that is a directory (Gradle's installDist)
//	configFile          configuration that the command names and the image must hold (Dropwizard)
//	datasourceName      JNDI name of the data source that the server must offer, made from environment variables:
//	datasourceDriver    its driver as Maven names it, datasourceClass the driver's class, and datasourceURL,
//	                    datasourceUser, datasourcePassword the names of the variables
//	libertyConfig       directory of Liberty's server.xml, relative to the root of the build
//	libertyApp          file that server.xml says the application lies in, below apps/
//	ivy                 "true": Ivy fetches the libraries of an Ant build
//	webRoot, sources    of an IDE's project without a build file
//	mavenSettings       "true": libraries come from a repository that wants a login, which is in the settings.xml of whoever builds
//	buildToolMinimum    oldest Maven that the pom accepts
func (a *app) fillFacts(c *detect.Component) {
	set := func(key string, v detect.Value[string]) {
		if v.Set() && v.V != "" {
			c.Facts[key] = v
		}
	}
	set("artifact", a.artifact.value())
	if a.command != "" {
		ev := proof(a.commandEv, a.artifact.ev, a.packaging.ev)
		if len(ev) == 0 {
			ev = a.build.Evidence
		}
		set("buildCommand", detect.Infer(a.command, a.commandWhy, ev...))
	}
	if c.Root != "" {
		set("module", detect.Infer(a.rel(a.dir.Path), "its directory in the build", a.build.Evidence...))
	}
	if len(a.manifests) > 0 && len(a.manifests) <= 400 {
		set("manifests", detect.Infer(strings.Join(a.manifests, " "), "what the build tool reads to resolve libraries", detect.Evidence{File: path.Join(a.root.Path, a.manifests[0])}))
	}
	if c.Build.V == "maven" {
		set("mavenSettings", a.privateRepository())
	}
	if c.Role.V == detect.Web {
		set("contextPath", a.contextPath(c))
	}
	if a.packaging.s == "war" || a.packaging.s == "ear" {
		api, ev := a.servletAPI()
		switch {
		case api != "":
			set("servletApi", detect.Infer(api, "the packages that its descriptors, libraries or sources name", ev...))
		default:
			set("servletApi", detect.Guess("javax", "nothing names the packages of the servlet API; until 2020 they were javax"))
		}
	}
	set("buildToolVersion", a.buildVersion.value())
	if len(a.wrapper) > 0 {
		set("wrapper", detect.Is("true", a.wrapper...))
	}
	set("serverHomeProperty", a.homeProperty.value())
	if !a.mainClass.set() && a.packaging.s == "jar" && len(a.code.main) > 0 && a.executable && validClass.MatchString(a.code.class) {
		a.mainClass = text{s: a.code.class, ev: a.code.main[:1], why: "the first class with a main method"}
	}
	if a.mainClass.known() && validClass.MatchString(a.mainClass.s) {
		set("mainClass", a.mainClass.value())
	}
	if len(a.gitMetadata) > 0 {
		set("gitMetadata", detect.Is("true", a.gitMetadata...))
	}
}

// validClass is a Java class name with its package.
var validClass = manifest.Lazy(`^[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*$`)
