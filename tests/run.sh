#!/usr/bin/env bash
# Installs what the tests need, where it may, then builds everything and runs every test.
# Ends with a line "N passed, N failed, N skipped"; exits non-zero if anything failed.
# Arguments go to dotnet test, for example: tests/run.sh --filter FullyQualifiedName~Listener
set -uo pipefail
cd "$(dirname "$0")/.."

if ! command -v dotnet >/dev/null; then
    echo "tests/run.sh needs the .NET 10 SDK (dotnet) on the PATH." >&2
    exit 1
fi

# command, and the Debian package that has it
tools='ip iproute2
ss iproute2
nstat iproute2
tc iproute2
curl curl
setpriv util-linux
promtool prometheus
amtool prometheus-alertmanager
prometheus prometheus
prometheus-node-exporter prometheus-node-exporter
chromium chromium
wrk wrk
buildah buildah
podman podman
crun crun
groff groff-base
zsh zsh
fish fish
systemd-analyze systemd
systemd-nspawn systemd-container
debootstrap debootstrap
lintian lintian
cc gcc'
missing=$(while read -r command package; do command -v "$command" >/dev/null || PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null || echo "$package"; done <<<"$tools" | sort -u)
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        # shellcheck disable=SC2086 # one word a package
        apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null \
            || echo "Could not install:" $missing "- the tests that need them skip." >&2
    else
        echo "Not installed:" $missing "- the tests that need them skip." >&2
    fi
fi
export PATH=$PATH:/usr/sbin:/sbin

log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet build TcpStatExporter.sln -c Release -v quiet --nologo || exit 1
dotnet test TcpStatExporter.sln -c Release --no-build --nologo --logger 'console;verbosity=normal' "$@" 2>&1 \
    | tee "$log" | grep -Ev '^ +Passed '
code=${PIPESTATUS[0]}

total() { awk -v word="$1:" '$1 == word { sum += $2 } END { print sum + 0 }' "$log"; }
passed=$(total Passed) failed=$(total Failed) skipped=$(total Skipped)
if [ "$passed" = 0 ] && [ "$code" = 0 ]; then
    echo "No test ran." >&2
    code=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$code"
