package all_test

import "github.com/drydock-cli/drydock/detect"

func ev(file string, line int) detect.Evidence { return detect.Evidence{File: file, Line: line} }

func facts(pairs ...string) map[string]detect.Value[string] {
	m := map[string]detect.Value[string]{}
	for i := 0; i < len(pairs); i += 2 {
		m[pairs[i]] = detect.Is(pairs[i+1])
	}
	return m
}

// applications are findings about the applications of testdata/apps, as a person would state them.
func applications() map[string]*detect.Findings {
	shop := detect.Component{
		Name: "web", Path: ".", Stack: "ruby", Role: detect.Is(detect.Web), Platform: detect.Guess("linux", "Ruby"),
		Language: detect.Is("ruby", ev("Gemfile", 1)), LanguageVersion: detect.Is("3.1.7", ev("Gemfile", 3)),
		Framework: detect.Lock("rails", ev("Gemfile.lock", 136)), FrameworkVersion: detect.Lock("6.1.7.10", ev("Gemfile.lock", 136)),
		Build: detect.Is("bundler", ev("Gemfile", 1)), AppServer: detect.Lock("puma", ev("Gemfile.lock", 130)),
		Port: detect.Is(3000, ev("config/puma.rb", 12)), HealthPath: detect.Guess("/", "nothing better is known"),
		Services: []detect.Service{
			{Kind: "postgresql", Required: true, From: detect.Declared, Evidence: []detect.Evidence{ev("config/database.yml", 2)}, Env: map[string]string{"url": "DATABASE_URL"}, Database: "shop_production"},
			{Kind: "redis", Required: true, From: detect.Locked, Evidence: []detect.Evidence{ev("Gemfile.lock", 150)}, Env: map[string]string{"url": "REDIS_URL"}},
		},
		SystemPackages: []detect.SystemPackage{{Name: "libpq", Build: []string{"libpq-dev"}, Run: []string{"libpq5"}, Why: "the gem pg compiles against PostgreSQL's client library", Evidence: []detect.Evidence{ev("Gemfile.lock", 128)}}},
		Env: []detect.EnvVar{
			{Name: "SECRET_KEY_BASE", Required: true, Secret: true, Evidence: []detect.Evidence{ev("config/secrets.yml", 10)}},
			{Name: "RAILS_ENV", Value: "production"}, {Name: "RACK_ENV", Value: "production"},
			{Name: "RAILS_LOG_TO_STDOUT", Value: "1"}, {Name: "RAILS_SERVE_STATIC_FILES", Value: "1"},
		},
		Processes: []detect.Process{
			{Name: "web", Command: []string{"bundle", "exec", "puma", "-C", "config/puma.rb"}, From: detect.Declared, Evidence: []detect.Evidence{ev("Procfile", 1)}},
			{Name: "release", Command: []string{"bundle", "exec", "rails", "db:migrate"}, From: detect.Inferred, Evidence: []detect.Evidence{ev("db/schema.rb", 1)}},
		},
		Writes: []detect.Value[string]{detect.Infer("log", "Rails writes logs"), detect.Infer("tmp", "Rails writes caches"), detect.Is("public/uploads", ev("app/uploaders/picture_uploader.rb", 6))},
		Facts:  facts("lockfile", "Gemfile.lock", "bundlerVersion", "2.3.27", "assets", "sprockets", "node", "18", "databaseAdapter", "postgresql", "railsEnv", "production", "manifests", ".ruby-version"),
	}
	worker := shop
	worker.Name, worker.Role, worker.Port, worker.HealthPath = "worker", detect.Is(detect.Worker, ev("Procfile", 2)), detect.Value[int]{}, detect.Value[string]{}
	worker.Processes = []detect.Process{{Name: "worker", Command: []string{"bundle", "exec", "sidekiq", "-C", "config/sidekiq.yml"}, From: detect.Declared, Evidence: []detect.Evidence{ev("Procfile", 2)}}}

	java := func(version, framework, build, packaging, server string, port int) detect.Component {
		return detect.Component{
			Name: "web", Path: ".", Stack: "java", Role: detect.Is(detect.Web), Language: detect.Is("java", ev("pom.xml", 1)),
			LanguageVersion: detect.Is(version, ev("pom.xml", 20)), Framework: detect.Is(framework, ev("pom.xml", 30)), Build: detect.Is(build, ev("pom.xml", 1)),
			Packaging: detect.Is(packaging, ev("pom.xml", 10)), AppServer: detect.Infer(server, "javax.servlet", ev("pom.xml", 50)), Port: detect.Infer(port, "the server's usual port"),
			HealthPath: detect.Guess("/", "nothing better is known"),
		}
	}
	ledger := java("11", "spring-boot", "maven", "jar", "tomcat", 8080)
	ledger.HealthPath = detect.Infer("/actuator/health", "Actuator is a dependency", ev("pom.xml", 40))
	ledger.Services = []detect.Service{{Kind: "mysql", Required: true, Evidence: []detect.Evidence{ev("src/main/resources/application.properties", 4)}, Database: "ledger",
		Env: map[string]string{"host": "DB_HOST", "port": "DB_PORT", "name": "DB_NAME", "user": "DB_USER", "password": "DB_PASSWORD"}}}
	ledger.Facts = facts("artifact", "target/*.jar", "buildCommand", "mvn -B -ntp -DskipTests package", "manifests", "pom.xml")

	petstore := java("8", "spring-mvc", "maven", "war", "tomcat", 8080)
	petstore.Services = []detect.Service{{Kind: "postgresql", Required: true, Evidence: []detect.Evidence{ev("src/main/resources/jdbc.properties", 2)}, Scheme: "jdbc:postgresql", Database: "petstore",
		Env: map[string]string{"url": "DB_URL", "user": "DB_USER", "password": "DB_PASSWORD"}}}
	petstore.Facts = facts("artifact", "target/petstore.war", "buildCommand", "mvn -B -ntp -DskipTests package", "manifests", "pom.xml", "contextPath", "/", "servletApi", "javax")

	guestbook := java("6", "none", "ant", "war", "tomcat", 8080)
	guestbook.Facts = facts("artifact", "dist/guestbook.war", "buildCommand", "ant war", "serverHomeProperty", "catalina.home", "contextPath", "/", "servletApi", "javax")
	guestbook.Writes = []detect.Value[string]{detect.Is("/usr/local/tomcat/webapps/ROOT/WEB-INF/data", ev("web/WEB-INF/web.xml", 12))}

	return map[string]*detect.Findings{
		"rails-shop":          {Location: "testdata/apps/rails-shop", Components: []detect.Component{shop, worker}},
		"springboot-ledger":   {Location: "testdata/apps/springboot-ledger", Components: []detect.Component{ledger}},
		"spring-petstore-war": {Location: "testdata/apps/spring-petstore-war", Components: []detect.Component{petstore}},
		"ant-guestbook":       {Location: "testdata/apps/ant-guestbook", Components: []detect.Component{guestbook}},
	}
}
