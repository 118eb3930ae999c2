# Runs the tests where nothing that they do reaches the machine: in mount and process namespaces of their own (made by
# tools/jest-run.mjs), and, if ROOT is not "/", in the Debian that lies there. What is mounted, made in /dev, /run, /etc
# or /tmp, or left running, ends with the namespaces.
#
#   test-namespace.sh ROOT REPOSITORY LEFT-RUNNING PROGRAM [ARGUMENT...]
#
# LEFT-RUNNING: a file that gets the command lines of the processes that outlived the program.
set -eu
root=$1 repository=$2 left=$3
shift 3

# Without -n they keep notes in /run/mount, which is still the machine's.
mount() { command mount -n "$@"; }
umount() { command umount -n "$@"; }

# Control groups that engines make for all their containers and never remove: containerd's namespace, and podman's. They are
# the kernel's, so that no namespace ends them.
engine_groups() {
  for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
    for name in default libpod_parent; do
      [ ! -d "$hierarchy/$name" ] || printf '%s\n' "$hierarchy/$name"
    done
  done
}
groups_before=$(engine_groups)

base=${root%/}
if [ "$root" != / ]; then
  # /opt is made by a script of base-files, and none was run.
  mkdir -p "$root$repository" "$root/opt"
  mount --bind "$root" "$root"
  mount --bind "$repository" "$root$repository"
  mount --rbind /sys "$root/sys"
  for writable in tmp var/lib root; do
    mount -t tmpfs -o mode=755 "ociwrap-$writable" "$root/$writable"
  done
  chmod 1777 "$root/tmp"
  mkdir "$root/var/lib/kubelet"
  cp -L /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || : # nothing here needs a network
fi

mount -t proc proc "$base/proc"

# Runtimes give their standard streams to the container's user: crun does so with /dev/null itself.
devices=$(mktemp -d)
mount -t tmpfs -o mode=755 ociwrap-dev "$devices"
cp -a --one-file-system /dev/. "$devices"
mkdir -p "$devices/pts" "$devices/shm" "$devices/mqueue"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$devices/pts"
rm -f "$devices/ptmx"
ln -s pts/ptmx "$devices/ptmx"
mount -t tmpfs -o mode=1777 ociwrap-shm "$devices/shm"
mount --move "$devices" "$base/dev"
rmdir "$devices"

# There from the start, for no test may change what is in /etc itself: that voids the fast path's table for a second.
configured='ociwrap cdi nvidia-container-runtime'
mount -t tmpfs -o mode=755 ociwrap-run "$base/run"
mkdir "$base/run/etc" "$base/run/lock"
cp -a "$base/etc/." "$base/run/etc"
for name in $configured; do
  rm -rf "$base/run/etc/$name"
  mkdir -m 755 "$base/run/etc/$name"
done
mount --bind "$base/run/etc" "$base/etc"

# The kubelet's folder is an empty one, made where there is none without touching the machine's.
if [ -d "$base/var/lib/kubelet" ]; then
  mount -t tmpfs ociwrap-tests "$base/var/lib/kubelet"
else
  mount -t tmpfs ociwrap-tests "$base/var/lib"
  mkdir "$base/var/lib/kubelet"
fi

if [ "$root" != / ]; then
  mount -o remount,bind,ro "$root"
  cd "$root"
  # Not chroot: within one no process may make a user namespace (user_namespaces(7)), as runsc does.
  # Both stacked at "/", so that no folder is needed for the old one (pivot_root(2)).
  pivot_root . .
  umount -l .
fi
cd "$repository"

status=0
"$@" || status=$?

# This shell is process 1: what lost its parent is its child. A process that is just ending is given a moment.
for try in 1 2 3 4 5 6 7 8 9 10; do
  : >"$left"
  for process in /proc/[0-9]*; do
    case ${process#/proc/} in 1) continue ;; esac
    line=$(tr '\0' ' ' 2>/dev/null <"$process/cmdline") || continue
    [ -z "$line" ] || printf '%s\n' "$line" >>"$left"
  done
  [ -s "$left" ] || break
  sleep 0.5
done

engine_groups | while read -r group; do
  case "
$groups_before
" in *"
$group
"*) continue ;; esac
  find "$group" -depth -type d -exec rmdir {} + || : # one that is not empty is told by tools/machine-state.mjs
done
exit "$status"
