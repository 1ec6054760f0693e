//go:build unix

package verify

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
)

// clockSlack is how far the start of a process and the label that it made may be apart by rounding.
const clockSlack = 10 * time.Second

// processAlive says whether the process that made a label at a time still runs: one of its number is there and
// did not start after that. When it cannot be known the answer is yes, so that nothing of a living run is removed.
func processAlive(pid int, labelled time.Time) bool {
	if err := syscall.Kill(pid, 0); errors.Is(err, syscall.ESRCH) {
		return false
	}
	started, err := processStart(pid)
	return err != nil || !started.After(labelled.Add(clockSlack))
}

// ticksPerSecond is the unit of /proc/PID/stat, the same on every Linux that Go runs on (sysconf _SC_CLK_TCK).
const ticksPerSecond = 100

// processStart reads when a process started; it fails elsewhere than on Linux.
func processStart(pid int) (time.Time, error) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return time.Time{}, err
	}
	// The second field is the program's name in parentheses and may hold anything; the start is the 22nd (proc(5)).
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 20 {
		return time.Time{}, fmt.Errorf("/proc/%d/stat has %d fields", pid, len(fields)+2)
	}
	ticks, err := strconv.ParseInt(string(fields[19]), 10, 64)
	if err != nil {
		return time.Time{}, err
	}
	raw, err := os.ReadFile("/proc/uptime")
	if err != nil {
		return time.Time{}, err
	}
	var uptime float64
	if _, err := fmt.Sscan(string(raw), &uptime); err != nil {
		return time.Time{}, err
	}
	age := uptime - float64(ticks)/ticksPerSecond
	return time.Now().Add(-time.Duration(age * float64(time.Second))), nil
}
