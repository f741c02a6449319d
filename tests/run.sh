#!/usr/bin/env bash
# Installs what the tests need, if permitted, then builds everything and runs all tests.
# An end-to-end test that fails runs once more, alone, and the second result counts.
# Ends with a list of tests that ran twice, skipped tests with their reasons, and a line "N passed, N failed, N
# skipped". Exits non-zero if anything failed.
# TCPSTAT_ACCEPTED_SKIPS, an extended regular expression: a test that is skipped for any other reason counts as a
# failure.
# Arguments go to dotnet test, for example: tests/run.sh --filter FullyQualifiedName~Listener
set -uo pipefail
cd "$(dirname "$0")/.."

if ! command -v dotnet >/dev/null; then
    echo "tests/run.sh needs the .NET 10 SDK (dotnet) on the PATH." >&2
    exit 1
fi

# command, and its Debian package
tools='ip iproute2
ss iproute2
nstat iproute2
iptables iptables
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
rpm rpm
rpmbuild rpm
cpio cpio
jsonnet jsonnet
go golang-go
clang clang
ld.lld lld
aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu
qemu-aarch64-static qemu-user-static
readelf binutils
dpkg-deb dpkg
cc gcc'
# files that are not commands, and their packages
files='/usr/aarch64-linux-gnu/lib/libc.so libc6-dev-arm64-cross
/usr/share/gocode/src/github.com/Masterminds/sprig/functions.go golang-github-masterminds-sprig-dev
/usr/share/gocode/src/sigs.k8s.io/yaml/yaml.go golang-k8s-sigs-yaml-dev'
missing=$(while read -r command package; do command -v "$command" >/dev/null || PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null || echo "$package"; done <<<"$tools"
    while read -r file package; do [ -e "$file" ] || echo "$package"; done <<<"$files")
missing=$(sort -u <<<"$missing")
if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        # shellcheck disable=SC2086 # one word per package
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

# lane NAME ARGUMENT...: runs dotnet test once and keeps its output and results
lane() {
    local name=$1
    shift
    mkdir -p "$results/$name"
    dotnet test -c Release --no-build --nologo --logger 'console;verbosity=normal' \
        --logger 'trx;LogFilePrefix=results' --results-directory "$results/$name" "$@" 2>&1 \
        | tee "$results/$name.log" | grep -Ev '^ +Passed |^Results File: '
    return "${PIPESTATUS[0]}"
}

# outcomes LANE: prints outcome<TAB>name<TAB>reason of each test, from the files, because the projects write to the
# console at the same time
outcomes() {
    find "$results/$1" -name '*.trx' -exec cat {} + 2>/dev/null | awk '
        function told() { if (name != "") print outcome "\t" name "\t" reason; name = "" }
        /<UnitTestResult / {
            told()
            reason = ""
            if (match($0, / testName="[^"]*"/)) name = substr($0, RSTART + 11, RLENGTH - 12)
            if (match($0, / outcome="[^"]*"/)) outcome = substr($0, RSTART + 10, RLENGTH - 11)
        }
        reason == "" && match($0, /<Message>[^<]*/) { reason = substr($0, RSTART + 9, RLENGTH - 9) }
        END { told() }' \
        | sed "s/&lt;/</g; s/&gt;/>/g; s/&quot;/\"/g; s/&apos;/'/g; s/&#xD;//g; s/&amp;/\&/g"
}

# what fails a run without failing a test: the end of the test host, an exception on a thread of the program, or in the
# disposal of what several tests share
beyond_tests='run (was )?aborted|\[FATAL ERROR\]|Cleanup Failure '

# finished LANE CODE: true if the lane succeeded, or failed only because of the failed tests that it lists. Otherwise keeps
# the reason for the end: the lines about it, or the last lines
finished() {
    [ "$2" = 0 ] && return
    local log=$results/$1.log
    # no grep -q at the end of a pipe: it exits early, and pipefail treats the resulting SIGPIPE as a failure
    if ! grep -qiE "$beyond_tests" "$log" && outcomes "$1" | grep '^Failed' >/dev/null; then
        return 0
    fi
    { echo "The run '$1' ended with code $2:"; grep -iE -A 15 "$beyond_tests" "$log" | grep -v '^ *Passed ' || tail -n 15 "$log"; } >>"$results/unfinished"
    return 1
}

dotnet build TcpStatExporter.sln -c Release -v quiet --nologo || exit 1
code=0
if [ $# -gt 0 ]; then
    lane all TcpStatExporter.sln "$@"
    finished all $?
else
    # four at once: tests that build packages and images need CPU, so they run at low priority, and so do those that look at
    # dashboards and pages. Those of doctor, top and pods mostly wait. In each of the four, end-to-end tests run one at a time
    slow='FullyQualifiedName~EndToEnd.Packaging|FullyQualifiedName~Shipped.Tests'
    pictures='FullyQualifiedName~EndToEnd.Grafana|FullyQualifiedName~EndToEnd.Page|FullyQualifiedName~EndToEnd.Container'
    calm='FullyQualifiedName~EndToEnd.Advisor|FullyQualifiedName~EndToEnd.Top|FullyQualifiedName~EndToEnd.Web|FullyQualifiedName~EndToEnd.Namespaces'
    others=$(tr '|' '&' <<<"$slow|$pictures|$calm" | sed 's/~/!~/g')
    beside() {
        renice -n "$1" -p "$BASHPID" >/dev/null
        lane "$2" "$3" --filter "$4"
        finished "$2" $?
    }
    lanes=()
    beside 10 slow TcpStatExporter.sln "$slow" &
    lanes+=($!)
    beside 10 pictures tests/TcpStatExporter.EndToEnd "$pictures" &
    lanes+=($!)
    beside 5 calm tests/TcpStatExporter.EndToEnd "$calm" &
    lanes+=($!)
    lane quick TcpStatExporter.sln --filter "$others"
    finished quick $?
    wait "${lanes[@]}"
fi
for name in all slow pictures calm quick; do outcomes "$name"; done >"$results/outcomes"

# rerun failed end-to-end tests now that nothing else runs. If many failed, other load was not the reason. Tests of one
# class run together, one after another, because they may share a setup that takes minutes
failed_methods() { awk -F '\t' '$1 == "Failed" { sub(/\(.*/, "", $2); print $2 }' "$results/outcomes" | sort -u; }
again=$(failed_methods | grep '^TcpStatExporter\.EndToEnd\.')
if [ -n "$again" ] && [ "$(wc -l <<<"$again")" -le 10 ]; then
    while read -r class; do
        methods=$(grep -E "^${class//./\\.}\.[^.]+$" <<<"$again")
        echo "Once more, alone:" $methods
        lane "again/$class" tests/TcpStatExporter.EndToEnd --filter "$(sed 's/^/FullyQualifiedName=/' <<<"$methods" | paste -sd '|')" </dev/null
        finished "again/$class" $? || continue
        outcomes "again/$class" >"$results/second"
        [ -s "$results/second" ] || continue
        # all rows of a theory run again, and each second result counts
        awk -F '\t' 'NR == FNR { again[$0]; next } { name = $2; sub(/\(.*/, "", name) } !(name in again)' <(echo "$methods") "$results/outcomes" >"$results/others"
        cat "$results/others" "$results/second" >"$results/outcomes"
    done < <(sed 's/\.[^.]*$//' <<<"$again" | sort -u)
    echo "Failed once, and ran again alone:"
    still=$(failed_methods)
    while read -r method; do
        grep -qxF "$method" <<<"$still" && echo "  failed again: $method" || echo "  passed:       $method"
    done <<<"$again"
fi

if [ -f "$TCPSTAT_MATRIX" ]; then
    echo "Which fault brought which alert (alerts/README.md):"
    cat "$TCPSTAT_MATRIX"
fi

skips=$(awk -F '\t' '$1 == "NotExecuted" { print $2 "\t" $3 }' "$results/outcomes")
if [ -n "$skips" ]; then
    echo "Skipped, by reason:"
    cut -f 2 <<<"$skips" | sort | uniq -c
    awk -F '\t' '{ print "  " $1 ": " $2 }' <<<"$skips"
fi

total() { awk -F '\t' -v outcome="$1" '$1 ~ outcome { sum++ } END { print sum + 0 }' "$results/outcomes"; }
passed=$(total '^Passed$') failed=$(total '^(Failed|Error|Timeout|Aborted)$') skipped=$(total '^NotExecuted$')
if [ "$failed" != 0 ]; then
    echo "Failed:"
    awk -F '\t' '$1 ~ /^(Failed|Error|Timeout|Aborted)$/ { print "  " $2 ": " $3 }' "$results/outcomes"
    code=1
fi
if [ -f "$results/unfinished" ]; then
    cat "$results/unfinished"
    code=1
fi
if [ "$passed" = 0 ] && [ "$code" = 0 ]; then
    echo "No test ran." >&2
    code=1
fi
if [ -n "${TCPSTAT_ACCEPTED_SKIPS:-}" ]; then
    accepted=$(cut -f 2 <<<"$skips" | grep -cE "$TCPSTAT_ACCEPTED_SKIPS")
    if [ "$accepted" != "$skipped" ]; then
        echo "Of $skipped skipped tests $accepted may be; the reasons of the others are above." >&2
        code=1
    fi
fi
echo "$passed passed, $failed failed, $skipped skipped"
exit "$code"
