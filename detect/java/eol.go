package java

import (
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// asOf is the day on which the tables below were looked through. What ends later is not reported, so that the same
// tree gives the same findings on every day.
const asOf = "2026-11-01"

// ends of public maintenance. Sources: Oracle's Java SE support roadmap (5 to 7: the last public update) and the
// Adoptium support page (8 and later); the Spring Boot and Spring Framework support pages (end of OSS support) and
// their blogs for the lines before 2.3 and 5.3; the announcements on struts.apache.org; Apache's announcement for
// Log4j 1; the support schedules of Grails, Micronaut and Dropwizard, where they are gone by way of endoflife.date. All were
// compared with endoflife.date on the day below; where it differs (Spring Framework 6.0), the maintainers' word counts.
var ends = map[string][]struct{ version, since, source string }{
	"java": {
		{"1.4", "2008-10-30", "Oracle Java SE support roadmap, end of public updates"}, {"5", "2009-11-03", "Oracle Java SE support roadmap, end of public updates"},
		{"6", "2013-02-19", "Oracle Java SE support roadmap, end of public updates"}, {"7", "2015-04-14", "Oracle Java SE support roadmap, end of public updates"},
		{"9", "2018-03-20", "Oracle Java SE support roadmap"}, {"10", "2018-09-25", "Oracle Java SE support roadmap"}, {"12", "2019-09-17", "Oracle Java SE support roadmap"},
		{"13", "2020-03-17", "Oracle Java SE support roadmap"}, {"14", "2020-09-15", "Oracle Java SE support roadmap"}, {"15", "2021-03-16", "Oracle Java SE support roadmap"},
		{"16", "2021-09-14", "Oracle Java SE support roadmap"}, {"18", "2022-09-20", "Oracle Java SE support roadmap"}, {"19", "2023-03-21", "Oracle Java SE support roadmap"},
		{"20", "2023-09-19", "Oracle Java SE support roadmap"}, {"22", "2024-09-17", "Oracle Java SE support roadmap"}, {"23", "2025-03-18", "Oracle Java SE support roadmap"}, {"24", "2025-09-16", "Oracle Java SE support roadmap"},
	},
	"spring boot": {
		{"1", "2019-08-01", "Spring Boot wiki, Supported Versions"}, {"2.0", "2019-04-03", "Spring Boot wiki, Supported Versions"}, {"2.1", "2020-11-01", "Spring Boot wiki, Supported Versions"},
		{"2.2", "2021-07-31", "Spring Boot wiki, Supported Versions (July 2021)"}, {"2.3", "2021-05-20", "Spring Boot wiki, Supported Versions"}, {"2.4", "2021-11-18", "Spring Boot wiki, Supported Versions"},
		{"2.5", "2022-05-19", "Spring Boot wiki, Supported Versions"}, {"2.6", "2022-11-24", "spring.io/projects/spring-boot, support"}, {"2.7", "2023-06-30", "spring.io/projects/spring-boot, support"},
		{"3.0", "2023-12-31", "spring.io/projects/spring-boot, support"}, {"3.1", "2024-06-30", "spring.io/projects/spring-boot, support"}, {"3.2", "2024-12-31", "spring.io/projects/spring-boot, support"},
		{"3.3", "2025-06-30", "spring.io/projects/spring-boot, support"}, {"3.4", "2025-12-31", "spring.io/projects/spring-boot, support"}, {"3.5", "2026-06-30", "spring.io/projects/spring-boot, support"},
	},
	"spring framework": {
		{"2", "2016-12-31", "spring.io blog: the 3.2 line, which followed, ended"}, {"3", "2016-12-31", "spring.io blog, end of 3.2"}, {"4", "2020-12-31", "spring.io blog, maintenance roadmap in 2020"},
		{"5.0", "2020-12-31", "spring.io blog, maintenance roadmap in 2020"}, {"5.1", "2020-12-31", "spring.io blog, maintenance roadmap in 2020"}, {"5.2", "2021-12-31", "spring.io/projects/spring-framework, support"},
		{"5.3", "2024-08-31", "spring.io/projects/spring-framework, support"}, {"6.0", "2024-08-31", "spring.io/projects/spring-framework, support"}, {"6.1", "2025-06-30", "spring.io/projects/spring-framework, support"},
		{"6.2", "2026-06-30", "spring.io/projects/spring-framework, support"},
	},
	"grails": {
		{"1", "2012-05-01", "endoflife.date/grails"}, {"2", "2021-06-30", "endoflife.date/grails"}, {"3", "2021-09-30", "endoflife.date/grails"}, {"4", "2023-03-31", "endoflife.date/grails"},
		{"6", "2025-10-19", "grails.apache.org, support schedule"},
	},
	"micronaut":  {{"1", "2021-12-31", "endoflife.date/micronaut"}, {"2", "2023-03-01", "endoflife.date/micronaut"}, {"3", "2025-03-23", "endoflife.date/micronaut"}},
	"dropwizard": {{"3", "2026-01-31", "github.com/dropwizard/dropwizard/security"}, {"4", "2026-01-31", "github.com/dropwizard/dropwizard/security"}},
	"struts": {
		{"1", "2013-04-05", "struts.apache.org, Struts 1 EOL announcement"}, {"2.0", "2013-04-05", "endoflife.date: no longer maintained by then"}, {"2.1", "2013-04-05", "endoflife.date: no longer maintained by then"},
		{"2.2", "2013-04-05", "endoflife.date: no longer maintained by then"}, {"2.3", "2019-05-14", "struts.apache.org, Struts 2.3 EOL announcement"}, {"2.5", "2024-04-30", "struts.apache.org, Struts 2.5 EOL announcement"},
	},
	"log4j": {{"1", "2015-08-05", "Apache Logging Services, Log4j 1 EOL announcement"}},
}

// ended returns the entry of the table for a version: the longest of its beginnings that the table has.
func ended(what, version string) (detect.EndOfLife, bool) {
	best := detect.EndOfLife{}
	longest := 0
	for _, e := range ends[what] {
		if (version == e.version || strings.HasPrefix(version, e.version+".")) && e.since <= asOf && len(e.version) > longest {
			longest = len(e.version)
			best = detect.EndOfLife{What: what + " " + e.version, Since: e.since, Source: e.source}
		}
	}
	return best, longest > 0
}

// endOfLife lists what the application stands on that is no longer mended. A Java version that is a guess is not
// judged.
func (a *app) endOfLife(c *detect.Component) []detect.EndOfLife {
	var out []detect.EndOfLife
	add := func(what, version string) {
		if e, ok := ended(what, version); ok {
			out = append(out, e)
		}
	}
	if v := c.LanguageVersion; c.Language.V == "java" && v.From != detect.Default {
		add("java", v.V)
	}
	switch c.Framework.V {
	case "spring-boot":
		add("spring boot", c.FrameworkVersion.V)
	case "struts", "grails", "micronaut", "dropwizard":
		add(c.Framework.V, c.FrameworkVersion.V)
	}
	if len(a.bootEv) == 0 {
		if d, ok := a.dep("org.springframework:spring-core", "org.springframework:spring-context", "org.springframework:spring-webmvc", "org.springframework:spring", "spring-core*", "spring-webmvc*"); ok && d.shipped() && d.version.known() {
			add("spring framework", cleanVersion(d.version.s))
		}
	}
	if d, ok := a.dep("log4j:log4j", "log4j-1.*", "log4j"); ok && d.shipped() && (!d.version.set() || major(d.version.s) == 1) {
		add("log4j", "1")
	}
	return out
}

func itoa(n int) string { return strconv.Itoa(n) }
