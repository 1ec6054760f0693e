package plan

import "github.com/drydock-cli/drydock/detect"

// SitePort is where the web server of a site listens whose repository states no port: one that needs no rights.
const SitePort = 8080

// servePort gives a component that is only files for a browser the port of the web server that will send them.
func (c *Component) servePort() {
	if (c.Role.V == detect.SPA || c.Role.V == detect.Static) && c.Port.V == 0 {
		c.Port = detect.Infer(SitePort, "the web server that sends the files listens there: a port that needs no rights", c.Role.Evidence...)
	}
}
