#!/usr/bin/env bash
# Writes src/TcpStatExporter/native-order.txt: the functions that a running exporter uses. The native compiler puts them next
# to each other, which saves memory. A function that is missing from the list costs a page. A name that no longer exists is
# ignored. So run this before a release, as root, on a machine with valgrind. Takes about five minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

for tool in valgrind callgrind_control nm ip curl python3; do
    command -v $tool >/dev/null || { echo "deploy/order.sh needs $tool (Debian: valgrind binutils iproute2 curl python3)." >&2; exit 1; }
done

work=$(mktemp -d)
ns=tcpstat-order-$$
pids=()
cleanup() {
    [ ${#pids[@]} = 0 ] || kill "${pids[@]}" 2>/dev/null || true
    wait
    ip netns del $ns 2>/dev/null || true
    rm -rf "$work"
}
trap cleanup EXIT

# in a folder of its own, because the linker would not run again for a program without symbols
deploy/publish.sh --output "$work" -p:StripSymbols=false -p:ArtifactsPath="$PWD/artifacts/publish/order"
ip netns add $ns
ip -n $ns link set lo up

# fifty listeners, one with connections that nobody accepts, and some established connections
ip netns exec $ns python3 - <<'END' &
import socket, time
listeners = [socket.create_server(("127.0.0.1", 20000 + i), backlog=16) for i in range(50)]
clients = [socket.create_connection(("127.0.0.1", 20000 + i % 20)) for i in range(40)]
accepted = [listener.accept() for listener in listeners[:10]]
time.sleep(3600)
END
pids+=($!)

# a small heap, because valgrind cannot reserve as many addresses as the runtime asks for by default
DOTNET_GCHeapHardLimit=0x20000000 ip netns exec $ns valgrind --tool=callgrind --instr-atstart=no \
    --callgrind-out-file="$work/profile" "$work/tcpstat-exporter" --web.listen-address=127.0.0.1:9999 >"$work/log" 2>&1 &
exporter=$!
pids+=($exporter)
scrape() { ip netns exec $ns curl -sf -m 60 --compressed -o "$work/page" http://127.0.0.1:9999/metrics; }
for _ in $(seq 120); do scrape && break; sleep 1; done
scrape

# startup is over: what runs in the next minute, it uses all the time
callgrind_control -i on $exporter >/dev/null
for _ in $(seq 35); do scrape; sleep 2; done
kill $exporter
wait $exporter || true

grep -oP '^c?fn=\(\d+\) \K.*' "$work/profile" | sed "s/'[0-9]*$//" | sort -u >"$work/used"
nm --defined-only "$work/tcpstat-exporter" | awk '$2 ~ /[tT]/ { print $3 }' | sort -u >"$work/symbols"
comm -12 "$work/used" "$work/symbols" >src/TcpStatExporter/native-order.txt
echo "$(wc -l <src/TcpStatExporter/native-order.txt) functions in src/TcpStatExporter/native-order.txt"
