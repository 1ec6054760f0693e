package plan

import "github.com/drydock-cli/drydock/detect"

// SitePort is where the web server of a site listens whose repository states no port: one that needs no rights.
const SitePort = 8080

// servePort gives a component that is only files for a browser the port of the web server that will send them. A web server's
// own port that nothing states gives way to one that needs no rights: the image's server is not root.
func (c *Component) servePort() {
	if c.Stack == "php" && c.Port.From == detect.Inferred && c.Port.V < 1024 {
		c.Port = detect.Infer(SitePort, "a port that needs no rights, instead of the web server's own", c.Port.Evidence...)
	}
	if c.Role.V == detect.Function && c.Port.V == 0 && c.Fact("handler") != "" {
		c.Port = detect.Infer(SitePort, "the program that hands events to the handler listens there", c.Facts["handler"].Evidence...)
	}
	if (c.Role.V == detect.SPA || c.Role.V == detect.Static) && c.Port.V == 0 {
		c.Port = detect.Infer(SitePort, "the web server that sends the files listens there: a port that needs no rights", c.Role.Evidence...)
	}
}
