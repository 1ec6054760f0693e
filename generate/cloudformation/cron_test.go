package cloudformation

import (
	"strings"
	"testing"
)

func TestCron(t *testing.T) {
	for cron, want := range map[string]string{
		"0 3 * * *": "cron(0 3 * * ? *)", "*/5 * * * *": "cron(*/5 * * * ? *)", "0 0 * * 0": "cron(0 0 ? * SUN *)", "0 0 * * 7": "cron(0 0 ? * SUN *)",
		"0 0 * * 1-5": "cron(0 0 ? * MON,TUE,WED,THU,FRI *)", "0 0 * * mon": "cron(0 0 ? * MON *)", "0 0 1 * 1": "cron(0 0 1 * ? *) cron(0 0 ? * MON *)",
		"0 0 * * */2": "cron(0 0 ? * SUN,TUE,THU,SAT *)", "0 0 * * 5-7": "cron(0 0 ? * SUN,FRI,SAT *)", "0 0 * * 9": "", "@daily": "", "0 0 * * 5-1": "",
	} {
		got, ok := Cron(cron)
		if strings.Join(got, " ") != want || ok != (want != "") {
			t.Errorf("%s: %q, %v, want %q", cron, got, ok, want)
		}
	}
}

func TestID(t *testing.T) {
	for want, words := range map[string][]string{"WebBucket": {"web", "bucket"}, "MyShopWeb": {"my-shop", "web"}, "S3Log": {"s3", "log"}} {
		if got := ID(words...); got != want {
			t.Errorf("%q: %s", words, got)
		}
	}
}
