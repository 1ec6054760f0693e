package java

import (
	"fmt"
	"reflect"
	"sort"
	"strings"
	"testing"

	"github.com/drydock-cli/drydock/detect"
)

// said is a service in one line: kind, ! when it is required, database, variables by role.
func said(list []detect.Service) string {
	var out []string
	for _, s := range list {
		x := s.Kind
		if s.Required {
			x += "!"
		}
		if s.Version != "" {
			x += "@" + s.Version
		}
		if s.Database != "" {
			x += "/" + s.Database
		}
		var env []string
		for role, name := range s.Env {
			env = append(env, role+"="+name)
		}
		sort.Strings(env)
		if len(env) > 0 {
			x += "(" + strings.Join(env, " ") + ")"
		}
		out = append(out, x)
	}
	return strings.Join(out, "; ")
}

func TestServices(t *testing.T) {
	boot := func(version string, deps ...string) map[string]string {
		return map[string]string{"pom.xml": bootPom(version, build(bootPlugin)+depXML(append([]string{"org.springframework.boot:spring-boot-starter-web"}, deps...)...))}
	}
	warOf := func(deps ...string) map[string]string {
		return map[string]string{"pom.xml": pomOf("a", war+depXML(deps...))}
	}
	props := func(s string) map[string]string {
		return map[string]string{"src/main/resources/application.properties": s}
	}
	const pg, my, h2 = "org.postgresql:postgresql::runtime", "mysql:mysql-connector-java::runtime", "com.h2database:h2::runtime"
	const datasource = "(password=SPRING_DATASOURCE_PASSWORD url=SPRING_DATASOURCE_URL user=SPRING_DATASOURCE_USERNAME)"
	tests := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"driver alone", boot("2.4.0", pg), "postgresql!" + datasource},
		{"literal", merge(boot("2.4.0", pg), props("spring.datasource.url=jdbc:postgresql://db.internal:5433/shop?ssl=true\n")), "postgresql!/shop" + datasource},
		{"whole variable", merge(boot("2.4.0", my), props("spring.datasource.url=${JDBC_URL}\nspring.datasource.username=${JDBC_USER:root}\n")), "mysql!(password=SPRING_DATASOURCE_PASSWORD url=JDBC_URL user=JDBC_USER)"},
		{"parts", merge(boot("2.4.0", my), props("spring.datasource.url=jdbc:mysql://${DB_HOST:localhost}:${DB_PORT:3306}/${DB_NAME:ledger}?x=y\nspring.datasource.username=${DB_USER}\nspring.datasource.password=${DB_PASS}\n")), "mysql!/ledger(host=DB_HOST name=DB_NAME password=DB_PASS port=DB_PORT user=DB_USER)"},
		{"dotted", merge(boot("2.4.0", my), props("spring.datasource.url=jdbc:mysql://${db.host:localhost}/x\n")), "mysql!/x(host=DB_HOST)"},
		{"literal by another key", merge(boot("2.4.0", my), props("my.url=jdbc:mysql://localhost/orders\nspring.datasource.url=${my.url}\n")), "mysql!/orders(url=MY_URL)"},
		{"second data source", merge(boot("2.4.0", my, pg), props("app.orders.jdbc-url=jdbc:mysql://a/orders\napp.users.url=jdbc:postgresql://b/users\n")), "mysql!/orders(url=APP_ORDERS_JDBCURL); postgresql!/users(url=APP_USERS_URL)"},
		{"yaml", merge(boot("2.4.0", my), map[string]string{"src/main/resources/application.yml": "spring:\n  datasource:\n    url: jdbc:mysql://localhost/a\n    username: ${U:x}\n"}), "mysql!/a(password=SPRING_DATASOURCE_PASSWORD url=SPRING_DATASOURCE_URL user=U)"},
		{"embedded by default", merge(boot("2.4.0", h2, my), map[string]string{"src/main/resources/application-mysql.properties": "spring.datasource.url=${MYSQL_URL:jdbc:mysql://localhost/petclinic}\nspring.datasource.username=${MYSQL_USER:x}\n"}), "mysql/petclinic(password=SPRING_DATASOURCE_PASSWORD url=MYSQL_URL user=MYSQL_USER)"},
		{"embedded and driver", boot("2.4.0", h2, my), "mysql" + datasource},
		{"embedded URL", merge(boot("2.4.0", h2, my), props("spring.datasource.url=jdbc:h2:mem:x\n")), "mysql" + datasource},
		{"yaml documents", merge(boot("2.4.0", h2, pg), map[string]string{"src/main/resources/application.yml": "spring:\n  datasource:\n    url: jdbc:h2:mem:a\n---\nspring:\n  profiles: prod\n  datasource:\n    url: jdbc:postgresql://p/prod\n---\nspring:\n  config:\n    activate:\n      on-profile: [x, y]\n"}), "postgresql/prod" + datasource},
		{"active profile", merge(boot("2.4.0", h2, pg), props("spring.profiles.active=prod\n"), map[string]string{"src/main/resources/application-prod.yml": "spring:\n  datasource:\n    url: jdbc:postgresql://p/prod\n"}), "postgresql!/prod" + datasource},
		{"only a profile", merge(boot("2.4.0", pg), map[string]string{"src/main/resources/application-prod.properties": "spring.datasource.url=jdbc:postgresql://p/prod\n"}), "postgresql!/prod" + datasource},
		{"driver of the tests", boot("2.4.0", "org.postgresql:postgresql:1:test"), "postgresql"},
		{"several drivers", warOf(pg, my), "postgresql!; mysql"},
		{"several drivers and a dialect", merge(warOf(pg, my), map[string]string{"src/main/webapp/WEB-INF/ctx.xml": `<beans><bean id="ds" class="x.DriverManagerDataSource"><property name="driverClassName" value="com.mysql.jdbc.Driver"/></bean></beans>`}), "mysql!; postgresql"},
		{"several drivers and a setting", merge(warOf(pg, my), map[string]string{"src/main/resources/db.properties": "hibernate.dialect=org.hibernate.dialect.PostgreSQLDialect\n"}), "postgresql!; mysql"},
		{"a file for each database", merge(warOf(pg, my), map[string]string{"src/main/resources/a.properties": "database.type=mysql\n", "src/main/resources/db/mysql.properties": "url=jdbc:mysql://h/x\ndriver=org.postgresql.Driver\n", "src/main/resources/db/pg.properties": "url=jdbc:postgresql://h/x\n"}), "mysql!/x; postgresql/x"},
		{"hibernate", merge(warOf(my), map[string]string{"src/main/resources/hibernate.cfg.xml": `<hibernate-configuration><session-factory><property name="connection.url">jdbc:mysql://localhost:3306/guest</property><!-- <property name="connection.url">jdbc:oracle:thin:@h:1521:xe</property> --></session-factory></hibernate-configuration>`}), "mysql!/guest"},
		{"context.xml", merge(warOf(), map[string]string{"src/main/webapp/META-INF/context.xml": `<Context path="/x"><Resource name="jdbc/x" type="javax.sql.DataSource" driverClassName="oracle.jdbc.OracleDriver" url="jdbc:oracle:thin:@//h:1521/ORCL"/></Context>`}), "oracle!/ORCL"},
		{"code", merge(warOf(), map[string]string{"src/main/java/Db.java": "class Db { String u = \"jdbc:sqlserver://h:1433;databaseName=crm\"; }"}), "sqlserver!/crm"},
		{"spring looks at the environment", merge(warOf(my), map[string]string{"src/main/resources/jdbc.properties": "jdbc.url=jdbc:mysql://localhost/pc\njdbc.username=x\njdbc.password=y\n", "src/main/webapp/WEB-INF/ctx.xml": `<beans><context:property-placeholder xmlns:context="c" location="classpath:jdbc.properties"/><bean class="x.Y" p:driver="d" xmlns:p="p" p:url="${jdbc.url}"/></beans>`}), "mysql!/pc(password=JDBC_PASSWORD url=JDBC_URL user=JDBC_USERNAME)"},
		{"filtered by the build", merge(map[string]string{"pom.xml": pomOf("a", war+"<properties><the.url>jdbc:postgresql://h/filtered</the.url></properties>"+depXML(pg))}, map[string]string{"src/main/resources/jdbc.properties": "jdbc.url=@the.url@\n"}), "postgresql!/filtered"},
		{"driver of a profile", map[string]string{"pom.xml": pomOf("a", war+"<profiles><profile><id>pg</id>"+depXML(pg)+"</profile></profiles>")}, "postgresql"},
		{"sqlite", merge(boot("2.4.0", "org.xerial:sqlite-jdbc:3"), props("spring.datasource.url=jdbc:sqlite:data/app.db\n")), "sqlite!(url=SPRING_DATASOURCE_URL)"},
		{"redis", boot("2.4.0", "org.springframework.boot:spring-boot-starter-data-redis"), "redis!(host=SPRING_REDIS_HOST password=SPRING_REDIS_PASSWORD port=SPRING_REDIS_PORT)"},
		{"redis of boot 3", boot("3.1.0", "org.springframework.boot:spring-boot-starter-data-redis"), "redis!(host=SPRING_DATA_REDIS_HOST password=SPRING_DATA_REDIS_PASSWORD port=SPRING_DATA_REDIS_PORT)"},
		{"redis by variables", merge(boot("2.4.0", "redis.clients:jedis:3"), props("spring.redis.host=${REDIS_HOST:localhost}\nspring.redis.port=${REDIS_PORT:6379}\n")), "redis!(host=REDIS_HOST port=REDIS_PORT)"},
		{"mongo by parts of a URL", merge(boot("2.4.0", "org.springframework.boot:spring-boot-starter-data-mongodb"), props("spring.data.mongodb.uri=mongodb://${MONGO_HOST}:${MONGO_PORT}/x\n")), "mongodb!(host=MONGO_HOST port=MONGO_PORT)"},
		{"embedded mongo", boot("2.4.0", "org.springframework.boot:spring-boot-starter-data-mongodb", "de.flapdoodle.embed:de.flapdoodle.embed.mongo:2"), "mongodb(url=SPRING_DATA_MONGODB_URI)"},
		{"activemq", merge(boot("2.4.0", "org.springframework.boot:spring-boot-starter-activemq"), props("spring.activemq.broker-url=tcp://mq:61616\n")), "activemq!(password=SPRING_ACTIVEMQ_PASSWORD url=SPRING_ACTIVEMQ_BROKERURL user=SPRING_ACTIVEMQ_USER)"},
		{"activemq inside", boot("2.4.0", "org.springframework.boot:spring-boot-starter-activemq"), "activemq(password=SPRING_ACTIVEMQ_PASSWORD url=SPRING_ACTIVEMQ_BROKERURL user=SPRING_ACTIVEMQ_USER)"},
		{"activemq by vm", merge(boot("2.4.0", "org.apache.activemq:activemq-client:5"), props("spring.activemq.broker-url=vm://x\n")), "activemq(password=SPRING_ACTIVEMQ_PASSWORD url=SPRING_ACTIVEMQ_BROKERURL user=SPRING_ACTIVEMQ_USER)"},
		{"mail is optional", warOf("javax.mail:mail:1.4"), "smtp"},
		{"others", warOf("com.rabbitmq:amqp-client:5", "org.apache.kafka:kafka-clients:2", "net.spy:spymemcached:2", "org.apache.solr:solr-solrj:7", "org.elasticsearch.client:transport:5", "com.datastax.cassandra:cassandra-driver-core:3"), "cassandra!; elasticsearch!; memcached!; solr!; kafka; rabbitmq"},
		{"one broker", warOf("org.apache.kafka:kafka-clients:2"), "kafka!"},
		{"a broker that a setting names", merge(warOf("com.rabbitmq:amqp-client:5", "org.apache.kafka:kafka-clients:2"), map[string]string{"src/main/resources/queue.properties": "queue.type=kafka\n"}), "kafka!; rabbitmq"},
		{"switched off", merge(warOf("redis.clients:jedis:3", "org.apache.curator:curator-recipes:5"), map[string]string{"src/main/resources/app.properties": "cache.type=caffeine\nzk.enabled=${ZOOKEEPER_ENABLED:false}\n"}), "redis; zookeeper"},
		{"its encryption is switched off", merge(warOf("redis.clients:jedis:3"), map[string]string{"src/main/resources/app.properties": "redis.ssl.enabled=false\nmanagement.health.redis.enabled=false\n"}), "redis!"},
		{"a profile's client", map[string]string{"pom.xml": pomOf("a", war+"<profiles><profile><id>r</id>"+depXML("redis.clients:jedis:3")+"</profile></profiles>")}, "redis"},
		{"versions", merge(boot("2.4.0", my, "org.springframework.boot:spring-boot-starter-data-redis"), map[string]string{"docker-compose.yml": "services:\n  db:\n    image: mysql:5.7\n", ".travis.yml": "language: java\nservices:\n  - redis-server\n"}), "mysql!@5.7" + datasource + "; redis!(host=SPRING_REDIS_HOST password=SPRING_REDIS_PASSWORD port=SPRING_REDIS_PORT)"},
		{"embedded bean", merge(warOf("org.hsqldb:hsqldb:2", my), map[string]string{"src/main/webapp/WEB-INF/ctx.xml": `<beans><embedded-database id="x"/></beans>`}), "mysql"},
		{"dropwizard", map[string]string{"pom.xml": pomOf("a", depXML("io.dropwizard:dropwizard-core:1.3", my)+build(plug("maven-shade-plugin", "<mainClass>a.A</mainClass>", "shade"))), "src/main/resources/config.yml": "server:\n  applicationConnectors:\n    - type: http\n      port: 9001\ndatabase:\n  driverClass: com.mysql.cj.jdbc.Driver\n  url: jdbc:mysql://localhost/kw\n"}, "mysql!/kw"},
		{"nothing", warOf("commons-io:commons-io:2"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := one(t, tt.files)
			if got := said(c.Services); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			for _, s := range c.Services {
				if s.From == "" || s.Why == "" || len(s.Evidence) == 0 {
					t.Errorf("without reason or proof: %+v", s)
				}
			}
		})
	}
}

func TestParseJDBC(t *testing.T) {
	tests := map[string]string{
		"jdbc:postgresql://h:5432/db?x=1":                      "postgresql h 5432 db",
		"jdbc:postgresql:db":                                   "postgresql localhost  db",
		"jdbc:postgresql:///db":                                "postgresql localhost  db",
		"jdbc:mysql://h/db":                                    "mysql h  db",
		"jdbc:mysql:loadbalance://h:1/db":                      "mysql h 1 db",
		"jdbc:mysql://(host=h,port=1)/db":                      "mysql   ",
		"jdbc:mariadb://u:p@h:3307/db":                         "mariadb h 3307 db",
		"jdbc:oracle:thin:@h:1521:xe":                          "oracle h 1521 xe",
		"jdbc:oracle:thin:@//h:1521/svc":                       "oracle h 1521 svc",
		"jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(HOST=h)))":   "oracle   ",
		"jdbc:sqlserver://h:1433;databaseName=db;encrypt=true": "sqlserver h 1433 db",
		"jdbc:jtds:sqlserver://h:1433/db;instance=x":           "sqlserver h 1433 db",
		"jdbc:microsoft:sqlserver://h:1433;DatabaseName=db":    "sqlserver h 1433 db",
		"jdbc:db2://h:50000/db":                                "db2 h 50000 db",
		"jdbc:log4jdbc:mysql://h/db":                           "mysql h  db",
		"jdbc:p6spy:postgresql://h/db":                         "postgresql h  db",
		"jdbc:sqlite:/data/x.db":                               "sqlite   ",
		"jdbc:h2:mem:x":                                        "embedded",
		"jdbc:hsqldb:file:x":                                   "embedded",
		"jdbc:derby:x;create=true":                             "embedded",
		"jdbc:h2:tcp://h/x":                                    "    ",
		"jdbc:informix-sqli://h:1/db":                          "    ",
		"jdbc:":                                                "none",
		"http://x":                                             "none",
		" jdbc:postgresql://h/db":                              "postgresql h  db",
	}
	for in, want := range tests {
		u, ok := parseJDBC(in)
		got := strings.TrimRight(fmt.Sprint(u.kind, " ", u.host, " ", u.port, " ", u.name), "")
		switch {
		case !ok:
			got = "none"
		case u.embedded:
			got = "embedded"
		case u.kind == "":
			got = "    "
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", in, got, want)
		}
	}
}

func FuzzParseJDBC(f *testing.F) {
	f.Add("jdbc:oracle:thin:@h:1521:xe")
	f.Add("jdbc:mysql://${H:a}:${P:1}/${N}?x")
	f.Fuzz(func(t *testing.T, s string) {
		parseJDBC(s)
		n := 0
		for _, g := range segments(s) {
			n += len(g.lit) + len(g.name)
		}
		if n > len(s) {
			t.Fatalf("%d of %d bytes", n, len(s))
		}
		javaVersion(s)
		writtenDir(s)
		expand(text{s: s}, func(name string) (text, bool) { return text{s: s}, true })
		readManifest(detect.File{Data: []byte(s)})
		(&mavenConfig{defines: map[string]text{}}).parse(detect.File{Data: []byte(s)})
	})
}

func TestSegments(t *testing.T) {
	got := segments("a${B:c${D}e}f${G}${unfinished")
	want := []segment{{lit: "a"}, {name: "B", def: "c${D}e", hasDef: true}, {lit: "f"}, {name: "G"}, {lit: "${unfinished"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestEnvironment(t *testing.T) {
	c := one(t, map[string]string{
		"pom.xml":                                 bootPom("2.4.0", build(bootPlugin)+depXML("org.springframework.boot:spring-boot-starter-web")),
		"src/main/resources/application.yml":      "server:\n  port: ${PORT:9000}\napp:\n  token: ${API_TOKEN}\n  url: ${BACKEND_URL:http://b}\n  home: ${HOME}/x\n  lower: ${not.a.variable}\n  nested: ${A:${B:c}}\n",
		"src/main/resources/application-prod.yml": "x: ${ONLY_PROD}\n",
		"src/main/java/A.java":                    "class A {\n String a = System.getenv(\"FROM_CODE\");\n String b = System.getenv().getOrDefault(\"WITH_DEFAULT\", \"d\");\n String p = System.getenv(\"JAVA_HOME\");\n @Value(\"${INJECTED}\") String i;\n @Value(\"${INJECTED_TOO:z}\") String j;\n Object o = Optional.ofNullable(System.getenv(\"OPT\")).orElse(\"e\");\n}\n",
		"src/main/kotlin/B.kt":                    "val x = System.getenv(\"KT\") ?: \"k\"\nval y = System.getenv()[\"IDX\"]\n",
	})
	var got []string
	for _, e := range c.Env {
		got = append(got, fmt.Sprintf("%s %v %v %q %q@%d", e.Name, e.Required, e.Secret, e.Default, e.Value, e.Evidence[0].Line))
	}
	want := []string{
		`A false false "" ""@8`, `API_TOKEN true true "" ""@4`, `B false false "c" ""@8`, `BACKEND_URL false false "http://b" ""@5`, `FROM_CODE false false "" ""@2`, `IDX false false "" ""@2`,
		`INJECTED true false "" ""@5`, `INJECTED_TOO false false "z" ""@6`, `KT false false "k" ""@1`, `ONLY_PROD false false "" ""@1`, `OPT false false "e" ""@7`,
		`PORT false false "9000" ""@2`, `SPRING_PROFILES_ACTIVE false false "" ""@1`, `WITH_DEFAULT false false "d" ""@3`,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if c.Port.V != 9000 {
		t.Errorf("port %v", c.Port)
	}
	c = one(t, map[string]string{"pom.xml": bootPom("2.4.0", build(bootPlugin)+depXML("org.springframework.boot:spring-boot-starter-web")), "src/main/resources/application.properties": "server.port=${PORT}\n"})
	if c.Port.V != 8080 || len(c.Env) != 1 || c.Env[0].Value != "8080" {
		t.Errorf("port %v, env %+v", c.Port, c.Env)
	}
}
