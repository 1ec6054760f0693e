# drydock as an image, for every platform that BuildKit is asked for:
#   docker buildx build --platform linux/amd64,linux/arm64 --build-arg VERSION=1.2.3 .
# It talks to an engine that it is given, as you and with the group that the engine's socket belongs to:
#   docker run -it --user "$(id -u):0" --group-add "$(stat -c %g /var/run/docker.sock)" \
#     -v "$PWD":/work -v /var/run/docker.sock:/var/run/docker.sock drydock
# Compilers run on the platform of the builder and make programs for the one that is asked for.
FROM --platform=$BUILDPLATFORM golang:1.26-bookworm AS build
WORKDIR /src
ENV CGO_ENABLED=0
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \
    go mod download
COPY . .
ARG TARGETOS TARGETARCH VERSION=dev
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.version=$VERSION" -o /out/ ./cmd/drydock

FROM debian:bookworm-slim
# Git for its credential helpers, an SSH client for engines and repositories behind ssh://, the authorities for TLS.
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt/lists,sharing=locked \
    rm -f /etc/apt/apt.conf.d/docker-clean \
 && apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates \
      git \
      openssh-client
RUN useradd --no-log-init --uid 10001 --gid 0 --create-home --home-dir /home/drydock --shell /usr/sbin/nologin drydock \
 && chmod g+rwX /home/drydock \
 && mkdir /work \
 && chown 10001:0 /work
COPY --from=build /out/drydock /usr/local/bin/drydock
ENV HOME=/home/drydock
ARG VERSION=dev
LABEL org.opencontainers.image.title="drydock" \
      org.opencontainers.image.description="Containerises legacy applications and proves that they run" \
      org.opencontainers.image.version="$VERSION"
WORKDIR /work
USER 10001:0
ENTRYPOINT ["/usr/local/bin/drydock"]
