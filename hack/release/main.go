// Release makes what is published of a version: for each platform an archive with the program, its manual pages, shell completions and
// the licences of all that is linked into it, beside them a bill of materials (CycloneDX) and checksums. The bytes depend on
// the commit and the Go release alone.
//
//	release [-version V] [-platforms LIST] [-out DIR]   writes the files
//	release -check [-platforms LIST]                    builds twice, from two copies with caches of their own, and compares every byte
//	release -licences                                   prints docs/LICENCES.md
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

// platforms are those that a release is made for.
const platforms = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	version := flags.String("version", "", "version to write into the program (default: git describe)")
	list := flags.String("platforms", platforms, "GOOS/GOARCH, separated by commas")
	out := flags.String("out", "dist", "directory to write to; it is emptied")
	check := flags.Bool("check", false, "build twice and compare")
	licences := flags.Bool("licences", false, "print the page of licences")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("what is %q? all is said by flags", flags.Arg(0))
	}
	if *licences {
		modules, err := linked(ctx, ".")
		if err != nil {
			return err
		}
		fmt.Print(page(modules))
		return nil
	}
	targets, err := parsePlatforms(*list)
	if err != nil {
		return err
	}
	if *check {
		return compareBuilds(ctx, *version, targets)
	}
	r := release{source: ".", out: *out, version: *version, targets: targets}
	return r.make(ctx)
}

// platform is an operating system and a processor as Go names them.
type platform struct{ os, arch string }

func (p platform) String() string { return p.os + "/" + p.arch }

func parsePlatforms(list string) ([]platform, error) {
	var out []platform
	for _, word := range strings.Split(list, ",") {
		goos, arch, ok := strings.Cut(strings.TrimSpace(word), "/")
		if !ok || goos == "" || arch == "" {
			return nil, fmt.Errorf("platform %q: want GOOS/GOARCH, such as linux/arm64", word)
		}
		out = append(out, platform{goos, arch})
	}
	if len(out) == 0 {
		return nil, errors.New("no platform is named")
	}
	return out, nil
}
