// Package assess says of a repository, and of many at once, how ready it is for a container: the readiness rules and their
// score, the effort with its derivation, where each component belongs (a container, a function, or both), and the order in
// which a portfolio is best worked through. It opens no source and starts nothing: findings and verdicts come in as values.
package assess

import (
	"slices"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/verify"
)

// Place is where a component belongs.
type Place string

// The places of the contract.
const (
	Container  Place = "container"
	Serverless Place = "serverless"
	Either     Place = "either" // nothing speaks for one more than for the other
	Both       Place = "both"   // a part belongs to each: Advice.Split says which
)

// Advice says where a component belongs and why.
type Advice struct {
	Component string   `json:"component" jsonschema_description:"Name of the component."`
	Advice    Place    `json:"advice" jsonschema:"enum=container,enum=serverless,enum=either,enum=both" jsonschema_description:"Where it belongs."`
	Summary   string   `json:"summary" jsonschema_description:"One sentence: the advice with its strongest reason."`
	Reasons   []Reason `json:"reasons" jsonschema_description:"The rules that hold, the strongest first."`
	Split     []Split  `json:"split,omitempty" jsonschema_description:"How it would be taken apart, for both."`
	Changes   []string `json:"changes,omitempty" jsonschema_description:"What would change the advice."`
}

// Reason is a rule of placement that holds, with its proof.
type Reason struct {
	Rule     string            `json:"rule" jsonschema_description:"Id of the rule."`
	Towards  Place             `json:"towards" jsonschema:"enum=container,enum=serverless,enum=either" jsonschema_description:"What it speaks for."`
	Weight   int               `json:"weight" jsonschema:"minimum=1,maximum=3" jsonschema_description:"3 decides unless something equally strong speaks against it; 1 is a hint."`
	Reason   string            `json:"reason" jsonschema_description:"Why."`
	Source   string            `json:"source" jsonschema_description:"Where the reason is from."`
	Evidence []detect.Evidence `json:"evidence" jsonschema_description:"The places that show it; what was measured has none."`
}

// Split is one part of a component that belongs elsewhere than the rest.
type Split struct {
	By   string `json:"by" jsonschema:"enum=route,enum=queue,enum=schedule" jsonschema_description:"What it is taken apart by."`
	Text string `json:"text" jsonschema_description:"Which part goes where."`
}

// Measured is what a verification saw of a component, as far as placement asks. Zero values were not measured.
type Measured struct {
	StartSeconds  float64
	MedianMillis  int64
	SlowestMillis int64
	ImageBytes    int64
	MemoryBytes   int64
}

// MeasuredOf takes what placement asks for out of a component's verdict. Nil: it did not run.
func MeasuredOf(v *verify.ComponentVerdict) *Measured {
	if v == nil || v.Run == nil {
		return nil
	}
	m := &Measured{StartSeconds: v.Run.StartSeconds, ImageBytes: v.Image.SizeBytes, MemoryBytes: v.Run.MemoryPeakBytes, SlowestMillis: v.Run.Probe.Millis}
	if l := v.Run.Load; l != nil {
		m.MedianMillis, m.SlowestMillis = l.MedianMillis, max(m.SlowestMillis, l.SlowestMillis)
	}
	return m
}

// relational are the services that hold an application's own tables.
var relational = []string{"postgresql", "mysql", "mariadb", "sqlserver", "oracle", "db2", "sqlite"}

// database is the required relational database of a component, or nil.
func database(c *detect.Component) *detect.Service {
	for i := range c.Services {
		if s := &c.Services[i]; s.Required && slices.Contains(relational, s.Kind) {
			return s
		}
	}
	return nil
}
