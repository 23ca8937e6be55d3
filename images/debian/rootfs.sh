#!/bin/sh
# Writes a minimal Debian root file system to stdout as a tar, for machines that reach no image registry.
# Progress goes to stderr. Needs root, debootstrap, and a mount namespace of its own (`unshare --mount`): the
# tree grows on a tmpfs that only this process sees, so nothing stays behind, however it ends.
set -eu
suite=bookworm
root=/mnt
mount -t tmpfs -o mode=0755 tmpfs "$root"
debootstrap --variant=minbase "$suite" "$root" >&2

cat > "$root/etc/apt/sources.list" <<EOF
deb http://deb.debian.org/debian $suite main
deb http://deb.debian.org/debian $suite-updates main
deb http://deb.debian.org/debian-security $suite-security main
EOF
# What the official Debian images do too: no services started by packages, no fsync per file, no documentation, no cache kept.
printf '#!/bin/sh\nexit 101\n' > "$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
cat > "$root/etc/dpkg/dpkg.cfg.d/container" <<EOF
force-unsafe-io
path-exclude /usr/share/doc/*
path-exclude /usr/share/man/*
path-exclude /usr/share/locale/*
EOF
cat > "$root/etc/apt/apt.conf.d/container" <<EOF
Acquire::Languages "none";
APT::Install-Recommends "false";
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
EOF
rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/archives/*.deb "$root"/var/log/*.log
rm -rf "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/*
: > "$root/etc/machine-id"
rm -f "$root/etc/resolv.conf" "$root/etc/hostname"
tar --directory="$root" --numeric-owner --create .
