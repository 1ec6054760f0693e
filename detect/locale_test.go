package detect

import "testing"

func TestLocale(t *testing.T) {
	for name, want := range map[string]string{
		"de_DE.UTF-8": "de_DE.UTF-8", "de_DE.utf8": "de_DE.UTF-8", "de_DE": "de_DE", "de_DE@euro": "de_DE@euro", "de_DE.ISO8859-1": "de_DE",
		"fr_FR.ISO-8859-15": "fr_FR@euro", "C.UTF-8": "", "POSIX": "", "": "", "xx_YY.UTF-8": "", "de_DE.UTF-8\nRUN evil": "", "German_Germany.1252": "", "ja_JP": "", "ja_JP.UTF-8": "ja_JP.UTF-8",
	} {
		if got, ok := Locale(name); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v, want %q", name, got, ok, want)
		}
	}
	facts := map[string]Value[string]{}
	for i, name := range []string{"de_DE.UTF-8", "nonsense", "de_DE.utf8", "it_IT.UTF-8"} {
		AddLocale(facts, name, Evidence{File: "a.php", Line: i})
	}
	if v := facts[FactLocales]; v.V != "de_DE.UTF-8 it_IT.UTF-8" || len(v.Evidence) != 2 || v.Evidence[1].Line != 3 {
		t.Errorf("%+v", v)
	}
}
