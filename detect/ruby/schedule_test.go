package ruby

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The tasks of whenever are the component's schedules; those of a program of the old machine are not.
func TestSchedules(t *testing.T) {
	c := one(t, rails("4.2.11", map[string]string{"Gemfile": "gem 'rails', '4.2.11'\ngem 'whenever', require: false\n", "config/schedule.rb": `
set :output, "log/cron.log"
every 1.day, :at => '4:30 am' do
  rake "reports:nightly"
  runner 'Invoice.remind("late")'
end
every :weekday, at: '6pm' do
  command "bin/export --all"
  command "/usr/bin/backup"
end
every(15.minutes) { rake "one:line" }
every 2.hours do
  rake "poll DEPTH=2"
end
every '0 0 27-31 * *' do
  rake "month:end"
end
every :reboot do
  rake "ts:start"
end
`}))
	var got []string
	for _, s := range c.Schedules {
		got = append(got, s.Name+": "+s.Cron+" "+strings.Join(s.Command, "|"))
	}
	want := []string{
		"reports-nightly: 30 4 * * * bundle|exec|rake|reports:nightly",
		`invoice-remind-late: 30 4 * * * bundle|exec|rails|runner|Invoice.remind("late")`,
		"bin-export-all: 0 18 * * 1-5 bin/export|--all",
		"poll-depth-2: 0 */2 * * * bundle|exec|rake|poll|DEPTH=2",
		"month-end: 0 0 27-31 * * bundle|exec|rake|month:end",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
