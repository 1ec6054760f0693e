package inventory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Forge lists what an organisation keeps on a server.
type Forge struct {
	// Base is the address of the API: https://api.github.com, https://gitlab.example.com/api/v4.
	Base  string
	Token string // sent to Base's own host only; empty: what is public
	// Archived lists archived repositories too. Forks lists forks.
	Archived, Forks bool
	Client          *http.Client // nil: http.DefaultClient
	// Wait sleeps when the server asks for it; nil: a timer. It must return when ctx ends.
	Wait func(ctx context.Context, d time.Duration) error
}

const (
	maxPages    = 500
	maxPageSize = 32 << 20
	patience    = 5 * time.Minute // the longest that a server may make us wait
	tries       = 4
)

// gitHubRepository and gitLabProject are the parts of an API's answer that are read.
type gitHubRepository struct {
	Name     string   `json:"full_name"`
	URL      string   `json:"clone_url"`
	Archived bool     `json:"archived"`
	Disabled bool     `json:"disabled"`
	Fork     bool     `json:"fork"`
	Size     int64    `json:"size"`
	Topics   []string `json:"topics"`
	Owner    struct {
		Login string `json:"login"`
	} `json:"owner"`
}

type gitLabProject struct {
	Name      string   `json:"path_with_namespace"`
	URL       string   `json:"http_url_to_repo"`
	Archived  bool     `json:"archived"`
	Empty     bool     `json:"empty_repo"`
	Topics    []string `json:"topics"`
	ForkedBy  any      `json:"forked_from_project"`
	Namespace struct {
		FullPath string `json:"full_path"`
	} `json:"namespace"`
}

// GitHub lists the repositories of an organisation, or of a user where there is no organisation of that name.
func (f Forge) GitHub(ctx context.Context, org string) ([]Item, error) {
	items, err := f.gitHub(ctx, "orgs", org)
	var status *StatusError
	if errors.As(err, &status) && status.Code == http.StatusNotFound {
		return f.gitHub(ctx, "users", org)
	}
	return items, err
}

func (f Forge) gitHub(ctx context.Context, kind, name string) ([]Item, error) {
	var items []Item
	at := fmt.Sprintf("%s/%s/%s/repos?per_page=100&type=all", strings.TrimRight(f.Base, "/"), kind, url.PathEscape(name))
	err := f.pages(ctx, at, "application/vnd.github+json", func(data []byte) error {
		var page []gitHubRepository
		if err := json.Unmarshal(data, &page); err != nil {
			return err
		}
		for _, r := range page {
			if r.URL == "" || r.Disabled || r.Archived && !f.Archived || r.Fork && !f.Forks {
				continue
			}
			items = append(items, Item{Location: r.URL, Name: r.Name, Owner: r.Owner.Login, Tags: r.Topics})
		}
		return nil
	})
	return items, err
}

// GitLab lists the projects of a group and of the groups below it.
func (f Forge) GitLab(ctx context.Context, group string) ([]Item, error) {
	var items []Item
	at := fmt.Sprintf("%s/groups/%s/projects?per_page=100&include_subgroups=true&order_by=path&sort=asc", strings.TrimRight(f.Base, "/"), url.PathEscape(group))
	err := f.pages(ctx, at, "application/json", func(data []byte) error {
		var page []gitLabProject
		if err := json.Unmarshal(data, &page); err != nil {
			return err
		}
		for _, p := range page {
			if p.URL == "" || p.Empty || p.Archived && !f.Archived || p.ForkedBy != nil && !f.Forks {
				continue
			}
			items = append(items, Item{Location: p.URL, Name: p.Name, Owner: p.Namespace.FullPath, Tags: p.Topics})
		}
		return nil
	})
	return items, err
}

// StatusError is an answer that is none.
type StatusError struct {
	URL  string
	Code int
	Text string
}

func (e *StatusError) Error() string {
	s := fmt.Sprintf("list %s: the server answered %d %s", e.URL, e.Code, http.StatusText(e.Code))
	if e.Text != "" {
		s += ": " + e.Text
	}
	switch e.Code {
	case http.StatusUnauthorized, http.StatusForbidden:
		s += "\n  try: a token in GITHUB_TOKEN or GITLAB_TOKEN that may list the organisation's repositories"
	case http.StatusNotFound:
		s += "\n  try: the organisation's or group's name as its web address has it; one that is not public is hidden without a token"
	}
	return s
}

// pages reads a list page by page, as the Link header leads.
func (f Forge) pages(ctx context.Context, at, accept string, each func([]byte) error) error {
	first, err := url.Parse(at)
	if err != nil || first.Host == "" || first.Scheme != "http" && first.Scheme != "https" {
		return fmt.Errorf("%q is not the address of an API: https://HOST/PATH is wanted", f.Base)
	}
	for range maxPages {
		data, next, err := f.page(ctx, at, accept)
		if err != nil {
			return err
		}
		if err := each(data); err != nil {
			return fmt.Errorf("list %s: the answer is not what the API promises: %w", first.Host, err)
		}
		if next == "" {
			return nil
		}
		to, err := first.Parse(next)
		if err != nil || to.Host != first.Host || to.Scheme != first.Scheme {
			return fmt.Errorf("list %s: the next page is said to be on another server, which does not get the token", first.Host)
		}
		at = to.String()
	}
	return fmt.Errorf("list %s: more than %d pages", first.Host, maxPages)
}

var nextLink = regexp.MustCompile(`<([^<>]+)>\s*;\s*rel="?next"?`)

// page asks for one page, again when the server is busy or wants us to wait.
func (f Forge) page(ctx context.Context, at, accept string) (data []byte, next string, err error) {
	client := f.Client
	if client == nil {
		client = &http.Client{Timeout: time.Minute, CheckRedirect: sameHost}
	}
	for try := 1; ; try++ {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
		if err != nil {
			return nil, "", err
		}
		req.Header.Set("Accept", accept)
		if f.Token != "" {
			req.Header.Set("Authorization", "Bearer "+f.Token)
		}
		resp, err := client.Do(req)
		if err != nil {
			return nil, "", fmt.Errorf("list %s: %w", req.URL.Host, err)
		}
		data, err = io.ReadAll(io.LimitReader(resp.Body, maxPageSize))
		_ = resp.Body.Close()
		if err != nil {
			return nil, "", fmt.Errorf("list %s: %w", req.URL.Host, err)
		}
		if resp.StatusCode == http.StatusOK {
			if m := nextLink.FindStringSubmatch(resp.Header.Get("Link")); m != nil {
				next = m[1]
			}
			return data, next, nil
		}
		status := &StatusError{URL: req.URL.Host + req.URL.Path, Code: resp.StatusCode, Text: message(data)}
		wait, again := pause(resp, try)
		if !again || try == tries {
			return nil, "", status
		}
		if wait > patience {
			return nil, "", fmt.Errorf("%w\n  the server asks to wait %s; run it again then", status, wait.Round(time.Second))
		}
		if err := f.wait(ctx, wait); err != nil {
			return nil, "", err
		}
	}
}

func sameHost(req *http.Request, via []*http.Request) error {
	if len(via) > 5 || req.URL.Host != via[0].URL.Host {
		return errors.New("it leads to another server, which does not get the token")
	}
	return nil
}

// pause says how long to wait before a page is asked for again.
func pause(resp *http.Response, try int) (time.Duration, bool) {
	limited := resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusForbidden && resp.Header.Get("X-Ratelimit-Remaining") == "0"
	if !limited && resp.StatusCode < 500 && resp.Header.Get("Retry-After") == "" {
		return 0, false
	}
	if n, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && n >= 0 {
		return time.Duration(n) * time.Second, true
	}
	if at, err := strconv.ParseInt(resp.Header.Get("X-Ratelimit-Reset"), 10, 64); err == nil && limited {
		return max(time.Until(time.Unix(at, 0)), time.Second), true
	}
	return time.Duration(try) * time.Second, true
}

func (f Forge) wait(ctx context.Context, d time.Duration) error {
	if f.Wait != nil {
		return f.Wait(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// message is what the server says of an error, short.
func message(data []byte) string {
	var doc struct {
		Message any `json:"message"`
		Error   any `json:"error"`
	}
	if json.Unmarshal(data, &doc) != nil {
		return ""
	}
	for _, m := range []any{doc.Message, doc.Error} {
		if s, ok := m.(string); ok && s != "" {
			return s[:min(len(s), 200)]
		}
	}
	return ""
}
