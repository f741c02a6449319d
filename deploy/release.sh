#!/usr/bin/env bash
# Builds everything that belongs to a release. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'END'
deploy/release.sh [--twice] [--image NAME] [--output DIR]

Makes the release of the commit that is checked out. Its tag (vVERSION) names the version. Writes to DIR:
  packages for amd64 and arm64             see deploy/build.sh --help
  tcpstat-exporter-VERSION.tgz             the Helm chart
  tcpstat-exporter-VERSION.cdx.json        the SBOM (CycloneDX): packages and parts of .NET that are in the program
  tcpstat.rules.yml, tcpstat-*.json        alerts, and dashboards for import
  NOTES.md                                 the section of CHANGELOG.md
  SHA256SUMS                               checksums of all of them

  --twice       builds everything once more, from a fresh clone in another folder, and compares. Fails if a file differs
  --image NAME  also makes the container image for both architectures, as NAME:VERSION, and writes it to an OCI archive.
                Needs buildah and a registry to pull the base image from
  --output DIR  where to put the files [default: artifacts/release]

The tree must be clean, and the version must be in every file that names it. Signing is left to the workflow or to you:
  gpg --armor --detach-sign artifacts/release/SHA256SUMS

Needs the .NET SDK, dpkg-deb, rpmbuild, jq and what deploy/publish.sh --help lists for both architectures.
END
}

fail() { echo "deploy/release.sh: $*" >&2; exit 1; }

twice='' image='' output=artifacts/release
while [ $# -gt 0 ]; do
    case $1 in
        --twice) twice=1 ;;
        --image) image=${2:?--image needs a name}; shift ;;
        --output) output=${2:?--output needs a folder}; shift ;;
        --help | -h) usage; exit 0 ;;
        *) echo "deploy/release.sh: unknown argument $1. See --help." >&2; exit 2 ;;
    esac
    shift
done

tag=$(git describe --exact-match --tags --match 'v[0-9]*' 2>/dev/null) || fail "this commit has no tag such as v1.2.3."
version=${tag#v}
[ -z "$(git status --porcelain)" ] || fail "the tree has changes that are not committed."
# FILE TEXT: the file must contain the version of the release
named() { grep -qF -- "$2" "$1" || fail "$1 has no \"$2\"."; }
named Directory.Build.props "<Version>$version</Version>"
named deploy/kubernetes/exporter/kustomization.yaml "newTag: $version"
named deploy/helm/tcpstat-exporter/Chart.yaml "version: $version"
named deploy/helm/tcpstat-exporter/Chart.yaml "appVersion: $version"
for tool in dotnet dpkg-deb rpmbuild jq; do command -v $tool >/dev/null || fail "$tool is not installed."; done

SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rm -rf "$output"
mkdir -p "$output"
output=$(cd "$output" && pwd)

awk -v heading="## $version" 'index($0, heading) == 1 && substr($0, length(heading) + 1) !~ /^[0-9.]/ { on = 1; next } /^## / { on = 0 } on' CHANGELOG.md \
    | sed -e '/./,$!d' >"$output/NOTES.md"
[ -s "$output/NOTES.md" ] || fail "CHANGELOG.md has no section \"## $version\"."

for arch in amd64 arm64; do
    deploy/build.sh --arch $arch --version "$version" --output "$work/$arch"
    rm "$work/$arch/SHA256SUMS"
    find "$work/$arch" -type f ! -name tcpstat-exporter -exec cp -t "$output" {} +
done

# the tool knows the packages; the restores of the native builds name the parts of .NET that are linked in
dotnet tool restore >/dev/null
dotnet tool run dotnet-CycloneDX src/TcpStatExporter/TcpStatExporter.csproj --no-serial-number --output-format Json \
    --set-name tcpstat-exporter --set-version "$version" --output "$work" --filename sbom.json >"$work/sbom.log" || { cat "$work/sbom.log" >&2; fail "no SBOM."; }
jq --slurpfile assets <(cat artifacts/publish/native-{x64,arm64}/obj/TcpStatExporter/project.assets.json) --arg time "$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)" '
    .metadata.timestamp = $time
    | .components += [
        $assets[].project.frameworks[].downloadDependencies[]
        | select(.name | test("^Microsoft\\.(NETCore|AspNetCore)\\.App\\.Runtime"))
        | (.version | ltrimstr("[") | split(",")[0]) as $version
        | { type: "framework", "bom-ref": "pkg:nuget/\(.name)@\($version)", name: .name, version: $version, scope: "required",
            licenses: [{ license: { id: "MIT" } }], purl: "pkg:nuget/\(.name)@\($version)" }
      ]' "$work/sbom.json" >"$output/tcpstat-exporter-$version.cdx.json"

tar -C deploy/helm --sort=name --owner=0 --group=0 --numeric-owner --mode=go-w,a+rX --mtime="@$SOURCE_DATE_EPOCH" -c tcpstat-exporter \
    | gzip -9 -n >"$output/tcpstat-exporter-$version.tgz"
cp alerts/tcpstat.rules.yml grafana/import/tcpstat-fleet.json grafana/import/tcpstat-host.json "$output/"

if [ -n "$image" ]; then
    deploy/image.sh --version "$version" --revision "$(git rev-parse HEAD)" --name "$image:$version" \
        --archive "$output/tcpstat-exporter-$version.image.tar" amd64="$work/amd64/tcpstat-exporter" arm64="$work/arm64/tcpstat-exporter" >/dev/null
fi
(cd "$output" && sha256sum -- * >"$work/sums" && mv "$work/sums" SHA256SUMS)

if [ -n "$twice" ]; then
    git clone --quiet --no-hardlinks . "$work/again"
    git -C "$work/again" checkout --quiet "$tag"
    "$work/again/deploy/release.sh" --output "$work/second" >"$work/second.log" 2>&1 || { cat "$work/second.log" >&2; fail "the second build failed."; }
    # image archives are built only once: their bytes depend only on the programs
    if ! diff <(grep -v '\.image\.tar$' "$output/SHA256SUMS") "$work/second/SHA256SUMS" >&2; then
        fail "two builds of $tag differ in the files above."
    fi
    echo "Two builds of $tag are the same bytes."
fi
ls -l "$output"
