#!/usr/bin/env bash
# Builds the release image from programs that deploy/build.sh built. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'END'
deploy/image.sh --version VERSION [--revision REVISION] --name NAME [--archive FILE] ARCH=PROGRAM...

Makes one image for each architecture and the manifest NAME that lists them, in buildah's storage:
  deploy/image.sh --version 0.1.0 --name tcpstat-exporter:0.1.0 --archive image.tar \
      amd64=artifacts/deploy/native-amd64/tcpstat-exporter arm64=artifacts/deploy/native-arm64/tcpstat-exporter

  --archive FILE  also writes the manifest and its images to an OCI archive

Needs buildah. To push: buildah manifest push --all NAME docker://REGISTRY/NAME
Environment: SOURCE_DATE_EPOCH, the time stamp of the image [default: the time of the last commit]; BUILDAH_FLAGS, flags of
every buildah command (such as --root DIR).
END
}

version='' revision='' name='' archive=''
while [ $# -gt 0 ]; do
    case $1 in
        --version) version=${2:?--version needs a version}; shift ;;
        --revision) revision=${2:?--revision needs a revision}; shift ;;
        --name) name=${2:?--name needs a name}; shift ;;
        --archive) archive=${2:?--archive needs a file}; shift ;;
        --help | -h) usage; exit 0 ;;
        *) break ;;
    esac
    shift
done
if [ -z "$version" ] || [ -z "$name" ] || [ $# = 0 ]; then usage >&2; exit 2; fi
for program in "$@"; do
    [[ $program =~ ^(amd64|arm64)=. ]] || { echo "deploy/image.sh: $program is not ARCH=PROGRAM, with ARCH amd64 or arm64." >&2; exit 2; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
read -r -a flags <<<"${BUILDAH_FLAGS:-}"
buildah() { command buildah ${flags[@]+"${flags[@]}"} "$@"; }

if buildah manifest exists "$name" 2>/dev/null; then buildah manifest rm "$name" >/dev/null; fi
buildah manifest create "$name" >/dev/null
for program in "$@"; do
    mkdir "$work/${program%%=*}"
    install -m 755 "${program#*=}" "$work/${program%%=*}/tcpstat-exporter"
    buildah build --quiet --format docker --isolation chroot --pull=missing --platform "linux/${program%%=*}" --timestamp "$SOURCE_DATE_EPOCH" \
        --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --file deploy/image/Dockerfile --manifest "$name" "$work/${program%%=*}" >/dev/null
done
[ -z "$archive" ] || buildah manifest push --quiet --all "$name" "oci-archive:$archive"
buildah manifest inspect "$name"
