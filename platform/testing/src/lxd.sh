#!/bin/sh
# An LXD of one's own for the length of a run: on a socket in a temporary folder, with a btrfs pool in a file and the image
# of a computer that has only BusyBox. It answers one line: `ready <socket> <fingerprint of the image>`, or `failed:` and a
# reason. Then it watches its input: when whoever started it ends, by whatever way, the kernel closes the pipe, and the
# instances, the networks, the pool, the daemon and all files go.
#   lxd.sh [size of the pool, default 4GiB]
trap '' INT HUP TERM
fail() { echo "failed: $1: $(tail -n 3 "$dir/log" 2>/dev/null | tr '\n' ' ')"; exit 1; }
PATH=$PATH:/usr/sbin:/sbin
export PATH
for need in lxd lxc dnsmasq nft btrfs busybox flock; do
    command -v $need >/dev/null || { echo "failed: $need is not installed"; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "failed: LXD runs as root only"; exit 1; }
# One at a time on a machine: bridges, their addresses and control groups are the machine's.
exec 9>/tmp/daftar-lxd.lock
flock -w 900 9 || { echo "failed: another run keeps its LXD"; exit 1; }
dir=$(mktemp -d /tmp/daftar-lxd.XXXXXX) || { echo "failed: no temporary folder"; exit 1; }
export LXD_DIR="$dir/lxd" HOME="$dir"
# The computers' own root, who is nobody here, must find his way in.
chmod 711 "$dir"
daemon=

# Also what a killed daemon left behind: its mounts and bridges are the machine's.
clean() {
    for project in $(lxc project list --format csv 2>/dev/null | cut -d, -f1 | sed 's/ (current)//'); do
        for instance in $(lxc list --project "$project" -c n --format csv 2>/dev/null); do
            timeout 60 lxc delete --force --project "$project" "$instance"
        done
        for volume in $(lxc query "/1.0/storage-pools/pool/volumes/custom?project=$project" 2>/dev/null \
            | grep -o 'custom/[^"?]*' | cut -d/ -f2); do
            timeout 60 lxc storage volume delete --project "$project" pool "$volume"
        done
    done
    lxc network list --format csv 2>/dev/null | grep ',YES,' | cut -d, -f1 | while read -r network; do
        timeout 30 lxc network delete "$network" || ip link delete "$network"
    done
    # A daemon that was ended with whoever started us can no longer say which are its own.
    for network in "$dir"/lxd/networks/*; do ip link delete "$(basename "$network")"; done
    if [ -n "$daemon" ]; then
        timeout 60 lxd shutdown || kill -9 "$daemon"
        wait "$daemon"
    fi
    for server in $(pgrep -f "dhcp-leasefile=$dir/"); do kill "$server"; done
    for mount in $(grep -o " $dir/[^ ]*" /proc/mounts | sort -r); do umount -l "$mount"; done
    for loop in $(losetup -n -O NAME -j "$dir/lxd/disks/pool.img" 2>/dev/null); do losetup -d "$loop"; done
    rm -rf "$dir"
}
trap 'clean >/dev/null 2>&1 </dev/null' EXIT

mkdir "$LXD_DIR"
lxd --group "$(getent group lxd >/dev/null && echo lxd || echo root)" --logfile="$dir/log" >/dev/null 2>&1 </dev/null 9>&- &
daemon=$!
timeout 60 lxd waitready --timeout=60 >/dev/null 2>&1 || fail "LXD does not start"
lxc storage create pool btrfs size="${1:-4GiB}" >>"$dir/log" 2>&1 </dev/null || fail "no pool"

image="$dir/image"
mkdir -p "$image/rootfs/bin" "$image/rootfs/sbin" "$image/rootfs/etc"
for folder in proc sys dev tmp root run data var/run; do mkdir -p "$image/rootfs/$folder"; done
cp "$(command -v busybox)" "$image/rootfs/bin/busybox"
for applet in sh init ls cat dd sleep ip udhcpc ping nc wget poweroff mkdir rm df echo hostname nproc head yes seq kill \
    sync mount wc true false touch; do
    ln -s busybox "$image/rootfs/bin/$applet"
done
ln -s ../bin/busybox "$image/rootfs/sbin/init"
cat >"$image/rootfs/etc/inittab" <<'INITTAB'
::respawn:/bin/udhcpc -f -i eth0 -s /etc/lease
INITTAB
cat >"$image/rootfs/etc/lease" <<'LEASE'
#!/bin/sh
ip link set "$interface" up
case "$1" in
bound | renew)
    ip addr flush dev "$interface"
    ip addr add "$ip/$mask" dev "$interface"
    [ -z "$router" ] || ip route add default via "$router"
    ;;
esac
LEASE
chmod +x "$image/rootfs/etc/lease"
cat >"$image/metadata.yaml" <<METADATA
architecture: $(uname -m)
creation_date: 1700000000
properties: {description: BusyBox, os: busybox}
METADATA
tar -C "$image" -czf "$image.tar.gz" metadata.yaml rootfs || fail "no image"
lxc image import "$image.tar.gz" --alias busybox >>"$dir/log" 2>&1 </dev/null || fail "no image"
fingerprint=$(lxc image list -c F --format csv 2>/dev/null </dev/null)
echo "ready $LXD_DIR/unix.socket $fingerprint"
read -r _
