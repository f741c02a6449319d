#!/usr/bin/env bash
# Publishes the program as one file. deploy/build.sh and the Dockerfile both use it. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'END'
deploy/publish.sh [--readytorun] [--arch ARCH] --output DIR [ARGUMENT OF DOTNET PUBLISH...]

Publishes native code, compiled ahead of time.

  --readytorun  ReadyToRun code with the .NET runtime inside the file, instead of native code
  --arch ARCH   amd64 (or x64) or arm64 [default: this machine's]
  --output DIR  where to put the program

Native code needs clang or gcc (Debian: clang). For the other architecture it needs clang, lld and a cross toolchain
(Debian, for arm64: clang lld gcc-aarch64-linux-gnu libc6-dev-arm64-cross).
ReadyToRun needs none of these.
END
}

flavour=native arch=$(uname -m) output=
while [ $# -gt 0 ]; do
    case $1 in
        --readytorun) flavour=readytorun ;;
        --arch) arch=${2:?--arch needs an architecture}; shift ;;
        --output) output=${2:?--output needs a folder}; shift ;;
        --help | -h) usage; exit 0 ;;
        *) break ;;
    esac
    shift
done
[ -n "$output" ] || { usage >&2; exit 2; }
case $arch in
    amd64 | x64 | x86_64) arch=x64 machine=x86_64 ;;
    arm64 | aarch64) arch=arm64 machine=aarch64 ;;
    *) echo "deploy/publish.sh: unknown architecture $arch. Use amd64 or arm64." >&2; exit 2 ;;
esac

cross=()
if [ $flavour = native ] && [ "$(uname -m)" != $machine ]; then
    cross=(-p:LinkerFlavor=lld "-p:ObjCopyName=$machine-linux-gnu-objcopy")
fi

# Each flavour and architecture has its own intermediate files. The analyzers check the code in dotnet build. The
# trimmer and the native compiler check it here, and their warnings are errors. Paths of the build machine are removed
# from the program.
exec dotnet publish src/TcpStatExporter -c Release -r "linux-$arch" -o "$output" --nologo -v quiet \
    -p:ArtifactsPath="$PWD/artifacts/publish/$flavour-$arch" -p:ContinuousIntegrationBuild=true \
    -p:PublishAot="$([ $flavour = native ] && echo true || echo false)" -p:DebugType=none -p:RunAnalyzers=false \
    ${cross[@]+"${cross[@]}"} "$@"
