package fleet

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Embedded is a server inside this process that no other can reach: no port is opened, and nothing stays when it is closed.
type Embedded struct {
	*Conn
	server *server.Server
	dir    string
}

// Embed starts a server in this process and connects to it. What it holds is in memory: dir, a new folder below it, is for the little that JetStream writes
// all the same; empty: the folder for temporary files.
func Embed(dir string) (*Embedded, error) {
	dir, err := os.MkdirTemp(dir, "fleet-")
	if err != nil {
		return nil, fmt.Errorf("start the embedded server: %w", err)
	}
	e := &Embedded{dir: dir}
	e.server, err = server.NewServer(&server.Options{ServerName: "drydock", DontListen: true, JetStream: true, StoreDir: dir, NoLog: true, NoSigs: true, JetStreamMaxMemory: 1 << 30, MaxPayload: 8 << 20})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the embedded server: %w", err), os.RemoveAll(dir))
	}
	e.server.Start()
	if !e.server.ReadyForConnections(20 * time.Second) {
		return nil, errors.Join(errors.New("start the embedded server: it is not ready after 20 s"), e.stop())
	}
	// A process that goes away ends its server too: nobody else is to be told quickly.
	e.Conn, err = Connect(Options{Silence: 10 * time.Minute, Replicas: 1, memory: true, connect: []nats.Option{nats.InProcessServer(e.server)}})
	if err != nil {
		return nil, errors.Join(err, e.stop())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := e.prepare(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

func (e *Embedded) stop() error {
	e.server.Shutdown()
	e.server.WaitForShutdown()
	return os.RemoveAll(e.dir)
}

// Close ends the server.
func (e *Embedded) Close() error {
	e.Conn.Close()
	return e.stop()
}
