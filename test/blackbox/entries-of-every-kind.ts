import { linkSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { runProgram } from './run-program.js';

/** Names with bytes that are no UTF-8, and all else that a file system takes. */
const SCRIPT = String.raw`
set -eu
cd "$1"
mkdir -p bin etc/deep usr/lib/many var/empty home/user run/here

# Bytes: none, few, more than fits into one piece; holes at the beginning, in the middle, at the end, and nothing else.
: > var/empty-file
echo hello > etc/motd
head -c 300000 /dev/urandom > usr/lib/library
head -c 20000000 /dev/urandom > usr/lib/large
truncate -s 5000000 usr/lib/all-hole
truncate -s 3000000 usr/lib/hole-first && echo end >> usr/lib/hole-first
head -c 70000 /dev/urandom > usr/lib/hole-last && truncate -s 4000000 usr/lib/hole-last
for at in 1 3 5; do dd if=/dev/urandom of=usr/lib/holes bs=1000000 seek="$at" count=1 conv=notrunc status=none; done
for number in $(seq 300); do echo "$number" > "usr/lib/many/$number"; done

# Names of one file: in other folders, of a symlink, of a device, of a fifo.
ln usr/lib/library bin/library && ln usr/lib/library etc/deep/library && ln etc/motd var/motd
ln -s motd etc/link && ln etc/link var/same-link
mknod etc/null c 1 3 && ln etc/null var/null
mkfifo run/fifo && ln run/fifo run/same-fifo

# Links: beneath, above, absolute, nowhere, very long; to a folder.
ln -s ../etc/motd bin/up
ln -s /etc/motd bin/absolute
ln -s nowhere bin/dangling
ln -s "$(printf 'x%.0s' $(seq 4000))" bin/long
ln -s usr/lib lib

# Devices, whose numbers need all of their bits.
mknod run/block b 4095 1048575
mknod run/character c 0 0

# Owners and modes.
cp /bin/true bin/su && chown 0:5 bin/su && chmod 4755 bin/su
cp /bin/true bin/wall && chown 1000:43 bin/wall && chmod 6711 bin/wall
chmod 1777 run/here && chmod 0000 var/motd-not 2>/dev/null || :
echo secret > etc/shadow && chown 0:42 etc/shadow && chmod 0000 etc/shadow
chown -h 1234:4321 bin/up run/fifo run/block home/user
chmod 2750 home/user
chown 4000000000:3000000000 var/empty-file
chmod 0444 etc/motd

# Extended attributes: of a user, of root, of nothing in it, binary, large; capabilities; lists for access, with a default.
setfattr -n user.comment -v 'of a user' usr/lib/library
setfattr -n user.empty etc/motd
setfattr -n user.binary -v 0x00ff00 usr/lib/large
setfattr -n user.large -v "$(printf 'y%.0s' $(seq 2000))" usr/lib/all-hole
setfattr -n trusted.thing -v t usr/lib/large
setfattr -n user.folder -v f home/user
setfattr -h -n trusted.link -v l bin/dangling
setfattr -n trusted.fifo -v p run/fifo
cp /bin/true bin/ping && setcap cap_net_raw+ep bin/ping
cp /bin/true bin/owned && chown 7:7 bin/owned && setcap cap_net_admin,cap_sys_time+eip bin/owned
setfacl -m u:1000:rw,g:50:r,m::rwx etc/shadow
setfacl -m u:1001:rwx -m d:u:1001:rwx,d:g::r home/user
mkdir home/user/inside && echo inherited > home/user/inside/file

# Names.
echo 1 > "$(printf 'home/no-utf8-\377\200')"
echo 2 > "$(printf 'home/line\nfeed')"
echo 3 > 'home/ leading, -dash and "quotes"'
echo 4 > home/-rf
echo 5 > "home/$(printf 'n%.0s' $(seq 255))"

# Times: with nanoseconds, long ago, far ahead; of a link, and of folders, which are set last.
touch -d '2020-02-02 02:02:02.123456789' etc/motd usr/lib/library
touch -d '1969-07-20 20:17:40' etc/shadow
touch -d '2200-01-01 00:00:00.5' usr/lib/large
touch -h -d '2001-09-09 01:46:40.000000001' bin/up run/fifo etc/null
find . -depth -type d -exec touch -d '2019-09-19 19:19:19.987654321' {} +
chmod 0711 . && chown 5:6 .
`;

/** Deeper than any path can be (PATH_MAX): a name of 100 bytes in another, 120 times. */
const DEEP_SCRIPT = `
set -eu
cd "$1"
name=$(printf 'd%.0s' $(seq 100))
for number in $(seq 120); do mkdir "$name"; cd -P "$name" 2>/dev/null || cd "./$name"; done
echo deep > file
ln file second
ln file ../third
`;

/** Fills a folder with an entry of every kind that a file system has. */
export async function makeEveryKind(folder: string): Promise<void> {
  runScript(SCRIPT, folder);
  // A server takes its socket away again, but not another name of it.
  const server = createServer();
  const path = join(folder, 'run/s');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  linkSync(path, join(folder, 'run/socket'));
  await new Promise<void>((resolve) => server.close(() => resolve()));
}

/** Puts folders into another that no path leads to the end of. */
export function makeDeep(folder: string): void {
  mkdirSync(folder, { recursive: true });
  runScript(DEEP_SCRIPT, folder);
}

function runScript(script: string, folder: string): void {
  const { status, stderr } = runProgram('bash', ['-c', script, 'bash', folder]);
  if (status !== 0) throw new Error(stderr);
}
