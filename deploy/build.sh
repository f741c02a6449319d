#!/usr/bin/env bash
# Builds the program and its packages for one architecture. See --help.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'END'
deploy/build.sh [--readytorun] [--arch ARCH] [--version VERSION] [--output DIR]

Builds the exporter as native code and packs it:
  tcpstat-exporter                         the program: one file that needs no .NET
  tcpstat-exporter-VERSION.linux-ARCH.tar.gz
                                           the program with unit files, man page, completion, runbooks and licence
  tcpstat-exporter_VERSION_ARCH.deb        the same for Debian and Ubuntu (needs dpkg-deb)
  tcpstat-exporter-VERSION-1.MACHINE.rpm   the same for Fedora, RHEL and SUSE (needs rpmbuild)
  SHA256SUMS                               checksums of all of them

  --readytorun       ReadyToRun code with the .NET runtime inside the file: more memory, a slower start, no C compiler
                     needed to build it
  --arch ARCH        amd64 or arm64 [default: this machine's]
  --version VERSION  version of the program and the packages [default: the one in Directory.Build.props]
  --output DIR       where to put the files [default: artifacts/deploy/FLAVOUR-ARCH]

deploy/publish.sh --help lists what the compiler needs. A package whose tool is not installed is left out, with a message.

Environment: SOURCE_DATE_EPOCH, the time stamp of the packed files [default: the time of the last commit].
END
}

flavour=native arch=$(uname -m) output='' version=''
while [ $# -gt 0 ]; do
    case $1 in
        --readytorun) flavour=readytorun ;;
        --arch) arch=${2:?--arch needs an architecture}; shift ;;
        --version) version=${2:?--version needs a version}; shift ;;
        --output) output=${2:?--output needs a folder}; shift ;;
        --help | -h) usage; exit 0 ;;
        *) echo "deploy/build.sh: unknown argument $1. See --help." >&2; exit 2 ;;
    esac
    shift
done
case $arch in
    amd64 | x64 | x86_64) arch=amd64 machine=x86_64 ;;
    arm64 | aarch64) arch=arm64 machine=aarch64 ;;
    *) echo "deploy/build.sh: unknown architecture $arch. Use amd64 or arm64." >&2; exit 2 ;;
esac

output=${output:-artifacts/deploy/$flavour-$arch}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
version=${version:-$(dotnet msbuild src/TcpStatExporter -getProperty:Version)}
# in package versions, 1.0~rc1 sorts before 1.0
package_version=$(tr - '~' <<<"$version")
maintainer=$(sed -n 's/^Maintainer: //p' deploy/deb/control)
rm -rf "$output"
mkdir -p "$output"

units=(tcpstat-exporter.service tcpstat-exporter.socket tcpstat-exporter-opener.service tcpstat-exporter-opener.socket)

# FILE MODE DESTINATION, below the directory that is packed
ship() { install -D -m "$2" "$1" "$root/$3"; }

# the targets of the alerts' links, for hosts that cannot reach the project's pages
ship_runbooks() {
    for file in alerts/runbooks/*.md; do
        ship "$file" 644 "$1/runbooks/${file##*/}"
    done
    ship alerts/backlog.md 644 "$1/backlog.md"
}

# UNITS ZSH FISH DOC: the common files of .deb and .rpm, each at the distribution's path
ship_system() {
    ship "$output/tcpstat-exporter" 755 usr/bin/tcpstat-exporter
    for unit in "${units[@]}"; do ship "deploy/systemd/$unit" 644 "$1/$unit"; done
    if [ $flavour != native ]; then
        for unit in tcpstat-exporter tcpstat-exporter-opener; do
            ship deploy/systemd/readytorun.conf 644 "$1/$unit.service.d/readytorun.conf"
        done
    fi
    ship deploy/deb/default 644 etc/default/tcpstat-exporter
    ship deploy/completion/tcpstat-exporter.bash 644 usr/share/bash-completion/completions/tcpstat-exporter
    ship deploy/completion/_tcpstat-exporter 644 "$2/_tcpstat-exporter"
    ship deploy/completion/tcpstat-exporter.fish 644 "$3/tcpstat-exporter.fish"
    ship deploy/examples/web-config.yml 644 "$4/examples/web-config.yml"
    ship_runbooks "$4"
    mkdir -p "$root/usr/share/man/man1"
    gzip -9 -n -c deploy/man/tcpstat-exporter.1 >"$root/usr/share/man/man1/tcpstat-exporter.1.gz"
    chmod 644 "$root/usr/share/man/man1/tcpstat-exporter.1.gz"
}

pack_tar() {
    local name=tcpstat-exporter-$version.linux-$arch
    local root=$work/$name
    ship "$output/tcpstat-exporter" 755 tcpstat-exporter
    for file in LICENSE README.md CHANGELOG.md SECURITY.md; do ship "$file" 644 "$file"; done
    for file in "${units[@]}"; do ship "deploy/systemd/$file" 644 "systemd/$file"; done
    [ $flavour = native ] || ship deploy/systemd/readytorun.conf 644 systemd/readytorun.conf
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
    ship_system lib/systemd/system usr/share/zsh/vendor-completions usr/share/fish/vendor_completions.d $doc
    ship deploy/deb/copyright 644 $doc/copyright
    ship deploy/deb/lintian-overrides 644 usr/share/lintian/overrides/tcpstat-exporter
    gzip -9 -n -c CHANGELOG.md >"$root/$doc/changelog.gz"
    gzip -9 -n >"$root/$doc/changelog.Debian.gz" <<END
tcpstat-exporter ($package_version-1) unstable; urgency=medium

  * See changelog.gz for what changed.

 -- $maintainer  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END
    chmod 644 "$root/$doc"/*.gz

    # native code needs only the C library; the .NET runtime in the other flavour needs C++. OpenSSL is loaded at run
    # time
    local depends='libc6 (>= 2.34), libssl3 | libssl3t64'
    [ $flavour = native ] || depends+=', libgcc-s1, libstdc++6'
    sed -e "s/@VERSION@/$package_version-1/" -e "s/@ARCH@/$arch/" -e "s/@DEPENDS@/$depends/" \
        -e "s/@SIZE@/$(du -sk --apparent-size --exclude=DEBIAN "$root" | cut -f 1)/" deploy/deb/control >"$root/DEBIAN/control"
    echo /etc/default/tcpstat-exporter >"$root/DEBIAN/conffiles"
    install -m 755 deploy/deb/postinst deploy/deb/prerm deploy/deb/postrm "$root/DEBIAN/"
    (cd "$root" && find . -path ./DEBIAN -prune -o -type f -printf '%P\n' | LC_ALL=C sort | xargs md5sum) >"$root/DEBIAN/md5sums"
    find "$root" -type d -exec chmod 755 {} +
    chmod 644 "$root/DEBIAN/control" "$root/DEBIAN/conffiles" "$root/DEBIAN/md5sums"
    dpkg-deb --root-owner-group -Zxz --build "$root" "$output/tcpstat-exporter_${package_version}_$arch.deb" >/dev/null
}

pack_rpm() {
    local root=$work/rpm
    local doc=usr/share/doc/tcpstat-exporter
    ship_system usr/lib/systemd/system usr/share/zsh/site-functions usr/share/fish/vendor_completions.d $doc
    ship CHANGELOG.md 644 $doc/CHANGELOG.md
    ship LICENSE 644 usr/share/licenses/tcpstat-exporter/LICENSE
    find "$root" -type d -exec chmod 755 {} +
    # rpmbuild first empties its build root, so the spec file copies the files there
    rpmbuild -bb --quiet --target "$machine-linux" --define "_topdir $work/rpmbuild" --define "_rpmdir $output" \
        --define "_build_name_fmt tcpstat-exporter-%{VERSION}-%{RELEASE}.%{ARCH}.rpm" \
        --define "exporter_version $package_version" --define "exporter_root $root" --define "exporter_native $([ $flavour = native ] && echo 1 || echo 0)" \
        --define "exporter_vendor ${maintainer%% <*}" deploy/rpm/tcpstat-exporter.spec
}

arguments=(--arch $arch --output "$work/publish")
[ $flavour = native ] || arguments+=(--readytorun)
deploy/publish.sh "${arguments[@]}" -p:Version="$version"
install -m 755 "$work/publish/tcpstat-exporter" "$output/tcpstat-exporter"
output=$(cd "$output" && pwd)
pack_tar
for tool in dpkg-deb:pack_deb:.deb rpmbuild:pack_rpm:.rpm; do
    IFS=: read -r command pack name <<<"$tool"
    if command -v "$command" >/dev/null; then
        $pack
    else
        echo "deploy/build.sh: $command is not installed, so there is no $name." >&2
    fi
done

(cd "$output" && sha256sum -- * >"$work/sums" && mv "$work/sums" SHA256SUMS)
ls -l "$output"
