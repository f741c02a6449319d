#!/usr/bin/env bash
# Installs what the tests need, where it may, then builds everything and runs every test.
# Ends with what was skipped and why, and a line "N passed, N failed, N skipped"; exits non-zero if anything failed.
# TCPSTAT_ACCEPTED_SKIPS, an extended regular expression: a test skipped for a reason that does not match is a failure.
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
prlimit util-linux
nsenter util-linux
unshare util-linux
perl perl-base
node nodejs
npm npm
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
dpkg-deb dpkg
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

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
export TCPSTAT_MATRIX=$results/matrix

# lane NAME ARGUMENT...: one run of dotnet test, its output kept
lane() {
    local name=$1
    shift
    dotnet test -c Release --no-build --nologo --logger 'console;verbosity=normal' \
        --logger 'trx;LogFilePrefix=results' --results-directory "$results/$name" "$@" 2>&1 \
        | tee "$results/$name.log" | grep -Ev '^ +Passed |^Results File: '
    return "${PIPESTATUS[0]}"
}

dotnet build TcpStatExporter.sln -c Release -v quiet --nologo || exit 1
if [ $# -gt 0 ]; then
    lane all TcpStatExporter.sln "$@"
    code=$?
else
    # what builds packages and images computes, while the others mostly wait: side by side, and behind them
    slow='FullyQualifiedName~EndToEnd.Packaging|FullyQualifiedName~EndToEnd.Container'
    quick='FullyQualifiedName!~EndToEnd.Packaging&FullyQualifiedName!~EndToEnd.Container'
    (renice -n 10 -p "$BASHPID" >/dev/null; lane slow tests/TcpStatExporter.EndToEnd --filter "$slow") &
    slow_lane=$!
    lane quick TcpStatExporter.sln --filter "$quick"
    code=$?
    wait "$slow_lane" || code=1
fi

if [ -f "$TCPSTAT_MATRIX" ]; then
    echo "Which fault brought which alert (alerts/README.md):"
    cat "$TCPSTAT_MATRIX"
fi

# name<TAB>reason of each skipped test; from the files, since the projects write to the console at the same time
skips=$(find "$results" -name '*.trx' -exec cat {} + | awk '
    /<UnitTestResult / {
        name = ""
        if (/ outcome="NotExecuted"/ && match($0, / testName="[^"]*"/)) name = substr($0, RSTART + 11, RLENGTH - 12)
    }
    name != "" && match($0, /<Message>[^<]*/) { print name "\t" substr($0, RSTART + 9, RLENGTH - 9); name = "" }' \
    | sed "s/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&apos;/'/g; s/&amp;/\&/g")
if [ -n "$skips" ]; then
    echo "Skipped, by reason:"
    cut -f 2 <<<"$skips" | sort | uniq -c
    awk -F '\t' '{ print "  " $1 ": " $2 }' <<<"$skips"
fi

total() { cat "$results"/*.log | awk -v word="$1:" '$1 == word { sum += $2 } END { print sum + 0 }'; }
passed=$(total Passed) failed=$(total Failed) skipped=$(total Skipped)
if [ "$passed" = 0 ] && [ "$code" = 0 ]; then
    echo "No test ran." >&2
    code=1
fi
if [ -n "${TCPSTAT_ACCEPTED_SKIPS:-}" ]; then
    accepted=$(cut -f 2 <<<"$skips" | grep -cE "$TCPSTAT_ACCEPTED_SKIPS")
    if [ "$accepted" != "$skipped" ]; then
        echo "Of $skipped skipped tests $accepted may be; the reasons of the others are above." >&2
        [ "$code" != 0 ] || code=1
    fi
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$code"
