#!/usr/bin/env bash
# Publishes the program, one file: the one recipe that deploy/build.sh and the Dockerfile share. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'END'
deploy/publish.sh [--aot] [--arch ARCH] --output DIR [ARGUMENT OF DOTNET PUBLISH...]

  --aot         native code, compiled ahead of time, instead of ReadyToRun
  --arch ARCH   x64 (or amd64) or arm64 [default: x64]
  --output DIR  where to

Environment: EXPORTER_FRAMEWORK, the framework to build for [default: net10.0].
END
}

flavour=readytorun arch=x64 output=
while [ $# -gt 0 ]; do
    case $1 in
        --aot) flavour=aot ;;
        --arch) arch=${2:?--arch needs an architecture}; shift ;;
        --output) output=${2:?--output needs a folder}; shift ;;
        --help | -h) usage; exit 0 ;;
        *) break ;;
    esac
    shift
done
[ -n "$output" ] || { usage >&2; exit 2; }
[ "$arch" != amd64 ] || arch=x64
framework=${EXPORTER_FRAMEWORK:-net10.0}

# Intermediate files of their own: those of another framework or flavour do not fit. The analyzers judge the code in
# dotnet build; the trimmer and the native compiler judge it here, and their warnings are errors.
exec dotnet publish src/TcpStatExporter -c Release -r "linux-$arch" -o "$output" --nologo -v quiet \
    -p:ArtifactsPath="$PWD/artifacts/publish/$flavour-$framework-$arch" -p:ExporterFramework="$framework" \
    -p:PublishAot="$([ $flavour = aot ] && echo true || echo false)" -p:DebugType=none -p:RunAnalyzers=false "$@"
