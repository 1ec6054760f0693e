package cloudformation

import (
	"strconv"
	"strings"
)

// Cron writes a time of cron as EventBridge reads it: years behind the weekdays, days named by their names, and of day and weekday one left
// open. Where cron names both, either of them counts, which takes two expressions. False: it cannot be written.
// Source: Amazon EventBridge Scheduler User Guide, "Cron-based schedules".
func Cron(cron string) ([]string, bool) {
	f := strings.Fields(cron)
	if len(f) != 5 {
		return nil, false
	}
	days, ok := weekdays(f[4])
	if !ok {
		return nil, false
	}
	by := func(day, weekday string) string {
		return "cron(" + strings.Join([]string{f[0], f[1], day, f[3], weekday, "*"}, " ") + ")"
	}
	switch {
	case f[4] == "*":
		return []string{by(f[2], "?")}, true
	case f[2] == "*":
		return []string{by("?", days)}, true
	}
	return []string{by(f[2], "?"), by("?", days)}, true
}

var dayNames = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"}

// weekdays writes cron's weekdays (0 and 7 are Sunday) as a list of names.
func weekdays(field string) (string, bool) {
	if field == "*" {
		return "*", true
	}
	var on [7]bool
	for part := range strings.SplitSeq(field, ",") {
		span, step, stepped := strings.Cut(part, "/")
		by := 1
		if stepped {
			n, err := strconv.Atoi(step)
			if err != nil || n < 1 {
				return "", false
			}
			by = n
		}
		first, last, isRange := strings.Cut(span, "-")
		if span == "*" {
			first, last, isRange = "0", "6", true
		}
		from, ok := weekday(first)
		to := from
		if isRange {
			var fine bool
			to, fine = weekday(last)
			ok = ok && fine
		}
		if !ok || to < from {
			return "", false
		}
		for d := from; d <= to; d += by {
			on[d%7] = true
		}
	}
	var names []string
	for d, set := range on {
		if set {
			names = append(names, dayNames[d])
		}
	}
	return strings.Join(names, ","), len(names) > 0
}

func weekday(s string) (int, bool) {
	if n, err := strconv.Atoi(s); err == nil {
		return n, n >= 0 && n <= 7
	}
	for n, name := range dayNames[:7] {
		if strings.EqualFold(s, name) {
			return n, true
		}
	}
	return 0, false
}
