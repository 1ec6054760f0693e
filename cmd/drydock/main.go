// Drydock turns a legacy application's repository into a container image that
// was seen running.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker.
var version = "dev"

func main() {
	os.Exit(realMain())
}

// realMain runs the program and returns its exit code. The first SIGINT or
// SIGTERM cancels the work, so that it cleans up after itself; a second one
// ends the process at once.
func realMain() int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(signals)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(exitInterrupted)
	}()
	s := systemStreams()
	return execute(ctx, s, os.Args[1:])
}
