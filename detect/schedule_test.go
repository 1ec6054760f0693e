package detect

import "testing"

func TestCronTime(t *testing.T) {
	for text, want := range map[string]bool{
		"* * * * *": true, "*/5 * * * *": true, "0 0 1 jan sun": true, "0 0 1,15 * 1-5": true, "10-50/10 * * * *": true, "0 0 * * 7": true,
		"": false, "* * * *": false, "60 * * * *": false, "* 24 * * *": false, "* * 0 * *": false, "* * * 13 *": false, "* * * * 8": false,
		"5-1 * * * *": false, "*/0 * * * *": false, "1,, * * * *": false, "a b c d e": false, "* * * * *\n": false, "-1 * * * *": false, "*/ * * * *": false,
	} {
		if got := CronTime(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

func TestAddSchedule(t *testing.T) {
	var c Component
	for _, words := range []string{"bin/Nightly job", "bin nightly job", "42", "", "reports:everything that the month has seen and more"} {
		c.AddSchedule(words, Schedule{Cron: "0 0 * * *", Command: []string{words}})
	}
	c.AddSchedule("again", Schedule{Cron: "0 0 * * *", Command: []string{"42"}})
	var got string
	for _, s := range c.Schedules {
		got += s.Name + " "
	}
	if got != "bin-nightly-job bin-nightly-job-2 task-42 task reports-everything-that-the-mo " {
		t.Error(got)
	}
}
