# The exporter alone, on a base without a shell or package manager, as an unprivileged user. It has to share the host's
# network namespace, otherwise it counts only its own sockets: see deploy/compose.
#   docker build -t tcpstat-exporter --build-arg VERSION=0.1.0 --build-arg REVISION=$(git rev-parse --short HEAD) .
# deploy/image.sh puts a finished build into the same image, for two architectures.

FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble-aot AS build
ARG BUILDARCH
ARG TARGETARCH
ARG VERSION
ARG REVISION
# the base image compiles only for its own architecture; the cross toolchain for the other one is missing
RUN if [ -n "$TARGETARCH" ] && [ "$TARGETARCH" != "$BUILDARCH" ]; then \
        machine=$([ "$TARGETARCH" = arm64 ] && echo aarch64 || echo x86-64) && apt-get update && apt-get install -y --no-install-recommends \
            lld "gcc-$machine-linux-gnu" "libc6-dev-$TARGETARCH-cross"; \
    fi
WORKDIR /source
COPY . .
RUN deploy/publish.sh ${TARGETARCH:+--arch $TARGETARCH} --output /out --disable-build-servers ${VERSION:+-p:Version=$VERSION} -p:SourceRevisionId="$REVISION"

FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="tcpstat-exporter" \
      org.opencontainers.image.description="Samples the TCP state of a Linux host each second and exposes it to Prometheus" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.source="https://github.com/tcpstat-exporter/tcpstat-exporter" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"
COPY --from=build /out/tcpstat-exporter /usr/bin/tcpstat-exporter

# no debugger pipes in /tmp: the program writes no files, so the root can be read-only
ENV DOTNET_EnableDiagnostics=0
USER $APP_UID
EXPOSE 10006

# checks :10006; with another --web.listen-address, give the container a health check with the same flag
HEALTHCHECK --interval=15s --timeout=5s --start-period=5s CMD ["/usr/bin/tcpstat-exporter", "healthcheck"]
ENTRYPOINT ["/usr/bin/tcpstat-exporter"]
