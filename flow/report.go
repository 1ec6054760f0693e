package flow

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/drydock-cli/drydock/report"
)

// CheckReportName says whether a report can be written under a name: its ending chooses the form.
func CheckReportName(name string) error {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".md", ".html", ".htm":
		return nil
	}
	return fmt.Errorf("--report %s: the name ends in .md or .html", name)
}

// WriteReport writes the verdict with its evidence, measurements and attempts to a file: Markdown or one HTML page, by the name's ending.
func (r *Result) WriteReport(name string) error {
	if err := CheckReportName(name); err != nil {
		return &UsageError{err}
	}
	write := report.HTML
	if strings.EqualFold(filepath.Ext(name), ".md") {
		write = report.Markdown
	}
	var b bytes.Buffer
	if err := write(&b, report.Input{Findings: r.Findings, Verdict: r.Verdict, Command: r.Command}); err != nil {
		return fmt.Errorf("make the report: %w", err)
	}
	if err := replaceFile(name, b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
