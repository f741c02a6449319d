#!/bin/bash
# Images under the names that the Dockerfile builds from, where the real ones cannot be pulled: libraries and, but for the
# base without a shell, the few programs that a build runs, as this Debian has them. .NET's SDK and the packages are not
# in them but mounted: see ContainerImage. They prove the Dockerfile's steps, not what the real images contain.
#   stand-ins.sh ROOT RUNROOT   both of podman's storage
set -euo pipefail
podman=(podman --root "$1" --runroot "$2" --storage-driver vfs --events-backend file --cgroup-manager cgroupfs)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# files of the packages, under a merged /usr
image() {
    local name=$1 environment=$2
    shift 2
    dpkg -L "$@" | sort -u | while read -r file; do
        case $file in /usr/share/* | */gconv/* | /etc/*) continue ;; esac
        if [ -f "$file" ]; then echo ".$file"; fi
    done >"$work/files"
    mkdir -p "$work"/links/{usr/bin,usr/sbin,usr/lib,usr/lib64,tmp,etc/ssl,root}
    echo root:x:0:0:root:/root:/bin/sh >"$work/links/etc/passwd"
    chmod 1777 "$work/links/tmp"
    for folder in bin sbin lib lib64; do ln -sfn "usr/$folder" "$work/links/$folder"; done
    tar -C "$work/links" -cf "$work/image.tar" .
    tar -C / --files-from="$work/files" --transform='s,^\./\(bin\|sbin\|lib\|lib64\)/,./usr/\1/,S' -rf "$work/image.tar"
    # shellcheck disable=SC2086 # one word a variable
    "${podman[@]}" import --quiet $environment "$work/image.tar" "$name" >/dev/null
}

libraries=(libc6 libgcc-s1 libstdc++6 zlib1g libssl3)
image mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled "--change ENV=APP_UID=1654" "${libraries[@]}"
# gcc, and what it depends on; the headers and libraries of C it only recommends
compiler=$(apt-cache depends --recurse --installed --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances gcc | grep '^[a-z]' | cut -d : -f 1 | sort -u)
# shellcheck disable=SC2086 # one word a package
image mcr.microsoft.com/dotnet/sdk:10.0-noble-aot "--change ENV=PATH=/usr/share/dotnet:/usr/bin:/bin --change ENV=HOME=/root --change ENV=DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 --change ENV=DOTNET_NOLOGO=1 --change ENV=NUGET_CERT_REVOCATION_MODE=offline" \
    "${libraries[@]}" libc6-dev dash bash grep libtinfo6 coreutils libacl1 libattr1 libselinux1 libpcre2-8-0 libgmp10 $compiler
