package main

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/drydock-cli/drydock/detect"
	"github.com/drydock-cli/drydock/fleet"
	"github.com/drydock-cli/drydock/flow"
)

// fleetFlags say how a fleet's server is reached.
type fleetFlags struct {
	url, credentials, ca, cert, key string
	silence                         time.Duration
	replicas                        int
}

func (v *fleetFlags) add(f *pflag.FlagSet) {
	f.StringVar(&v.url, "fleet", "", "address of the fleet's NATS server, nats://HOST:4222, several separated by commas (or DRYDOCK_FLEET)")
	f.StringVar(&v.credentials, "fleet-credentials", "", "file of NATS credentials (or DRYDOCK_FLEET_CREDENTIALS)")
	f.StringVar(&v.ca, "fleet-ca", "", "file of certificates that the fleet's server may stand on")
	f.StringVar(&v.cert, "fleet-cert", "", "file of this client's certificate, with --fleet-key")
	f.StringVar(&v.key, "fleet-key", "", "file of the key of --fleet-cert")
}

// options are nil without a fleet.
func (v *fleetFlags) options(a *app) (*fleet.Options, error) {
	address := cmp.Or(v.url, a.environ("DRYDOCK_FLEET"))
	if address == "" {
		return nil, nil //nolint:nilnil // no fleet is no error
	}
	if (v.cert == "") != (v.key == "") {
		return nil, &flow.UsageError{Err: fmt.Errorf("--fleet-cert and --fleet-key go together")}
	}
	host, _ := os.Hostname()
	return &fleet.Options{
		URL: address, Credentials: cmp.Or(v.credentials, a.environ("DRYDOCK_FLEET_CREDENTIALS")), CACert: v.ca, Cert: v.cert, Key: v.key,
		Name: "drydock on " + host, Silence: v.silence, Replicas: v.replicas,
	}, nil
}

func (a *app) workerCommand() *cobra.Command {
	v := &fleetFlags{}
	jobs, name := 0, ""
	c := &cobra.Command{
		Use:   "worker",
		Short: "Assess repositories for a fleet until it is stopped",
		Long: `Takes repositories from the queue of a fleet, assesses them as the coordinator asks (drydock assess --fleet) and gives back the rows. Start one on
every machine: it must be of the coordinator's version, and with --verify it needs an engine. Credentials for sources are this machine's own (its Git
configuration, DRYDOCK_GIT_TOKEN): none comes over the queue. Told to stop, it gives back what it has not finished. docs/FLEET.md says more.`,
		Example: `  drydock worker --fleet nats://10.0.0.5:4222 --jobs 4
  DRYDOCK_FLEET=tls://fleet.example.com drydock worker --fleet-credentials worker.creds`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			server, err := v.options(a)
			if err != nil {
				return err
			}
			if server == nil {
				return &flow.UsageError{Err: fmt.Errorf("which fleet is not said\n  try: drydock worker --fleet nats://HOST:4222")}
			}
			child, err := flow.Executable("assess-worker")
			if err != nil {
				return err
			}
			host, _ := os.Hostname()
			opts := flow.WorkerOptions{
				Options: a.options(), Fleet: *server, Name: cmp.Or(name, fmt.Sprintf("%s-%d", host, os.Getpid())), Jobs: jobs, Worker: child, Version: build(),
				Results: filepath.Join(xdg.CacheHome, "drydock", "assess"),
			}
			if !a.flags.quiet {
				opts.Log = func(text string) {
					fmt.Fprintln(a.err, time.Now().Format("15:04:05"), detect.Printable(detect.MaskSecrets(text), 500))
				}
				opts.Log("worker " + opts.Name)
			}
			return flow.FleetWorker(c.Context(), opts)
		},
	}
	v.add(c.Flags())
	c.Flags().IntVar(&jobs, "jobs", 1, "repositories at a time")
	c.Flags().StringVar(&name, "name", "", "what the results of this worker are marked with (default: host and process)")
	return c
}

func (a *app) fleetCommand() *cobra.Command {
	c := &cobra.Command{Use: "fleet", Short: "What a fleet of workers needs", Args: cobra.NoArgs}
	var o fleet.ManifestOptions
	kind := ""
	m := &cobra.Command{
		Use:     "manifest",
		Short:   "The file by which a platform starts workers",
		Long:    "Prints what starts `drydock worker` on a Swarm (one on every node), Kubernetes (a deployment, each with an engine beside it), Nomad (one on every client) or a machine with systemd.",
		Example: "  drydock fleet manifest --for swarm --fleet nats://10.0.0.5:4222 | docker stack deploy -c - drydock",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			o.URL = cmp.Or(o.URL, a.environ("DRYDOCK_FLEET"))
			text, err := fleet.Manifest(kind, o)
			if err != nil {
				return &flow.UsageError{Err: err}
			}
			if a.flags.json {
				return a.document(map[string]any{"schemaVersion": 1, "for": kind, "manifest": text})
			}
			_, err = fmt.Fprint(a.out, text)
			return err
		},
	}
	f := m.Flags()
	f.StringVar(&kind, "for", "", strings.Join(fleet.ManifestKinds(), ", "))
	f.StringVar(&o.URL, "fleet", "", "address of the fleet's NATS server (or DRYDOCK_FLEET)")
	f.StringVar(&o.Image, "image", "", "drydock's image (default: ghcr.io/drydock-cli/drydock:latest)")
	f.StringVar(&o.Secret, "secret", "", "name of the platform's secret that holds NATS credentials")
	f.IntVar(&o.Jobs, "jobs", 1, "repositories at a time on each worker")
	f.IntVar(&o.Replicas, "replicas", 3, "workers, where the platform does not decide")
	f.IntVar(&o.MemoryMiB, "memory", 0, "MiB of each worker (default: 1024, and 512 for each job beyond the first)")
	c.AddCommand(m)
	return c
}
