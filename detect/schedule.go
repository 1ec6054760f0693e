package detect

import (
	"fmt"
	"slices"
	"strings"
)

// Schedule is a command that is started from the component's image again and again, as cron did.
type Schedule struct {
	Name     string   // unique in the component; [a-z0-9-]+, at most 40 bytes
	Cron     string   // when: five fields, "0 3 * * *"; the time zone is the platform's
	Command  []string // exec form
	From     Origin
	Why      string
	Evidence []Evidence
}

// AddSchedule adds a schedule under a name made of words, made unique by a number. One with the same time and command is not added again.
func (c *Component) AddSchedule(words string, s Schedule) {
	base := scheduleName(words)
	s.Name = base
	for i := 0; i < len(c.Schedules); i++ {
		have := c.Schedules[i]
		if have.Cron == s.Cron && slices.Equal(have.Command, s.Command) {
			return
		}
	}
	for n := 2; slices.ContainsFunc(c.Schedules, func(have Schedule) bool { return have.Name == s.Name }); n++ {
		s.Name = fmt.Sprintf("%s-%d", base, n)
	}
	c.Schedules = append(c.Schedules, s)
}

// scheduleName is made of the letters and digits of some words.
func scheduleName(words string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, words)
	name = strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '-' }), "-")
	if name == "" || name[0] < 'a' { // names of platforms begin with a letter
		name = strings.TrimSuffix("task-"+name, "-")
	}
	return strings.Trim(name[:min(len(name), 30)], "-")
}

// cronFields are the smallest and largest number of each field, and the names that stand for numbers from the smallest on.
var cronFields = []struct {
	low, high int
	names     string
}{{0, 59, ""}, {0, 23, ""}, {1, 31, ""}, {1, 12, "jan feb mar apr may jun jul aug sep oct nov dec"}, {0, 7, "sun mon tue wed thu fri sat"}}

// CronTime reports whether a text is a time of cron: five fields of numbers, ranges, lists, steps, and names of months and days.
func CronTime(s string) bool {
	fields := strings.Split(s, " ")
	if len(fields) != len(cronFields) {
		return false
	}
	for i, field := range fields {
		for part := range strings.SplitSeq(field, ",") {
			if !cronPart(part, i) {
				return false
			}
		}
	}
	return true
}

func cronPart(part string, field int) bool {
	span, step, stepped := strings.Cut(part, "/")
	if n, ok := number(step); stepped && (!ok || n < 1 || n > 1000) {
		return false
	}
	if span == "*" {
		return true
	}
	first, last, isRange := strings.Cut(span, "-")
	low, ok := cronNumber(first, field)
	if !ok || !isRange {
		return ok
	}
	high, ok := cronNumber(last, field)
	return ok && low <= high
}

func cronNumber(s string, field int) (int, bool) {
	f := cronFields[field]
	if n, ok := number(s); ok {
		return n, n >= f.low && n <= f.high
	}
	for i, name := range strings.Fields(f.names) {
		if strings.EqualFold(s, name) {
			return f.low + i, true
		}
	}
	return 0, false
}

// number reads up to four digits.
func number(s string) (int, bool) {
	if s == "" || len(s) > 4 {
		return 0, false
	}
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
