package report

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// browser opens the page of a portfolio in a real Chromium. What the page complains of, and what it asks the network for, fails the test at its end.
func browser(t *testing.T, repositories int) context.Context {
	t.Helper()
	program := os.Getenv("DRYDOCK_CHROMIUM")
	if program == "" {
		program, _ = exec.LookPath("chromium")
	}
	if program == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no Chromium: DRYDOCK_CHROMIUM=\"$(hack/chromium)\"")
		}
		t.Skip("there is no Chromium: DRYDOCK_CHROMIUM=\"$(hack/chromium)\"")
	}
	file := filepath.Join(t.TempDir(), "index.html")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := HTML(f, portfolio(repositories)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.WindowSize(1300, 900), chromedp.WSURLReadTimeout(time.Minute))
	alloc, cancelAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
	var mu sync.Mutex
	var complaints []string
	ctx, cancel := chromedp.NewContext(alloc, chromedp.WithListener(func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			complaints = append(complaints, "exception: "+e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			complaints = append(complaints, "console: "+string(e.Type))
		case *log.EventEntryAdded:
			complaints = append(complaints, "log: "+e.Entry.Text)
		case *page.EventJavascriptDialogOpening:
			complaints = append(complaints, "dialog: "+e.Message)
		case *network.EventRequestWillBeSent:
			if u := e.Request.URL; !strings.HasPrefix(u, "file://"+file) && !strings.HasPrefix(u, "data:") {
				complaints = append(complaints, "request: "+u)
			}
		}
	}))
	t.Cleanup(func() {
		cancel()
		cancelAlloc()
		mu.Lock()
		defer mu.Unlock()
		for _, c := range complaints {
			t.Error(c)
		}
	})
	enable := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, networkErr := cdp.Call(ctx, target, network.Enable, network.EnableParams{})
		_, logErr := cdp.Call(ctx, target, log.Enable, cdp.Empty{})
		return errors.Join(networkErr, logErr)
	})
	if err := chromedp.Do(ctx, enable); err != nil {
		t.Fatal(err)
	}
	limited, cancelTimeout := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancelTimeout)
	do(limited, t, chromedp.Navigate("file://"+file), chromedp.WaitVisible("#table tbody tr"))
	return limited
}

func do(ctx context.Context, t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// say evaluates an expression that gives a text.
func say(ctx context.Context, t *testing.T, expression string) string {
	t.Helper()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string]("String("+expression+")"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func want(ctx context.Context, t *testing.T, expression, expected string) {
	t.Helper()
	got := ""
	for range 200 { // the page's policy lets nothing wait inside of it
		if got = say(ctx, t, expression); got == expected {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s is %q, want %q", expression, got, expected)
}

// script runs a script of the test in the page.
func script(text string) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := chromedp.Evaluate[any](text)(ctx, target)
		return err
	})
}

const count = `document.getElementById("count").textContent.split(",")[0]`

// TestPage uses the page as people do, by mouse and by keyboard.
func TestPage(t *testing.T) {
	ctx := browser(t, 40)
	want(ctx, t, count, "40 of 40 repositories")
	if title := say(ctx, t, "document.title"); title != "Container readiness of 40 repositories" {
		t.Errorf("a repository's name ran as a script: %s", title)
	}
	want(ctx, t, `document.querySelectorAll("img").length`, "0")

	t.Run("filter", func(t *testing.T) {
		do(ctx, t, chromedp.SendKeys("#q", "app0007 secret"))
		want(ctx, t, count, "1 of 40 repositories")
		do(ctx, t, chromedp.Click(`button[type=reset]`))
		want(ctx, t, count, "40 of 40 repositories")
		do(ctx, t, chromedp.Click(`button[data-filter=verdict][data-value=ready]`))
		want(ctx, t, count, "8 of 40 repositories")
		want(ctx, t, `document.getElementById("f-verdict").value`, "ready")
		do(ctx, t, chromedp.Focus("#f-owner"), chromedp.KeyEvent("team 3"))
		want(ctx, t, count, "1 of 40 repositories")
		do(ctx, t, chromedp.Click(`button[type=reset]`))
		want(ctx, t, count, "40 of 40 repositories")
	})
	t.Run("sort", func(t *testing.T) {
		const first = `document.querySelector("#table tbody tr td:nth-child(3)").textContent`
		do(ctx, t, chromedp.Click(`button[data-sort=s]`))
		want(ctx, t, `document.querySelector("[data-sort=s]").parentNode.getAttribute("aria-sort")`, "ascending")
		want(ctx, t, first, "0")
		do(ctx, t, chromedp.Click(`button[data-sort=s]`))
		want(ctx, t, `document.querySelector("[data-sort=s]").parentNode.getAttribute("aria-sort")`, "descending")
		want(ctx, t, first, "100")
		do(ctx, t, chromedp.Click(`button[data-sort=n]`))
		want(ctx, t, `document.querySelectorAll("#table tbody .open")[1].textContent`, "app0001")
	})
	t.Run("keyboard", func(t *testing.T) {
		do(ctx, t, script(`document.querySelector(".skip").focus()`), chromedp.KeyEvent(kb.Enter))
		want(ctx, t, `document.activeElement.id`, "repositories")
		for range 40 { // through the filters and the header to the first row
			do(ctx, t, chromedp.KeyEvent(kb.Tab))
			if say(ctx, t, `document.activeElement.className`) == "open" {
				break
			}
		}
		want(ctx, t, `document.activeElement.className`, "open")
		do(ctx, t, chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
		want(ctx, t, `document.activeElement.getAttribute("aria-expanded")`, "true")
		if detail := say(ctx, t, `document.querySelector(".detail").innerText`); !strings.Contains(detail, "config/settings1.rb:2") || !strings.Contains(detail, "local-files") {
			t.Errorf("the evidence is not shown: %s", detail)
		}
		do(ctx, t, chromedp.KeyEvent(kb.Escape))
		want(ctx, t, `document.querySelectorAll(".detail").length`, "0")
		want(ctx, t, `document.activeElement.className`, "open")
		do(ctx, t, chromedp.KeyEvent("/"))
		want(ctx, t, `document.activeElement.id`, "q")
	})
	t.Run("hostile names are text", func(t *testing.T) {
		do(ctx, t, script(`[...document.querySelectorAll(".open")].find(b => b.textContent.includes("img")).click()`))
		want(ctx, t, `document.querySelectorAll(".detail").length`, "1")
		want(ctx, t, `document.querySelectorAll("img").length`, "0")
		want(ctx, t, "document.title", "Container readiness of 40 repositories")
	})
	t.Run("accessible", func(t *testing.T) { axe(ctx, t) })
	t.Run("prints", func(t *testing.T) {
		pdf, err := chromedp.Run(ctx, chromedp.PrintToPDF())
		if err != nil || len(pdf) < 10_000 {
			t.Errorf("%d bytes of PDF: %v", len(pdf), err)
		}
	})
}

// axe has axe-core look at the page, in the light and the dark.
func axe(ctx context.Context, t *testing.T) {
	t.Helper()
	file := os.Getenv("DRYDOCK_AXE")
	if file == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no axe-core: DRYDOCK_AXE=\"$(hack/axe)\"")
		}
		t.Skip("there is no axe-core: DRYDOCK_AXE=\"$(hack/axe)\"")
	}
	checker, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	do(ctx, t, script(string(checker)+";0"))
	for _, scheme := range []string{"light", "dark"} {
		media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}}
		do(ctx, t, chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, media)
			return err
		}))
		found, err := chromedp.Run(ctx, chromedp.Evaluate[string](`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(r =>
			r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + (n.any[0] ? n.any[0].message : "")).join("; ")).join("\n"))`, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		if found != "" {
			t.Errorf("%s:\n%s", scheme, found)
		}
	}
}

// TestLargePage holds that 2,000 repositories can be filtered and sorted, and tells how long that takes.
func TestLargePage(t *testing.T) {
	ctx := browser(t, 2000)
	want(ctx, t, count, "2000 of 2000 repositories")
	begin := time.Now()
	do(ctx, t, chromedp.SetValue("#q", "app1"), script(`document.getElementById("q").dispatchEvent(new Event("input", {bubbles: true}))`))
	want(ctx, t, count, "1000 of 2000 repositories")
	want(ctx, t, `document.querySelectorAll("#table tbody tr").length`, "200")
	t.Logf("filtered after %s", time.Since(begin))
	do(ctx, t, script(`document.getElementById("more").click()`))
	want(ctx, t, `document.querySelectorAll("#table tbody tr").length`, "1000")
	want(ctx, t, `document.activeElement.className`, "open")
	do(ctx, t, script(`document.querySelector("button[type=reset]").click()`))
	want(ctx, t, `document.querySelectorAll("#table tbody tr").length`, "200")
	for _, column := range []string{"s", "n", "st"} {
		ms, err := chromedp.Run(ctx, chromedp.Evaluate[float64](`(() => { const a = performance.now(); document.querySelector("[data-sort=`+column+`]").click(); document.body.offsetHeight; return performance.now() - a })()`))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("sorted by %s in %.0f ms", column, ms)
	}
}
