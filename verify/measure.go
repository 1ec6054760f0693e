package verify

import (
	"context"
	"encoding/json"
	"path"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"

	"github.com/drydock-cli/drydock/detect"
)

// usage is what a container has used so far.
type usage struct {
	mu     sync.Mutex
	memory uint64 // peak of the working set seen in the samples, bytes
	cpu    uint64 // nanoseconds
	taken  bool   // there was a sample
}

// reading is one sample of a container's use.
type reading struct {
	at     time.Time
	memory int64   // working set, bytes
	cpu    float64 // seconds since its start
}

// cores is how many cores were busy between two readings.
func (a reading) cores(b reading) float64 {
	elapsed := b.at.Sub(a.at).Seconds()
	if elapsed <= 0 {
		return 0
	}
	return max(0, (b.cpu-a.cpu)/elapsed)
}

// sample follows the engine's statistics, about one a second, until the context ends or the container does.
func (u *usage) sample(ctx context.Context, e *engine, id string) {
	stream, err := e.api.ContainerStats(ctx, id, true)
	if err != nil {
		return // the last sample, taken by once, has to do
	}
	defer stream.Body.Close()
	dec := json.NewDecoder(stream.Body)
	for {
		var s container.StatsResponse
		if dec.Decode(&s) != nil {
			return
		}
		u.take(&s)
	}
}

// once takes one sample now. An engine that has been asked before takes up to a second to answer.
func (u *usage) once(ctx context.Context, e *engine, id string) (reading, error) {
	r, err := e.api.ContainerStatsOneShot(ctx, id)
	if err != nil {
		return reading{}, err
	}
	defer r.Body.Close()
	var s container.StatsResponse
	if err := json.NewDecoder(r.Body).Decode(&s); err != nil {
		return reading{}, err
	}
	u.take(&s)
	at := s.Read // the engine's clock, which need not be ours
	if at.IsZero() {
		at = time.Now()
	}
	return reading{at: at, memory: int64(workingSet(&s.MemoryStats)), cpu: float64(s.CPUStats.CPUUsage.TotalUsage) / 1e9}, nil
}

func (u *usage) take(s *container.StatsResponse) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.taken = true
	u.memory = max(u.memory, workingSet(&s.MemoryStats))
	u.cpu = max(u.cpu, s.CPUStats.CPUUsage.TotalUsage)
}

// seen reports whether there was a sample.
func (u *usage) seen() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.taken
}

// peak is the memory that was used at most, in bytes, and the processor time, in seconds.
func (u *usage) peak() (memory int64, cpu float64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	return int64(u.memory), float64(u.cpu) / 1e9
}

// workingSet is the memory that cannot be taken back from a container: its usage without the page cache that was not used lately, as
// `docker stats` and Kubernetes count. cgroup v1 calls that total_inactive_file and v2 inactive_file. The kernel's
// own peak (max_usage) exists in v1 only and counts the page cache, which would make every image that unpacks files look large.
func workingSet(m *container.MemoryStats) uint64 {
	inactive, ok := m.Stats["total_inactive_file"]
	if !ok {
		inactive = m.Stats["inactive_file"]
	}
	if inactive > m.Usage {
		return m.Usage
	}
	return m.Usage - inactive
}

// maxWrites bounds the list of written directories.
const maxWrites = 50

// writes lists the directories that a container has written to, from the engine's list of changes: for each change the
// nearest directory that the image itself has, the outermost of several.
func (e *engine) writes(ctx context.Context, id string) ([]string, error) {
	changes, err := e.api.ContainerDiff(ctx, id)
	if err != nil {
		return nil, err
	}
	return writtenDirs(changes), nil
}

func writtenDirs(changes []container.FilesystemChange) []string {
	added, parents := map[string]bool{}, map[string]bool{}
	for _, c := range changes {
		if c.Kind == container.ChangeAdd {
			added[c.Path] = true
		}
		parents[path.Dir(c.Path)] = true
	}
	dirs := map[string]bool{}
	for _, c := range changes {
		// A directory is listed as changed because of what is below it, which is listed itself.
		if parents[c.Path] || isEngines(c.Path) {
			continue
		}
		d := path.Dir(c.Path)
		for added[d] && d != "/" {
			d = path.Dir(d)
		}
		dirs[d] = true
	}
	out := make([]string, 0, len(dirs))
	for d := range dirs {
		out = append(out, d)
	}
	sort.Strings(out)
	out = slices.DeleteFunc(out, func(d string) bool {
		for p := path.Dir(d); p != "/"; p = path.Dir(p) {
			if dirs[p] {
				return true
			}
		}
		return false
	})
	if len(out) > maxWrites {
		out = out[:maxWrites]
	}
	for i := range out {
		out[i] = detect.Printable(out[i], 200)
	}
	return out
}

// isEngines tells what the engine itself puts into a container.
func isEngines(p string) bool {
	switch p {
	case "/.dockerenv", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/mtab", "/sbin/docker-init", "/usr/sbin/docker-init":
		return true
	}
	for _, top := range []string{"/dev", "/proc", "/sys"} {
		if p == top || strings.HasPrefix(p, top+"/") {
			return true
		}
	}
	return false
}

// stop ends a container as a platform does and measures it.
func (r *run) stop(ctx context.Context, c *running) (seconds float64, by string, err error) {
	grace := r.opts.StopTimeout
	begin := time.Now()
	err = r.engine.api.ContainerStop(ctx, c.id, container.StopOptions{Timeout: ptr(int(grace / time.Second))})
	if err != nil {
		return 0, "", r.engine.check(ctx, "stop "+c.spec.name, err)
	}
	elapsed := time.Since(begin)
	by = "SIGTERM"
	info, err := r.engine.api.ContainerInspect(ctx, c.id)
	if err != nil {
		return 0, "", r.engine.check(ctx, "stop "+c.spec.name, err)
	}
	// 137 is the code of a process that SIGKILL ended; a process may also have used up its time and then gone by itself.
	if elapsed >= grace || info.State != nil && info.State.ExitCode == 137 {
		by = "SIGKILL"
	}
	return elapsed.Seconds(), by, nil
}
