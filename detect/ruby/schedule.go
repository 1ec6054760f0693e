package ruby

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/detect/manifest"
)

// whenever's words (the gem's README): "every 1.day, at: '4:30 am' do", with rake, runner and command inside.
var (
	everyOpens = manifest.Lazy(`^every\s*\(?\s*(?:(\d+)\.(minute|hour|day|week|month)s?|:(hour|day|weekday|weekend|week|month|year|sunday|monday|tuesday|wednesday|thursday|friday|saturday)|['"]([^'"]+)['"])\s*(?:,\s*(?::at\s*=>|at:)\s*\[?\s*['"]([^'"]+)['"])?`)
	taskOf     = manifest.Lazy(`^(rake|runner|command|rails)[\s(]+(?:"((?:[^"\\#]|\\.)*)"|'((?:[^'\\]|\\.)*)')`)
	clockOf    = manifest.Lazy(`^(\d{1,2})(?::(\d{2}))?\s*([apAP])?`)
)

// days are the names of days by cron's number.
var days = map[string]string{"sunday": "0", "monday": "1", "tuesday": "2", "wednesday": "3", "thursday": "4", "friday": "5", "saturday": "6", "weekday": "1-5", "weekend": "0,6"}

// schedules are the tasks that whenever writes into a machine's crontab.
func (a *app) schedules(c *detect.Component, fw framework, lookup func(string) (string, bool)) {
	if !a.has("whenever") && !a.dir.Has("config/schedule.rb") {
		return
	}
	statements, file, ok := a.statements("config/schedule.rb")
	if !ok {
		return
	}
	for _, s := range statements {
		m := taskOf.FindStringSubmatch(s.text)
		if m == nil || len(s.blocks) == 0 {
			continue
		}
		every := s.blocks[len(s.blocks)-1]
		cron, ok := wheneverTime(every.text)
		text := strings.ReplaceAll(m[2]+m[3], "\\", "")
		if !ok || text == "" {
			continue
		}
		var command []string
		switch m[1] {
		case "rake":
			command = a.bundled(append([]string{"rake"}, strings.Fields(text)...)...)
		case "runner", "rails":
			if !fw.rails() {
				continue
			}
			command = a.bundled("rails", "runner", text)
			if m[1] == "rails" {
				command = a.bundled(append([]string{"rails"}, strings.Fields(text)...)...)
			}
		default:
			command = manifest.Exec(text, lookup)
			if strings.HasPrefix(command[0], "/") || command[0] == "sh" {
				continue // a program of that machine
			}
		}
		c.AddSchedule(text, detect.Schedule{Cron: cron, Command: command, From: detect.Declared, Evidence: []detect.Evidence{file.Evidence(every.line), file.Evidence(s.line)}})
	}
}

// wheneverTime is the time of an opening of whenever in cron's words. Without "at" it is the start of the period.
func wheneverTime(opening string) (string, bool) {
	m := everyOpens.FindStringSubmatch(opening)
	if m == nil {
		return "", false
	}
	if m[4] != "" {
		return m[4], detect.CronTime(m[4])
	}
	n, unit := 1, m[3]
	if unit == "" {
		unit = m[2]
		if n, _ = strconv.Atoi(m[1]); n < 1 {
			return "", false
		}
	}
	minute, hour := "0", "0"
	if m[5] != "" {
		var ok bool
		if minute, hour, ok = clock(m[5]); !ok {
			return "", false
		}
	}
	step := "*"
	if n > 1 {
		step = fmt.Sprintf("*/%d", n)
	}
	var cron string
	switch unit {
	case "minute":
		cron = step + " * * * *"
	case "hour":
		cron = minute + " " + step + " * * *"
	case "day":
		cron = minute + " " + hour + " " + step + " * *"
	case "week":
		cron = minute + " " + hour + " * * 0"
	case "month":
		cron = minute + " " + hour + " 1 " + step + " *"
	case "year":
		cron = minute + " " + hour + " 1 1 *"
	default:
		cron = minute + " " + hour + " * * " + days[unit]
	}
	return cron, detect.CronTime(cron) && (unit != "week" || n == 1)
}

// clock reads "4:30 am" or "16:30".
func clock(s string) (minute, hour string, ok bool) {
	m := clockOf.FindStringSubmatch(s)
	if m == nil {
		return "", "", false
	}
	h, _ := strconv.Atoi(m[1])
	at, _ := strconv.Atoi("0" + m[2])
	switch strings.ToLower(m[3]) {
	case "p":
		h = h%12 + 12
	case "a":
		h %= 12
	}
	return strconv.Itoa(at), strconv.Itoa(h), h < 24 && at < 60
}
