package verify

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/docker/docker/api/types/container"
)

// listening says what a container listens on; nil when it cannot be found out.
func (r *run) listening(ctx context.Context, c *running) sockets {
	table, err := r.socketTable(ctx, c.id)
	if err != nil {
		return nil
	}
	return parseSockets(table)
}

// execTimeout bounds a small command inside a container.
const execTimeout = 5 * time.Second

// socketTable reads the sockets of a container's network: from this machine's /proc when the container runs here, else with the container's own cat.
func (r *run) socketTable(ctx context.Context, id string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, execTimeout)
	defer cancel()
	if r.engine.local {
		info, err := r.engine.api.ContainerInspect(ctx, id)
		if err != nil {
			return "", err
		}
		if info.State != nil {
			if table, err := hostTable(info.State.Pid, id); err == nil {
				return table, nil
			}
		}
	}
	return r.engine.output(ctx, id, []string{"cat", "/proc/net/tcp", "/proc/net/tcp6"})
}

// hostTable reads the sockets of a process of this machine. That the process is the container's is seen by its cgroup: drydock may
// itself run in a container, where the numbers of processes are others.
func hostTable(pid int, id string) (string, error) {
	if pid <= 0 {
		return "", errNoTable
	}
	cgroup, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil || !strings.Contains(string(cgroup), id) {
		return "", errNoTable
	}
	var table strings.Builder
	for _, name := range []string{"tcp", "tcp6"} {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/net/%s", pid, name))
		if err == nil {
			table.Write(data)
		}
	}
	if table.Len() == 0 {
		return "", errNoTable
	}
	return table.String(), nil
}

// output runs a command in a container and returns what it prints on stdout, at most maxBody bytes.
func (e *engine) output(ctx context.Context, id string, command []string) (string, error) {
	made, err := e.api.ContainerExecCreate(ctx, id, container.ExecOptions{Cmd: command, AttachStdout: true, AttachStderr: true})
	if err != nil {
		return "", err
	}
	attached, err := e.api.ContainerExecAttach(ctx, made.ID, container.ExecAttachOptions{})
	if err != nil {
		return "", err
	}
	defer attached.Close()
	stop := context.AfterFunc(ctx, attached.Close)
	defer stop()
	var out bytes.Buffer
	if err := copyLogs(&out, io.Discard, io.LimitReader(attached.Reader, maxBody)); err != nil {
		return "", err
	}
	// 126 and 127: there is no such program. Its other codes may come with a useful answer, such as where there is no IPv6.
	done, err := e.api.ContainerExecInspect(ctx, made.ID)
	if err != nil {
		return "", err
	}
	if out.Len() == 0 || done.ExitCode == 126 || done.ExitCode == 127 {
		return "", errNoTable
	}
	return out.String(), nil
}
