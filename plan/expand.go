package plan

import "strings"

// Expand writes a setting's value: literal parts through literal, and each
// ${NAME} that names a secret of the plan through secret; $${ is the text ${. A nil literal keeps the text.
func (p *Plan) Expand(value string, literal func(string) string, secret func(name string) string) string {
	if literal == nil {
		literal = func(s string) string { return s }
	}
	known := make(map[string]bool, len(p.Secrets))
	for _, s := range p.Secrets {
		known[s.Name] = true
	}
	var out, text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			out.WriteString(literal(text.String()))
			text.Reset()
		}
	}
	for value != "" {
		open := strings.Index(value, "${")
		if open < 0 {
			break
		}
		text.WriteString(value[:open])
		value = value[open:]
		if before := text.String(); strings.HasSuffix(before, "$") { // $${: the text ${
			text.Reset()
			text.WriteString(before[:len(before)-1] + "${")
			value = value[2:]
			continue
		}
		end := strings.IndexByte(value, '}')
		if end < 0 || !known[value[2:end]] {
			text.WriteString(value[:2])
			value = value[2:]
			continue
		}
		flush()
		out.WriteString(secret(value[2:end]))
		value = value[end+1:]
	}
	text.WriteString(value)
	flush()
	return out.String()
}

// Literal writes a text as the value of a setting: Expand gives it back as it is, whatever secrets there are.
func Literal(s string) string { return strings.ReplaceAll(s, "${", "$${") }

// References lists the secrets that a setting's value names, in order.
func (p *Plan) References(value string) []string {
	var names []string
	p.Expand(value, nil, func(name string) string {
		names = append(names, name)
		return ""
	})
	return names
}
