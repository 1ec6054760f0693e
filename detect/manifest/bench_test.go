package manifest

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkParsers reads a document of about 64 KiB with each parser: time and allocations by size of input.
func BenchmarkParsers(b *testing.B) {
	repeat := func(head, line, tail string) []byte {
		var s strings.Builder
		s.WriteString(head)
		for i := 0; s.Len() < 64<<10; i++ {
			s.WriteString(strings.ReplaceAll(line, "#", fmt.Sprint(i)))
		}
		return []byte(s.String() + tail)
	}
	for _, p := range []struct {
		name  string
		data  []byte
		parse func([]byte) error
	}{
		{"xml", repeat("<project>", "<dependency>\n <groupId>org.a#</groupId>\n <version>1.#</version>\n</dependency>\n", "</project>"),
			func(d []byte) error { _, err := ParseXML(d); return err }},
		{"yaml", repeat("", "key#:\n  name: value\n  list: [a, b]\n", ""), func(d []byte) error { _, err := ParseYAML(d); return err }},
		{"json", repeat("{", "\"key#\": {\"version\": \"1.#\"},\n", "\"end\": 1}"), func(d []byte) error { _, err := ParseJSON(d); return err }},
		{"toml", repeat("", "[[package]]\nname = \"a#\"\nversion = \"1.#\"\n", ""), func(d []byte) error { _, err := ParseTOML(d); return err }},
		{"properties", repeat("", "a.b.key# = value #\n", ""), func(d []byte) error { _, _, err := ParseProperties(d); return err }},
		{"dotenv", repeat("", "KEY_#=\"value #\"\n", ""), func(d []byte) error { _, err := ParseDotenv(d); return err }},
		{"procfile", repeat("", "web#: bundle exec puma -p $PORT\n", ""), func(d []byte) error { _, err := ParseProcfile(d); return err }},
		{"tool-versions", repeat("", "ruby# 2.7.#\n", ""), func(d []byte) error { _, err := ParseToolVersions(d); return err }},
		{"dockerfile", repeat("FROM debian:12\n", "RUN apt-get install -y package#\n", ""), func(d []byte) error { _, err := ParseDockerfile(d); return err }},
		{"compose", repeat("services:\n", "  s#:\n    image: redis:#\n    ports: ['#:80']\n", ""), func(d []byte) error { _, err := ParseCompose(d); return err }},
		{"ci", repeat("language: ruby\nrvm:\n", "  - 2.#\n", ""), func(d []byte) error { _, err := ParseCI(".travis.yml", d); return err }},
	} {
		b.Run(p.name, func(b *testing.B) {
			if err := p.parse(p.data); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(p.data)))
			b.ReportAllocs()
			for b.Loop() {
				_ = p.parse(p.data)
			}
		})
	}
}
