#!/usr/bin/env python3
"""Captures a fixture host: a new network namespace with sockets in every state that lasts.

    python3 tests/Fixtures/capture.py tests/Fixtures/hosts/NAME [idle | udp | conntrack]

With "idle" it has one listener and omits the files that a host without IPv6 lacks. With "udp" it has one listener and UDP
receivers that nobody reads, and captures the UDP files too. With "conntrack" it fills the connection tracking table with
UDP packets over loopback, and captures only the files of that table. Needs root and iproute2. The namespace and its sockets
are gone when the script ends. TCP_CLOSE is missing: a socket in that state is in no table that the kernel prints.
Parameters that a child namespace lacks are copied from the host.
"""
import ctypes
import datetime
import os
import pathlib
import platform
import socket
import struct
import subprocess
import sys
import time

SO_ATTACH_FILTER = 26
CLONE_NEWNET = 0x40000000
NET_FILES = ["tcp", "netstat", "snmp", "sockstat"]
IPV6_FILES = ["tcp6", "sockstat6"]
HOST_WIDE = ["ipv4/tcp_mem", "ipv4/tcp_max_orphans", "core/netdev_max_backlog"]
SYSCTLS = ["core/somaxconn", "core/rmem_max", "core/wmem_max", "ipv4/ip_local_port_range",
           "ipv4/ip_local_reserved_ports", "ipv4/tcp_abort_on_overflow", "ipv4/tcp_fin_timeout",
           "ipv4/tcp_keepalive_intvl", "ipv4/tcp_keepalive_probes", "ipv4/tcp_keepalive_time",
           "ipv4/tcp_max_syn_backlog", "ipv4/tcp_max_tw_buckets", "ipv4/tcp_retries2", "ipv4/tcp_rmem",
           "ipv4/tcp_synack_retries", "ipv4/tcp_syncookies", "ipv4/tcp_syn_retries", "ipv4/tcp_timestamps", "ipv4/tcp_tw_recycle",
           "ipv4/tcp_tw_reuse", "ipv4/tcp_wmem"]
COMMANDS = ["ip link set lo up",
            "sysctl -qw net.ipv4.ip_local_reserved_ports=8080,9148,10000-11000"]

UDP_FILES = ["udp", "udp6", "snmp6"]

CONNTRACK_COMMANDS = ["ip link set lo up",
                      "iptables -A OUTPUT -m conntrack --ctstate INVALID -j DROP"]
CONNTRACK_FILES = ["proc/sys/net/netfilter/nf_conntrack_count", "proc/sys/net/netfilter/nf_conntrack_max",
                   "proc/sys/net/netfilter/nf_conntrack_tcp_timeout_established", "proc/net/stat/nf_conntrack"]

DROP_ALL = [(0x06, 0, 0, 0)]
SYN_ONLY = [(0x30, 0, 0, 13), (0x45, 0, 1, 0x10), (0x06, 0, 0, 0), (0x06, 0, 0, 0xFFFFFFFF)]
held = []


def hold(sock):
    held.append(sock)
    return sock


def attach(sock, program):
    """Attaches a classic BPF program: the socket never sees what it drops."""
    code = b"".join(struct.pack("HBBI", *op) for op in program)
    buffer = ctypes.create_string_buffer(code)
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", len(program), ctypes.addressof(buffer)))


def listen(address, port, backlog=128, v6only=True, reuse=False):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = hold(socket.socket(family, socket.SOCK_STREAM))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, reuse)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    sock.bind((address, port))
    sock.listen(backlog)
    return sock


def connect(address, port, wait=True):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = hold(socket.socket(family, socket.SOCK_STREAM))
    sock.setblocking(wait)
    sock.connect_ex((address, port))
    return sock


def pair(listener, address):
    client = connect(address, listener.getsockname()[1])
    return client, hold(listener.accept()[0])


def populate():
    idle = listen("0.0.0.0", 9100)
    listen("127.0.0.1", 7000, reuse=True)
    listen("127.0.0.1", 7000, reuse=True)
    web4, web6, dual = listen("127.0.0.1", 8080), listen("::1", 8081), listen("::", 8443, v6only=False)
    queued, half4, half6 = listen("127.0.0.1", 5000, 8), listen("127.0.0.1", 6000, 16), listen("::1", 6001, 16)
    attach(half4, SYN_ONLY)
    attach(half6, SYN_ONLY)
    attach(listen("127.0.0.1", 5001), DROP_ALL)
    attach(listen("::1", 5002), DROP_ALL)

    for listener, address in [(web4, "127.0.0.1")] * 4 + [(web6, "::1")] * 3 + [(dual, "127.0.0.1"), (dual, "::1")]:
        pair(listener, address)                         # ESTABLISHED, one of them v4-mapped
    client, server = pair(web4, "127.0.0.1")
    client.send(b"x" * 1000)                            # rx_queue
    client, server = pair(web6, "::1")
    attach(server, DROP_ALL)
    client.send(b"x" * 2000)                            # tx_queue and the retransmission timer
    client, server = pair(web4, "127.0.0.1")
    client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)    # the keepalive timer

    for _ in range(3):
        connect("127.0.0.1", 5000)                      # an accept queue of three
    connect("127.0.0.1", 5000).close()                  # CLOSE_WAIT that no process has accepted
    connect("127.0.0.1", 5001, wait=False)              # SYN_SENT
    connect("::1", 5002, wait=False)
    for _ in range(3):
        connect("127.0.0.1", 6000, wait=False)          # SYN_RECV: the last ACK of the handshake is dropped
    connect("::1", 6001, wait=False)

    for listener, address in [(web4, "127.0.0.1"), (web6, "::1"), (dual, "127.0.0.1")]:
        client, server = pair(listener, address)        # FIN_WAIT2 with its socket, and CLOSE_WAIT
        client.shutdown(socket.SHUT_WR)
        client, server = pair(listener, address)        # FIN_WAIT2 as a minisocket, and CLOSE_WAIT
        client.close()
        client, server = pair(listener, address)        # TIME_WAIT
        client.close()
        time.sleep(0.05)
        server.close()
        client, server = pair(listener, address)        # FIN_WAIT1
        attach(server, DROP_ALL)
        client.shutdown(socket.SHUT_WR)
        client, server = pair(listener, address)        # LAST_ACK, and FIN_WAIT2
        client.shutdown(socket.SHUT_WR)
        time.sleep(0.05)
        attach(client, DROP_ALL)
        server.close()
        client, server = pair(listener, address)        # CLOSING, and FIN_WAIT1
        attach(server, DROP_ALL)
        client.shutdown(socket.SHUT_WR)
        time.sleep(0.05)
        server.shutdown(socket.SHUT_WR)
    pair(idle, "127.0.0.1")[0].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    held[-2].close()                                    # a reset: nothing remains, but EstabResets
    time.sleep(0.3)


def populate_udp():
    """Creates receivers with a full queue and drops, receivers with neither, a client, and a connected socket, which is not a receiver."""
    listen("0.0.0.0", 22)
    for address, full in [("127.0.0.1", 53), ("::1", 53)]:
        receiver = bind_udp(address, full)
        sender = bind_udp(address, 0)
        for _ in range(200):
            sender.sendto(b"x" * 100, (address, full))
    bind_udp("0.0.0.0", 514)
    bind_udp("::", 8125)
    bind_udp("127.0.0.1", 5353).connect(("127.0.0.1", 53))


def bind_udp(address, port):
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    sock.bind((address, port))
    held.append(sock)
    return sock


def capture_conntrack(out):
    """Sends packets to as many destinations as the table holds, and a few more, which evict entries without an answer."""
    unshare()
    for command in CONNTRACK_COMMANDS:
        subprocess.run(command.split(), check=True)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    limit = int(pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_max").read_text())
    for i in range(limit + limit // 32):
        sock.sendto(b"x", (f"127.1.{(i >> 8) & 255}.{i & 255}", 9 + (i >> 16)))
    for name in CONNTRACK_FILES:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(pathlib.Path("/" + name.replace("proc/net", "proc/thread-self/net")).read_bytes())
    (out / "host.txt").write_text(
        about(out, " conntrack") + "".join(f"    {command}\n" for command in CONNTRACK_COMMANDS)
        + "and a UDP packet to each of more destinations than the table has room for.\n")


def unshare():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")


def about(out, mode):
    return (f"Kernel:  {platform.release()} {platform.machine()}\n"
            f"Date:    {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d}\n"
            f"Command: python3 tests/Fixtures/capture.py tests/Fixtures/hosts/{out.name}{mode}\n"
            "\nA network namespace of its own, with\n")


def main():
    out = pathlib.Path(sys.argv[1])
    if sys.argv[2:] == ["conntrack"]:
        capture_conntrack(out)
        return
    idle, udp = sys.argv[2:] == ["idle"], sys.argv[2:] == ["udp"]
    files = {f"proc/sys/net/{name}": pathlib.Path("/proc/sys/net", name).read_bytes() for name in HOST_WIDE}
    unshare()
    for command in COMMANDS:
        subprocess.run(command.split(), check=True)
    if idle:
        listen("0.0.0.0", 22)
    elif udp:
        populate_udp()
    else:
        populate()
    for name in NET_FILES + ([] if idle else IPV6_FILES) + (UDP_FILES if udp else []):
        files[f"proc/net/{name}"] = pathlib.Path("/proc/self/net", name).read_bytes()
    for name in SYSCTLS:
        path = pathlib.Path("/proc/sys/net", name)
        if path.exists():
            files[f"proc/sys/net/{name}"] = path.read_bytes()
    for name, content in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_bytes(content)
    (out / "host.txt").write_text(
        about(out, "".join(f" {mode}" for mode in sys.argv[2:])) + "".join(f"    {command}\n" for command in COMMANDS)
        + "and the sockets that the script makes.\n"
        f"Of the root namespace, since a child has none: {', '.join(HOST_WIDE)}.\n"
        + (f"Changed: {' and '.join(IPV6_FILES)} left out, as on a host without IPv6.\n" if idle else ""))


main()
