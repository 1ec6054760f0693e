package plan

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
)

// workersVariable tells a server how many processes to start: gunicorn and uvicorn read it by themselves, Puma's and Unicorn's
// configurations by the habit of the platforms that set it.
const workersVariable = "WEB_CONCURRENCY"

// workersWhy marks a setting as one that follows the component's cpu.
const workersWhy = "by cpu: "

// setWorkers makes the number of a server's processes follow the CPU that its containers get, unless the command or a setting says a number.
func (c *Component) setWorkers() {
	value, why := c.workers()
	at := slices.IndexFunc(c.Settings, func(s Setting) bool { return s.Name == workersVariable })
	switch {
	case at >= 0 && (c.Settings[at].From == detect.Chosen || !strings.HasPrefix(c.Settings[at].Why, workersWhy)):
	case at >= 0 && value == 0:
		c.Settings = slices.Delete(c.Settings, at, at+1)
	case value > 0:
		c.set(Setting{Name: workersVariable, Value: strconv.Itoa(value), From: detect.Inferred, Why: workersWhy + why})
	}
}

// workers is how many processes a server should have; 0: its own default is right. Two for each core and one is what gunicorn's documentation
// recommends; Puma has threads, and wants one for each core from two cores on.
func (c *Component) workers() (int, string) {
	if c.Role.V != detect.Web || c.CPU.V <= 0 {
		return 0, ""
	}
	server := ""
	for _, word := range c.Command() {
		switch base := path.Base(word); {
		case word == "-w", strings.HasPrefix(word, "--workers"), strings.HasPrefix(word, "-w="):
			return 0, ""
		case server == "" && slices.Contains([]string{"gunicorn", "uvicorn", "puma", "unicorn"}, base):
			server = base
		}
	}
	switch server {
	case "gunicorn", "uvicorn":
		return (2*c.CPU.V+1023)/1024 + 1, "two for each core, and one"
	case "puma", "unicorn":
		reads := slices.ContainsFunc(c.Env, func(e detect.EnvVar) bool { return e.Name == workersVariable })
		if cores := c.CPU.V / 1024; reads && cores > 1 {
			return cores, "one for each core"
		}
	}
	return 0, ""
}
