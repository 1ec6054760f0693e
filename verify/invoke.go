package verify

import (
	"cmp"
	"context"
	"net/http"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/plan"
)

// invocations are where functions are called: the path of AWS Lambda's own runtime interface (AWS, "Testing Lambda container images
// locally"), and the root.
var invocations = [...]string{"/2015-03-31/functions/function/invocations", "/"}

// modelPath is where a serving platform asks a model (Amazon SageMaker, "Custom Inference Code with Hosting Services").
const modelPath = "/invocations"

// sampleEvents are events without anything in them to work on, by what calls a function: a handler goes through them without touching
// what the event is about.
var sampleEvents = map[string]string{
	"s3": `{"Records":[]}`, "sqs": `{"Records":[]}`, "sns": `{"Records":[]}`, "kinesis": `{"Records":[]}`, "dynamodb": `{"Records":[]}`,
	"schedule": `{"version":"0","id":"00000000-0000-0000-0000-000000000000","detail-type":"Scheduled Event","source":"aws.events","account":"000000000000","time":"2020-01-01T00:00:00Z","region":"us-east-1","resources":[],"detail":{}}`,
	"http": `{"resource":"/","path":"/","httpMethod":"GET","headers":{},"queryStringParameters":null,"pathParameters":null,"body":null,"isBase64Encoded":false,` +
		`"routeKey":"$default","rawPath":"/","rawQueryString":"","requestContext":{"stage":"$default","httpMethod":"GET","path":"/","http":{"method":"GET","path":"/"}}}`,
}

// sampleQuestion is put to a model of which nothing is known.
const sampleQuestion = `{"instances":[]}`

// eventOf is the event that a function is called with, and whether the repository says that it expects such events.
func eventOf(c *plan.Component) (event string, known bool) {
	if event, known = sampleEvents[c.Fact("event")]; known {
		return event, true
	}
	return "{}", false
}

// objection matches the answer of a handler that has found something missing in its event.
var objection = lazy(`"errorType":\s*"(KeyError|IndexError|TypeError|AttributeError|ValueError|ValidationError|JSONDecodeError|Runtime\.MarshalError|BadRequest\w*)"`)

// call invokes a function. That it objects to an event that is only a guess is an answer too.
func (p *prober) call(ctx context.Context, address string, t target, secure bool) (a answer) {
	for _, path := range invocations {
		a = p.send(ctx, question{address: address, path: path, tls: secure, body: cmp.Or(t.event, "{}")})
		if a.judge() != missing && a.judge() != silent {
			break
		}
	}
	if a.status == http.StatusBadRequest || a.objects && !t.eventKnown {
		a.status, a.broken = http.StatusUnprocessableEntity, false // said of the event, not of the server
	}
	return a
}

// model asks a model that says it is there. What it says of the question, whatever that is, is an answer; that nothing takes questions is none.
func (p *prober) model(ctx context.Context, address string, ping answer) answer {
	a := p.send(ctx, question{address: address, path: modelPath, tls: ping.tls, body: sampleQuestion})
	switch {
	case a.status == http.StatusMethodNotAllowed: // pages alone are served there
		a.status = http.StatusNotFound
	case a.status == http.StatusBadRequest:
		a.status = http.StatusUnprocessableEntity // said of the question
	case a.judge() == sick:
		return ping
	}
	return a
}

// calling sets how a component is asked that is more than pages.
func (t *target) calling(c *plan.Component) {
	switch c.Role.V {
	case detect.Function:
		t.invoke = true
		t.event, t.eventKnown = eventOf(c)
	case detect.Inference:
		t.model = true
		if c.HealthPath.V == "" {
			t.paths = append([]string{"/ping"}, t.paths...)
		}
	}
}
