package survey

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/drydock-cli/drydock/detect"
)

func TestParseCrontab(t *testing.T) {
	got := parseCrontab([]byte("# m h dom mon dow command\nMAILTO=ops@example.com\n0 3 * * *  cd /srv/app && bin/nightly\n@daily php cron.php\n"+
		"*/15 8-18 * * mon-fri\tdate +\\%F\n0 0 * * * mail % text\n61 * * * * x\n@reboot x\nnot a line at all ok\n"), false)
	want := []cronEntry{{Line: 3, Cron: "0 3 * * *", Command: "cd /srv/app && bin/nightly"}, {Line: 4, Cron: "0 0 * * *", Command: "php cron.php"},
		{Line: 5, Cron: "*/15 8-18 * * mon-fri", Command: "date +%F"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(cronEntry{})); diff != "" {
		t.Error(diff)
	}
	got = parseCrontab([]byte("17 * * * * root run-parts /etc/cron.hourly\n@weekly www-data php x.php\n@weekly x\n"), true)
	want = []cronEntry{{Line: 1, Cron: "17 * * * *", User: "root", Command: "run-parts /etc/cron.hourly"}, {Line: 2, Cron: "0 0 * * 0", User: "www-data", Command: "php x.php"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(cronEntry{})); diff != "" {
		t.Error(diff)
	}
}

func TestSchedules(t *testing.T) {
	crontab := "0 3 * * * cd /srv/app/current && RAILS_ENV=production bundle exec rake reports:nightly >> /var/log/cron.log 2>&1\n" +
		"*/5 * * * * /srv/app/current/bin/poll --all\n" +
		"5 * * * * /usr/bin/ruby /srv/app/current/script/sweep.rb 'two words'\n" +
		"0 1 * * * /usr/local/bin/backup.sh\n0 2 * * * certbot renew\n0 4 * * * ruby -e 'x' | mail\n0 4 * * * rake $TASK\n0 5 * * * ruby /opt/other.rb\n"
	f := look(t, map[string]string{"web": "", "bin/poll": "", "script/sweep.rb": "", "config/crontab": crontab})
	var got []string
	for _, c := range f.Components {
		for _, s := range c.Schedules {
			got = append(got, s.Name+": "+s.Cron+" "+strings.Join(s.Command, "|"))
		}
	}
	want := []string{"reports-nightly: 0 3 * * * env|RAILS_ENV=production|bundle|exec|rake|reports:nightly", "poll: */5 * * * * bin/poll|--all", "two-words: 5 * * * * ruby|script/sweep.rb|two words"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func FuzzParseCrontab(f *testing.F) {
	f.Add([]byte("0 3 * * * root cd /x && y\n@daily a\\%b\n"), true)
	f.Add([]byte("*/15 8-18 * * mon-fri x\n"), false)
	f.Fuzz(func(t *testing.T, data []byte, system bool) {
		for _, e := range parseCrontab(data, system) {
			if !detect.CronTime(e.Cron) || e.Command == "" || e.Line < 1 || e.Line > 1+strings.Count(string(data), "\n") {
				t.Fatalf("%+v", e)
			}
		}
	})
}
