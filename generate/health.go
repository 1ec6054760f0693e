package generate

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
)

// HealthCommand asks a web component, from inside its container, whether it
// answers; nil when it has no port. Neither curl nor wget is in the slim images:
// bash, which all of them carry, speaks enough HTTP. A server error is sickness; so is any
// answer but success, a redirect or a demand to log in when the repository names the path.
func HealthCommand(c *plan.Component) []string {
	if c.Port.V == 0 {
		return nil
	}
	if c.Platform.V == "windows" {
		return windowsHealth(c)
	}
	if c.HealthPath.V == "" {
		return []string{"bash", "-c", fmt.Sprintf("exec 3<>/dev/tcp/127.0.0.1/%d", c.Port.V)}
	}
	path, err := syntax.Quote(c.HealthPath.V, syntax.LangPOSIX)
	if err != nil { // a control character, which no checked path holds
		path = "/"
	}
	test := `[ "${code:-599}" -lt 500 ]`
	if c.HealthPath.From != detect.Default {
		test = `case "$code" in [23]??|401|403) ;; *) exit 1 ;; esac`
	}
	script := fmt.Sprintf(`exec 3<>/dev/tcp/127.0.0.1/%d && printf 'GET %%s HTTP/1.0\r\nHost: localhost\r\n\r\n' %s >&3 && read -r _ code _ <&3 && %s`, c.Port.V, path, test)
	return []string{"bash", "-c", script}
}

// windowsHealth asks with PowerShell, which the images of Windows Server Core carry.
func windowsHealth(c *plan.Component) []string {
	path := c.HealthPath.V
	if path == "" {
		path = "/"
	}
	path = strings.ReplaceAll(path, "'", "''")
	test := "[int]$_.Exception.Response.StatusCode -in 1..499"
	if c.HealthPath.From != detect.Default {
		test = "[int]$_.Exception.Response.StatusCode -in 401,403"
	}
	script := fmt.Sprintf("try { $null = Invoke-WebRequest -UseBasicParsing -TimeoutSec 4 'http://localhost:%d%s'; exit 0 } catch { if (%s) { exit 0 }; exit 1 }", c.Port.V, path, test)
	return []string{"powershell", "-NoProfile", "-Command", script}
}
