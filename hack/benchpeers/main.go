// Benchpeers runs drydock and whichever of its peers are on PATH over the same trees, one after the other in each round, and prints a Markdown table: the
// median of the wall-clock and of the processor time, and the largest memory. With -build it also lets each make an image, and prints its size and
// how long that took.
//
//	benchpeers [-n ROUNDS] [-build] [-drydock PROGRAM] DIR...
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "benchpeers:", err)
		os.Exit(1)
	}
}

// peer is a program that says what a tree is made of, and may build an image of it. {dir}, {tmp} and {image} are filled in.
type peer struct {
	name, program string
	detect        []string
	build         [][]string
}

// peers are by their own documentation. Docker init asks and cannot be scripted; pack has no command that only detects.
var peers = []peer{
	{"drydock", "drydock", []string{"detect", "--json", "{dir}"}, [][]string{{"drydock", "generate", "{dir}", "--yes", "-q", "--target", "compose", "-o", "{tmp}/out"}, {"docker", "build", "-q", "-t", "{image}", "{tmp}/out"}}},
	{"railpack", "railpack", []string{"info", "--format", "json", "{dir}"}, [][]string{{"railpack", "build", "--name", "{image}", "{dir}"}}},
	{"nixpacks", "nixpacks", []string{"plan", "{dir}"}, [][]string{{"nixpacks", "build", "--name", "{image}", "{dir}"}}},
	{"move2kube", "move2kube", []string{"plan", "-s", "{dir}", "-p", "{tmp}/m2k.plan"}, nil},
	{"alizer", "alizer", []string{"component", "{dir}"}, nil},
	{"pack", "pack", nil, [][]string{{"pack", "build", "{image}", "--path", "{dir}"}}},
}

// usage is what one process took.
type usage struct {
	wall, cpu time.Duration
	memory    int64 // bytes
	failed    bool
}

func run(ctx context.Context, out io.Writer, args []string) error {
	flags := flag.NewFlagSet("benchpeers", flag.ContinueOnError)
	rounds := flags.Int("n", 5, "rounds")
	build := flags.Bool("build", false, "build an image with each")
	drydock := flags.String("drydock", "drydock", "drydock's program")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 || *rounds < 1 {
		return errors.New("no tree is named: benchpeers [-n ROUNDS] [-build] DIR")
	}
	var found []peer
	for _, p := range peers {
		if p.name == "drydock" {
			p.program = *drydock
		}
		if path, err := exec.LookPath(p.program); err == nil {
			p.program = path
			found = append(found, p)
		}
	}
	if len(found) == 0 {
		return fmt.Errorf("neither %s nor a peer is on PATH", *drydock)
	}
	head := "| tree | program | wall | processor | memory |"
	if *build {
		head += " image | build |"
	}
	fmt.Fprintf(out, "%s\n|%s\n", head, strings.Repeat(" --- |", strings.Count(head, "|")-1))
	for _, dir := range flags.Args() {
		abs, err := filepath.Abs(dir)
		if err == nil {
			_, err = os.Stat(abs)
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", dir, err)
		}
		if err := compare(ctx, out, found, abs, *rounds, *build); err != nil {
			return err
		}
	}
	return nil
}

// compare prints the rows of one tree. The programs take turns, so that what else the machine does meets all of them.
func compare(ctx context.Context, out io.Writer, found []peer, dir string, rounds int, build bool) error {
	took := make([][]usage, len(found))
	for range rounds {
		for i, p := range found {
			if p.detect == nil {
				continue
			}
			u, err := once(ctx, dir, append([]string{p.program}, p.detect...))
			if err != nil {
				return err
			}
			took[i] = append(took[i], u)
		}
	}
	for i, p := range found {
		row := fmt.Sprintf("| %s | %s | %s |", filepath.Base(dir), p.name, summary(took[i]))
		if build {
			size, seconds, err := image(ctx, p, dir)
			switch {
			case err != nil && ctx.Err() != nil:
				return ctx.Err()
			case err != nil:
				row += " not built | – |"
			default:
				row += fmt.Sprintf(" %d MB | %.1f s |", size/1_000_000, seconds)
			}
		}
		fmt.Fprintln(out, row)
	}
	return nil
}

// summary is the cells of what a program took.
func summary(took []usage) string {
	if len(took) == 0 {
		return "– | – | –"
	}
	if slices.ContainsFunc(took, func(u usage) bool { return u.failed }) {
		return "failed | – | –"
	}
	var wall, cpu []time.Duration
	most := int64(0)
	for _, u := range took {
		wall, cpu, most = append(wall, u.wall), append(cpu, u.cpu), max(most, u.memory)
	}
	slices.Sort(wall)
	slices.Sort(cpu)
	return fmt.Sprintf("%.3f s | %.3f s | %d MiB", wall[len(wall)/2].Seconds(), cpu[len(cpu)/2].Seconds(), most>>20)
}

// once runs a command over a tree and measures it.
func once(ctx context.Context, dir string, command []string) (usage, error) {
	tmp, err := os.MkdirTemp("", "benchpeers-")
	if err != nil {
		return usage{}, fmt.Errorf("measure: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	words := fill(command, dir, tmp, "")
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir = tmp
	begin := time.Now()
	err = cmd.Run()
	u := usage{wall: time.Since(begin)}
	if ctx.Err() != nil {
		return u, ctx.Err()
	}
	if cmd.ProcessState == nil {
		return u, fmt.Errorf("start %s: %w", words[0], err)
	}
	u.failed = err != nil
	u.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.memory = r.Maxrss << 10 // Linux counts in KiB
	}
	return u, nil
}

// image lets a program build an image of a tree and returns its size in bytes.
func image(ctx context.Context, p peer, dir string) (size int64, seconds float64, err error) {
	if p.build == nil {
		return 0, 0, fmt.Errorf("%s builds no image", p.name)
	}
	tmp, err := os.MkdirTemp("", "benchpeers-")
	if err != nil {
		return 0, 0, fmt.Errorf("measure: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	name := "benchpeers-" + p.name + ":local"
	begin := time.Now()
	for _, command := range p.build {
		words := fill(command, dir, tmp, name)
		if words[0] == p.name {
			words[0] = p.program
		}
		if said, err := exec.CommandContext(ctx, words[0], words[1:]...).CombinedOutput(); err != nil {
			return 0, 0, fmt.Errorf("%s: %w: %s", strings.Join(words, " "), err, said)
		}
	}
	seconds = time.Since(begin).Seconds()
	out, err := exec.CommandContext(ctx, "docker", "image", "inspect", "-f", "{{.Size}}", name).Output()
	if err != nil {
		return 0, 0, fmt.Errorf("look at the image: %w", err)
	}
	size, err = strconv.ParseInt(strings.TrimSpace(string(out)), 10, 64)
	_ = exec.CommandContext(context.WithoutCancel(ctx), "docker", "image", "rm", "-f", name).Run()
	return size, seconds, err
}

func fill(command []string, dir, tmp, image string) []string {
	r := strings.NewReplacer("{dir}", dir, "{tmp}", tmp, "{image}", image)
	out := make([]string, len(command))
	for i, w := range command {
		out[i] = r.Replace(w)
	}
	return out
}
