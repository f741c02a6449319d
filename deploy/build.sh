#!/usr/bin/env bash
# Builds what is shipped for linux-x64. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'END'
deploy/build.sh [--aot] [--output DIR]

Builds the exporter for linux-x64 and packs it:
  tcpstat-exporter                            the program, one file that needs no .NET runtime
  tcpstat-exporter-VERSION.linux-amd64.tar.gz the same with unit files, man page, completion, runbooks and licence
  tcpstat-exporter_VERSION_amd64.deb          the same as a Debian package (where dpkg-deb is installed)
  SHA256SUMS                                  of all of them

  --aot         native code, compiled ahead of time: less memory, a faster start, a stricter unit.
                Needs clang or gcc, and zlib's headers (Debian: clang zlib1g-dev).
                Without it: ReadyToRun, which the runtime inside the file completes as it runs.
  --output DIR  where to [default: artifacts/deploy/readytorun, or artifacts/deploy/aot]

The program is published by deploy/publish.sh.

Environment: EXPORTER_FRAMEWORK, the framework to build for [default: net10.0]; SOURCE_DATE_EPOCH, the time that the
files carry [default: that of the last commit].
END
}

flavour=readytorun output=
while [ $# -gt 0 ]; do
    case $1 in
        --aot) flavour=aot ;;
        --output) output=${2:?--output needs a folder}; shift ;;
        --help | -h) usage; exit 0 ;;
        *) echo "deploy/build.sh: unknown argument $1. See --help." >&2; exit 2 ;;
    esac
    shift
done

output=${output:-artifacts/deploy/$flavour}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
version=$(dotnet msbuild src/TcpStatExporter -getProperty:Version)
rm -rf "$output"
mkdir -p "$output"

# FILE MODE DESTINATION, below the folder that is packed
ship() { install -D -m "$2" "$1" "$root/$3"; }

# what an alert sends its reader to, for hosts that reach no page of the project's
ship_runbooks() {
    for file in alerts/runbooks/*.md; do
        ship "$file" 644 "$1/runbooks/${file##*/}"
    done
    ship alerts/backlog.md 644 "$1/backlog.md"
}

pack_tar() {
    local name=tcpstat-exporter-$version.linux-amd64
    local root=$work/$name
    ship "$output/tcpstat-exporter" 755 tcpstat-exporter
    for file in LICENSE README.md CHANGELOG.md SECURITY.md; do ship "$file" 644 "$file"; done
    for file in tcpstat-exporter.service tcpstat-exporter.socket; do ship "deploy/systemd/$file" 644 "systemd/$file"; done
    [ $flavour != aot ] || ship deploy/systemd/native.conf 644 systemd/native.conf
    ship deploy/man/tcpstat-exporter.1 644 man/tcpstat-exporter.1
    for file in tcpstat-exporter.bash _tcpstat-exporter tcpstat-exporter.fish; do ship "deploy/completion/$file" 644 "completion/$file"; done
    ship deploy/examples/web-config.yml 644 examples/web-config.yml
    ship_runbooks alerts
    tar -C "$work" --sort=name --owner=0 --group=0 --numeric-owner --mode=go-w --mtime="@$SOURCE_DATE_EPOCH" -c "$name" \
        | gzip -9 -n >"$output/$name.tar.gz"
}

pack_deb() {
    local root=$work/deb
    local doc=usr/share/doc/tcpstat-exporter
    mkdir -p "$root/DEBIAN" "$root/$doc"
    ship "$output/tcpstat-exporter" 755 usr/bin/tcpstat-exporter
    ship deploy/systemd/tcpstat-exporter.service 644 lib/systemd/system/tcpstat-exporter.service
    ship deploy/systemd/tcpstat-exporter.socket 644 lib/systemd/system/tcpstat-exporter.socket
    [ $flavour != aot ] || ship deploy/systemd/native.conf 644 lib/systemd/system/tcpstat-exporter.service.d/native.conf
    ship deploy/deb/default 644 etc/default/tcpstat-exporter
    ship deploy/deb/copyright 644 $doc/copyright
    ship deploy/deb/lintian-overrides 644 usr/share/lintian/overrides/tcpstat-exporter
    ship deploy/completion/tcpstat-exporter.bash 644 usr/share/bash-completion/completions/tcpstat-exporter
    ship deploy/completion/_tcpstat-exporter 644 usr/share/zsh/vendor-completions/_tcpstat-exporter
    ship deploy/completion/tcpstat-exporter.fish 644 usr/share/fish/vendor_completions.d/tcpstat-exporter.fish
    ship deploy/examples/web-config.yml 644 $doc/examples/web-config.yml
    ship_runbooks $doc
    mkdir -p "$root/usr/share/man/man1"
    gzip -9 -n -c deploy/man/tcpstat-exporter.1 >"$root/usr/share/man/man1/tcpstat-exporter.1.gz"
    chmod 644 "$root/usr/share/man/man1/tcpstat-exporter.1.gz"
    gzip -9 -n -c CHANGELOG.md >"$root/$doc/changelog.gz"
    gzip -9 -n >"$root/$doc/changelog.Debian.gz" <<END
tcpstat-exporter ($version-1) unstable; urgency=medium

  * What changed is told in changelog.gz.

 -- $(sed -n 's/^Maintainer: //p' deploy/deb/control)  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END
    chmod 644 "$root/$doc"/*.gz

    # the native program is C's only; the other one has the runtime inside, which is C++. OpenSSL is loaded when it runs
    local depends='libc6 (>= 2.34), libssl3 | libssl3t64'
    [ $flavour = aot ] || depends+=', libgcc-s1, libstdc++6'
    sed -e "s/@VERSION@/$version-1/" -e "s/@DEPENDS@/$depends/" \
        -e "s/@SIZE@/$(du -sk --apparent-size --exclude=DEBIAN "$root" | cut -f 1)/" deploy/deb/control >"$root/DEBIAN/control"
    echo /etc/default/tcpstat-exporter >"$root/DEBIAN/conffiles"
    install -m 755 deploy/deb/postinst deploy/deb/prerm deploy/deb/postrm "$root/DEBIAN/"
    (cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\n' | sort | xargs md5sum) >"$root/DEBIAN/md5sums"
    find "$root" -type d -exec chmod 755 {} +
    chmod 644 "$root/DEBIAN/control" "$root/DEBIAN/conffiles" "$root/DEBIAN/md5sums"
    dpkg-deb --root-owner-group -Zxz --build "$root" "$output/tcpstat-exporter_${version}_amd64.deb" >/dev/null
}

arguments=(--output "$work/publish")
[ $flavour != aot ] || arguments+=(--aot)
deploy/publish.sh "${arguments[@]}"
install -m 755 "$work/publish/tcpstat-exporter" "$output/tcpstat-exporter"
pack_tar
if command -v dpkg-deb >/dev/null; then
    pack_deb
else
    echo "deploy/build.sh: no dpkg-deb here, so no .deb." >&2
fi

(cd "$output" && sha256sum -- * >"$work/sums" && mv "$work/sums" SHA256SUMS)
ls -l "$output"
