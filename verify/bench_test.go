package verify

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/docker/docker/api/types/build"
	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/network"
	"github.com/docker/docker/client"
	"github.com/docker/docker/pkg/jsonmessage"
	"github.com/docker/go-connections/nat"

	"github.com/drydock-cli/drydock/generate"
)

// BenchmarkVerifyOverhead runs the same small application through Run and through the bare API calls, in turn, and reports how
// much longer Run takes, the fastest against the fastest: "overhead-%". Each build has a step of its own, so that nothing of it comes
// from the cache.
func BenchmarkVerifyOverhead(b *testing.B) {
	for _, url := range realEngines(b)[:1] {
		files := map[string]string{"index.html": "hello"}
		for i := range 500 {
			files[fmt.Sprintf("app/dir%d/file%d.rb", i%20, i)] = strings.Repeat(fmt.Sprintf("class C%d; end\n", i), 100)
		}
		artifacts := func(i int) []generate.Artifact {
			return dockerfileOf("FROM debian:bookworm-slim", "COPY --from=busybox:latest /bin/busybox /bin/busybox", fmt.Sprintf("RUN echo %d%s", i, randomHex(8)),
				"RUN for i in 1 2 3 4 5; do find /usr /etc /lib -type f -exec cat {} + | sha256sum; done", "WORKDIR /www", "COPY . /www/", "USER 1000", serve)
		}
		// What both need is there before the clock runs.
		if _, err := Run(context.Background(), Input{Plan: webPlan(8080), Tree: tree(files), Artifacts: artifacts(-1), Options: Options{Engine: url, Quick: true}}, nil); err != nil {
			b.Fatal(err)
		}
		ours, bare := time.Hour, time.Hour
		b.ResetTimer()
		for i := range b.N {
			turns := []func(){
				func() {
					begin := time.Now()
					v, err := Run(context.Background(), Input{Plan: webPlan(8080), Tree: tree(files), Artifacts: artifacts(i), Options: Options{Engine: url, Quick: true}}, nil)
					if err != nil {
						b.Fatal(v, err)
					}
					ours = min(ours, time.Since(begin))
				},
				func() {
					begin := time.Now()
					if err := bareVerify(url, files, artifacts(i)[0].Content); err != nil {
						b.Fatal(err)
					}
					bare = min(bare, time.Since(begin))
				},
			}
			turns[i%2]()
			turns[(i+1)%2]()
		}
		b.ReportMetric(ours.Seconds(), "verify-s")
		b.ReportMetric(bare.Seconds(), "bare-s")
		b.ReportMetric(100*(ours.Seconds()/bare.Seconds()-1), "overhead-%")
	}
}

// bareVerify makes the API calls that a verification needs, and nothing else.
func bareVerify(url string, files map[string]string, dockerfile []byte) error {
	ctx := context.Background()
	api, err := client.NewClientWithOpts(client.WithHost(url), client.WithAPIVersionNegotiation())
	if err != nil {
		return err
	}
	defer api.Close()
	image, err := bareBuild(ctx, api, files, dockerfile)
	if err != nil {
		return err
	}
	name := "bare-" + randomHex(8)
	net, err := api.NetworkCreate(ctx, name, network.CreateOptions{})
	if err != nil {
		return err
	}
	defer func() { _ = api.NetworkRemove(ctx, net.ID) }()
	c, err := api.ContainerCreate(ctx, &container.Config{Image: image, ExposedPorts: nat.PortSet{"8080/tcp": {}}},
		&container.HostConfig{NetworkMode: container.NetworkMode(name), Init: ptr(true), PortBindings: nat.PortMap{"8080/tcp": {{HostIP: "127.0.0.1"}}}}, nil, nil, name)
	if err != nil {
		return err
	}
	defer func() { _ = api.ContainerRemove(ctx, c.ID, container.RemoveOptions{Force: true, RemoveVolumes: true}) }()
	if err := api.ContainerStart(ctx, c.ID, container.StartOptions{}); err != nil {
		return err
	}
	info, err := api.ContainerInspect(ctx, c.ID)
	if err != nil {
		return err
	}
	for tries := 0; ; tries++ {
		resp, err := http.Get("http://127.0.0.1:" + info.NetworkSettings.Ports["8080/tcp"][0].HostPort + "/")
		if err == nil {
			_ = resp.Body.Close()
			break
		}
		if tries > 100 {
			return err
		}
		time.Sleep(firstPause)
	}
	stats, err := api.ContainerStatsOneShot(ctx, c.ID)
	if err != nil {
		return err
	}
	_ = stats.Body.Close()
	if _, err := api.ContainerDiff(ctx, c.ID); err != nil {
		return err
	}
	return api.ContainerStop(ctx, c.ID, container.StopOptions{})
}

func bareBuild(ctx context.Context, api *client.Client, files map[string]string, dockerfile []byte) (id string, err error) {
	var body bytes.Buffer
	tw := tar.NewWriter(&body)
	add := func(name string, data []byte) {
		_ = tw.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(data))})
		_, _ = tw.Write(data)
	}
	add("Dockerfile", dockerfile)
	for name, data := range files {
		add(name, []byte(data))
	}
	if err := tw.Close(); err != nil {
		return "", err
	}
	resp, err := api.ImageBuild(ctx, &body, build.ImageBuildOptions{Version: build.BuilderBuildKit, Tags: []string{"drydock/verify-bench:local"}})
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	for dec := json.NewDecoder(resp.Body); ; {
		var m jsonmessage.JSONMessage
		if err := dec.Decode(&m); err == io.EOF {
			return id, nil
		} else if err != nil {
			return "", err
		}
		if m.Error != nil {
			return "", m.Error
		}
		var r build.Result
		if m.ID == "moby.image.id" && json.Unmarshal(*m.Aux, &r) == nil {
			id = r.ID
		}
	}
}
