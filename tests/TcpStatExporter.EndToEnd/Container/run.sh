#!/bin/bash
# podman run, for an image of its own storage: in a mount namespace in which the cgroup2 hierarchy is at RUNROOT/cgroup
# and, where version 1 is beside it, no longer where crun would meet it and refuse.
#   run.sh ROOT RUNROOT FLAGS OF PODMAN RUN...
set -euo pipefail
if [ "${INSIDE:-}" = "" ]; then
    INSIDE=1 exec unshare --mount --propagation private "$0" "$@"
fi
mkdir -p "$2/cgroup"
if [ -d /sys/fs/cgroup/unified ]; then
    mount --move /sys/fs/cgroup/unified "$2/cgroup"
else
    mount --bind /sys/fs/cgroup "$2/cgroup"
fi
exec podman --root "$1" --runroot "$2" --storage-driver vfs --events-backend file --cgroup-manager cgroupfs \
    run --cgroups=disabled --ulimit nofile=4096:4096 --ulimit nproc=4096:4096 --health-interval=disable "${@:3}"
