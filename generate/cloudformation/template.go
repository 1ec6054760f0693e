package cloudformation

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/drydock-cli/drydock/generate"
)

// Resource is a resource of a template that may have been edited.
type Resource struct {
	ID         string
	Type       string
	Line       int
	Properties *Node
}

// Node is a value of a template. Its methods take a missing or differently made value for an empty one.
type Node struct{ n *yaml.Node }

// Read parses a template. A problem has the rule "syntax".
func Read(a generate.Artifact) (*Node, []generate.Problem) {
	var doc yaml.Node
	if err := yaml.Unmarshal(a.Content, &doc); err != nil || len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		message := "it is no mapping"
		if err != nil {
			message = err.Error()
		}
		return nil, []generate.Problem{{File: a.Path, Rule: "syntax", Message: message, Error: true}}
	}
	return &Node{doc.Content[0]}, nil
}

// At is the value below keys; nil: there is none.
func (x *Node) At(keys ...string) *Node {
	for _, key := range keys {
		if x == nil || x.n.Kind != yaml.MappingNode {
			return nil
		}
		var next *Node
		for i := 0; i+1 < len(x.n.Content); i += 2 {
			if x.n.Content[i].Value == key {
				next = &Node{x.n.Content[i+1]}
			}
		}
		if x = next; x == nil {
			return nil
		}
	}
	return x
}

// Line is where the value stands; 0: nowhere.
func (x *Node) Line() int {
	if x == nil {
		return 0
	}
	return x.n.Line
}

// Text is a plain value's text; "" for anything else, a function's call included.
func (x *Node) Text() string {
	if x == nil || x.n.Kind != yaml.ScalarNode || strings.HasPrefix(x.n.Tag, "!") && !strings.HasPrefix(x.n.Tag, "!!") {
		return ""
	}
	return x.n.Value
}

// Number is a plain number; false for anything else.
func (x *Node) Number() (int, bool) {
	if x == nil || x.n.Kind != yaml.ScalarNode {
		return 0, false
	}
	var n int
	if err := x.n.Decode(&n); err != nil {
		return 0, false
	}
	return n, true
}

// List are the items of a sequence.
func (x *Node) List() []*Node {
	if x == nil || x.n.Kind != yaml.SequenceNode {
		return nil
	}
	var out []*Node
	for _, n := range x.n.Content {
		out = append(out, &Node{n})
	}
	return out
}

// Keys are the keys of a mapping in their order.
func (x *Node) Keys() []string {
	if x == nil || x.n.Kind != yaml.MappingNode {
		return nil
	}
	var out []string
	for i := 0; i+1 < len(x.n.Content); i += 2 {
		out = append(out, x.n.Content[i].Value)
	}
	return out
}

// Resources are the resources below a mapping "Resources".
func Resources(all *Node) []Resource {
	var out []Resource
	for _, id := range all.Keys() {
		r := all.At(id)
		out = append(out, Resource{ID: id, Type: r.At("Type").Text(), Line: r.Line(), Properties: r.At("Properties")})
	}
	return out
}

// Rule is what CloudFormation, or the service behind a resource, refuses.
type Rule struct {
	ID   string
	Type string // of the resources that it is about; empty: all
	// Broken says what is wrong, and where; empty: nothing.
	Broken func(r Resource) (message string, at *Node)
}

// SecretName matches the names of variables whose values belong into a store.
var SecretName = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIAL)`)
})

var logicalID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9]{1,255}$`) })

// Template limits. Source: AWS CloudFormation User Guide, "Understand CloudFormation quotas".
const (
	MaxResources = 500
	MaxBytes     = 1000000
)

// CommonRules names the rules of CheckCommon.
var CommonRules = []string{"syntax", "resources", "logical-id", "resource-type", "template-size", "undefined"}

// CheckCommon holds what every template has to, and returns the resources. resources is where they stand.
func CheckCommon(a generate.Artifact, resources ...string) ([]Resource, []generate.Problem) {
	root, problems := Read(a)
	if problems != nil {
		return nil, problems
	}
	problem := func(line int, rule, format string, args ...any) {
		problems = append(problems, generate.Problem{File: a.Path, Line: line, Rule: rule, Message: fmt.Sprintf(format, args...), Error: true})
	}
	all := Resources(root.At(resources...))
	if len(all) == 0 || len(all) > MaxResources {
		problem(0, "resources", "a template has from 1 to %d resources, this one %d", MaxResources, len(all))
	}
	if len(a.Content) > MaxBytes {
		problem(0, "template-size", "a template has at most %d bytes, this one %d", MaxBytes, len(a.Content))
	}
	defined := map[string]bool{}
	for _, r := range all {
		defined[r.ID] = true
		if !logicalID().MatchString(r.ID) {
			problem(r.Line, "logical-id", "resource %q: letters and digits alone", r.ID)
		}
		if !strings.Contains(r.Type, "::") {
			problem(r.Line, "resource-type", "resource %s has the type %q", r.ID, r.Type)
		}
	}
	for _, name := range root.At("Parameters").Keys() {
		defined[name] = true
	}
	for _, r := range references(root.n) {
		if !defined[r.name] && !strings.HasPrefix(r.name, "AWS::") && !strings.HasPrefix(r.name, "Serverless") && len(resources) == 1 {
			problem(r.line, "undefined", "%s is neither a parameter nor a resource", r.name)
		}
	}
	return all, problems
}

// Apply runs rules over resources.
func Apply(a generate.Artifact, resources []Resource, rules []Rule) []generate.Problem {
	var out []generate.Problem
	for _, r := range resources {
		for _, rule := range rules {
			if rule.Type != "" && rule.Type != r.Type {
				continue
			}
			if message, at := rule.Broken(r); message != "" {
				line := at.Line()
				if line == 0 {
					line = r.Line
				}
				out = append(out, generate.Problem{File: a.Path, Line: line, Rule: rule.ID, Message: r.ID + ": " + message, Error: true})
			}
		}
	}
	return out
}

// IDs are the names of rules.
func IDs(rules ...[]Rule) []string {
	var out []string
	for _, list := range rules {
		for _, r := range list {
			out = append(out, r.ID)
		}
	}
	return out
}

type reference struct {
	name string
	line int
}

// references are what Ref and Fn::GetAtt name, in both of their forms.
func references(n *yaml.Node) []reference {
	var out []reference
	switch n.Tag {
	case "!Ref":
		return []reference{{n.Value, n.Line}}
	case "!GetAtt":
		name, _, _ := strings.Cut(n.Value, ".")
		return []reference{{name, n.Line}}
	}
	if n.Kind == yaml.MappingNode && len(n.Content) == 2 {
		key, value := n.Content[0].Value, n.Content[1]
		switch {
		case key == "Ref" && value.Kind == yaml.ScalarNode:
			return []reference{{value.Value, value.Line}}
		case key == "Fn::GetAtt" && value.Kind == yaml.SequenceNode && len(value.Content) > 0:
			return []reference{{value.Content[0].Value, value.Line}}
		case key == "Fn::GetAtt":
			name, _, _ := strings.Cut(value.Value, ".")
			return []reference{{name, value.Line}}
		}
	}
	for _, c := range n.Content {
		out = append(out, references(c)...)
	}
	return out
}
