// Package fleet gives pieces of work to workers on many machines over NATS JetStream, and brings each piece's one result back. It knows nothing of what
// the work is: a piece has a key and a body, a result is bytes.
//
// A piece is a message of a work queue. A worker takes it by a lease, an entry of a key-value bucket, and goes on saying that it lives; when it is silent
// the message goes to another worker, whose lease replaces the entry. The result is written over the lease by compare-and-swap: a worker that has lost its
// lease cannot write, and of several results the first counts. A result is stored before its message is acknowledged.
package fleet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Names of what the fleet keeps on the server.
const (
	workStream   = "drydock-work"
	workSubject  = "drydock.work." // then the run and the piece's key
	eventSubject = "drydock.event."
	consumerName = "workers"
	resultBucket = "drydock-results" // leases, then results: run.key
	reportStore  = "drydock-reports" // results that a message cannot hold
)

// MaxAttempts is how many workers a piece of work may cost before its result says so.
const MaxAttempts = 3

// Options say how a fleet's server is reached.
type Options struct {
	URL         string // nats://host:4222, tls://host:4222, several separated by commas
	Credentials string // a file of NATS credentials (JWT and key); empty: none
	CACert      string // a file of certificates that the server's may stand on; empty: the system's
	Cert, Key   string // files of the client's own certificate; empty: none
	Name        string // what the server shows of this client

	// Silence is how long a worker may be silent before its work goes to another one; 0: 30 seconds. All of a fleet have the coordinator's.
	Silence time.Duration
	// Replicas are the copies that the servers keep of each message, 1 to 5; 0: 3 in a cluster, else 1.
	Replicas int

	memory  bool // nothing is kept on disk: the embedded server
	connect []nats.Option
}

// Conn is a connection to a fleet's server.
type Conn struct {
	nc   *nats.Conn
	js   jetstream.JetStream
	opts Options
}

// Connect connects to a fleet's server. The connection is kept up until Close: a server that goes away is waited for.
func Connect(opts Options) (*Conn, error) {
	opts.Silence = cmp.Or(opts.Silence, 30*time.Second)
	list := []nats.Option{nats.Name(cmp.Or(opts.Name, "drydock")), nats.MaxReconnects(-1), nats.ReconnectWait(500 * time.Millisecond), nats.RetryOnFailedConnect(false), nats.Timeout(10 * time.Second)}
	for _, f := range []struct {
		file string
		with func() nats.Option
	}{
		{opts.Credentials, func() nats.Option { return nats.UserCredentials(opts.Credentials) }},
		{opts.CACert, func() nats.Option { return nats.RootCAs(opts.CACert) }},
		{opts.Cert, func() nats.Option { return nats.ClientCert(opts.Cert, opts.Key) }},
	} {
		if f.file == "" {
			continue
		}
		if _, err := os.Stat(f.file); err != nil {
			return nil, fmt.Errorf("connect to the fleet: %w", err)
		}
		list = append(list, f.with())
	}
	nc, err := nats.Connect(opts.URL, append(list, opts.connect...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to the fleet at %s: %w\n  try: is a NATS server with JetStream there (nats-server -js)?", plainURL(opts.URL), err)
	}
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(10*time.Second))
	if err != nil {
		nc.Close()
		return nil, fmt.Errorf("connect to the fleet: %w", err)
	}
	return &Conn{nc, js, opts}, nil
}

// Close ends the connection.
func (c *Conn) Close() { c.nc.Close() }

// plainURL is an address without what may be secret in it.
func plainURL(s string) string {
	list := strings.Split(s, ",")
	for i, u := range list {
		scheme, rest, ok := strings.Cut(u, "://")
		if at := strings.LastIndexByte(rest, '@'); ok && at >= 0 {
			list[i] = scheme + "://" + rest[at+1:]
		}
	}
	return strings.Join(list, ",")
}

// prepare makes what the fleet keeps on the server, unless it is there.
func (c *Conn) prepare(ctx context.Context) error {
	replicas := c.opts.Replicas
	if replicas == 0 {
		if replicas = 1; c.nc.ConnectedClusterName() != "" && !c.opts.memory {
			replicas = 3
		}
	}
	err := c.make(ctx, replicas)
	if err != nil && replicas > 1 && c.opts.Replicas == 0 && ctx.Err() == nil {
		err = c.make(ctx, 1) // a cluster of fewer servers
	}
	if err != nil {
		return fmt.Errorf("prepare the fleet's server: %w\n  try: nats-server needs JetStream (-js), and the credentials need the right to make streams", err)
	}
	return nil
}

func (c *Conn) make(ctx context.Context, replicas int) error {
	kind := jetstream.FileStorage
	if c.opts.memory {
		kind = jetstream.MemoryStorage
	}
	// A piece that waits or is under way is not queued twice: one message a subject.
	stream, err := c.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: workStream, Subjects: []string{workSubject + ">"}, Retention: jetstream.WorkQueuePolicy, Storage: kind, Replicas: replicas,
		MaxMsgsPerSubject: 1, Discard: jetstream.DiscardNew, DiscardNewPerSubject: true, Duplicates: time.Second,
	})
	if err != nil {
		return err
	}
	if _, err := stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: consumerName, AckPolicy: jetstream.AckExplicitPolicy, AckWait: c.opts.Silence, MaxDeliver: -1, MaxAckPending: 100_000,
	}); err != nil {
		return err
	}
	if _, err := c.js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: resultBucket, History: 1, Storage: kind, Replicas: replicas}); err != nil {
		return err
	}
	_, err = c.js.CreateOrUpdateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: reportStore, Storage: kind, Replicas: replicas})
	return err
}

// store is the bucket of leases and results.
func (c *Conn) store(ctx context.Context) (jetstream.KeyValue, error) {
	return c.js.KeyValue(ctx, resultBucket)
}

// Job is a piece of work.
type Job struct {
	Key  string `json:"key"`  // letters, digits, - and _; unique in its run
	Body []byte `json:"body"` // what the worker is told; no credentials
}

// entry is what the bucket holds of a piece of work: a lease, then the result in its place.
type entry struct {
	Attempt int           `json:"attempt"` // the number of the lease: what fences off those before it
	Worker  string        `json:"worker"`
	Why     string        `json:"why,omitempty"` // what went wrong with the last attempt
	Done    bool          `json:"done,omitempty"`
	Lost    bool          `json:"lost,omitempty"` // done without a body: it has cost MaxAttempts workers
	Took    time.Duration `json:"took,omitempty"`
	Body    []byte        `json:"body,omitempty"`
	Object  string        `json:"object,omitempty"` // the name of the body in the object store
	Fetched bool          `json:"fetched,omitempty"`
}

// stale reports whether a write was refused because the entry had changed.
func stale(err error) bool {
	var api *jetstream.APIError
	if !errors.As(err, &api) {
		return false
	}
	return api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant
}

// patient tries again while the server cannot be reached or has no leader, until ctx ends. What the server refuses for good is returned.
func patient(ctx context.Context, try func() error) error {
	wait := 50 * time.Millisecond
	for {
		err := try()
		if err == nil || stale(err) || errors.Is(err, jetstream.ErrKeyNotFound) || errors.Is(err, jetstream.ErrKeyExists) || errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrMaxPayload) {
			return err
		}
		var api *jetstream.APIError
		if errors.As(err, &api) && api.Code < 500 && api.Code != 408 && api.Code != 429 {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), err)
		case <-time.After(wait):
			wait = min(2*wait, 2*time.Second)
		}
	}
}
