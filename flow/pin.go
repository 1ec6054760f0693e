package flow

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/joho/godotenv"

	"github.com/drydock-cli/drydock/generate"
	"github.com/drydock-cli/drydock/generate/dockerfile"
	"github.com/drydock-cli/drydock/plan"
	"github.com/drydock-cli/drydock/verify"
)

// pinDigests writes into the plan which image each tag stands for now: of the images that the files made of it stand on and of its
// services. Earlier digests give way.
func (j *Job) pinDigests(ctx context.Context, targets []generate.Target) error {
	p := j.plan.Clone()
	p.Digests = nil
	artifacts, err := generate.Run(ctx, p, targets)
	if err != nil {
		return err
	}
	images, err := dockerfile.BaseImages(artifacts)
	if err != nil {
		return err
	}
	for i := range p.Services {
		images = append(images, p.Pull(p.Services[i].Image.V))
	}
	slices.Sort(images)
	images = slices.DeleteFunc(slices.Compact(images), func(s string) bool { return strings.Contains(s, "@") })
	digests, err := verify.Digests(ctx, j.opts.Engine, images)
	if err != nil {
		return fmt.Errorf("--pin-digests: %w", err)
	}
	for _, image := range images {
		if err := p.SetBecause("digests."+image, digests[image], "chosen", plan.Pinned); err != nil {
			return fmt.Errorf("--pin-digests: %w", err)
		}
	}
	j.plan = p
	return nil
}

// verifySecrets reads the values that verification is given instead of made-up ones.
func (o Options) verifySecrets() (values map[string]string, build map[string][]byte, err error) {
	if o.EnvFile != "" {
		if values, err = godotenv.Read(o.EnvFile); err != nil {
			return nil, nil, &UsageError{fmt.Errorf("--env-file %s: %w", o.EnvFile, withoutValues(err))}
		}
	}
	build = map[string][]byte{}
	for _, s := range o.BuildSecrets {
		id, file, ok := strings.Cut(s, "=")
		if !ok || id == "" {
			return nil, nil, &UsageError{fmt.Errorf("--build-secret %s: it is ID=FILE, such as npmrc=~/.npmrc", s)}
		}
		if build[id], err = os.ReadFile(file); err != nil {
			return nil, nil, &UsageError{fmt.Errorf("--build-secret %s: %w", id, err)}
		}
	}
	return values, build, nil
}

// withoutValues keeps what a parser says of a file of secrets to itself, for it quotes the line; an error of the system stays.
func withoutValues(err error) error {
	if os.IsNotExist(err) || os.IsPermission(err) {
		return err
	}
	return fmt.Errorf("it holds a line that is not NAME=VALUE")
}
