//go:build unix

package flow

import (
	"os/exec"
	"syscall"
)

// apart puts a worker into a process group of its own: Ctrl-C on the terminal reaches this process alone, which then ends its workers.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
