package generate

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/plan"
)

// PortCommand is the command line of a component for a platform that chooses the port and tells it by $PORT, for a POSIX shell that
// expands it. Empty: the image's own command reads PORT. False: its server listens on the component's port whatever PORT says.
func PortCommand(c *plan.Component) (string, bool) {
	command := c.Command()
	port := strconv.Itoa(c.Port.V)
	if line, changed := withPort(command, port); changed {
		return line, true
	}
	for _, s := range c.Settings {
		if s.Name == "PORT" {
			return "", true
		}
	}
	words := plan.ShellWords(command)
	switch {
	case c.Framework.V == "spring-boot" && len(command) > 0:
		return `env SERVER_PORT="$PORT" ` + words, true
	case c.Fact("servedBy") == "nginx" || len(command) > 0 && command[0] == "nginx":
		// The configuration that the image holds listens on the component's port; everything else in it lies in /tmp.
		return fmt.Sprintf(`sed "s/listen %s;/listen $PORT;/" /etc/nginx/nginx.conf > /tmp/nginx.conf && nginx -c /tmp/nginx.conf -g "daemon off;"`, port), true
	case servletWar(c) && len(command) == 0:
		return fmt.Sprintf(`sed "s/port=\"%s\"/port=\"$PORT\"/" conf/server.xml > /tmp/server.xml && catalina.sh run -config /tmp/server.xml`, port), true
	}
	return "", false
}

// withPort puts $PORT in the place of the port in the words of a command: as a word, or behind a colon or an equals sign.
func withPort(command []string, port string) (string, bool) {
	rule := regexp.MustCompile(`^((?:.*[:=])?)` + port + `$`)
	var out []string
	changed := false
	for _, w := range command {
		if m := rule.FindStringSubmatch(w); m != nil {
			before := ""
			if m[1] != "" {
				before = plan.ShellWords([]string{m[1]})
			}
			out, changed = append(out, before+`"$PORT"`), true
			continue
		}
		out = append(out, plan.ShellWords([]string{w}))
	}
	return strings.Join(out, " "), changed
}
