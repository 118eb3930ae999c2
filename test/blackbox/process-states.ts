import { join } from 'node:path';

import { scratchFolder } from './scratch.js';

/** A process state in which an engine might call: instructions of `packages/launcher/test/native/start-in-state.c`. */
export interface ProcessStateCase {
  readonly title: string;
  readonly instructions?: readonly string[];
  readonly env?: readonly (string | Uint8Array)[];
  /** The value of the runtime's `--root`, which is what the runtime sees of it. */
  readonly root?: string | Uint8Array;
  /** The last component of the bundle's path. */
  readonly bundle?: Uint8Array;
  /** The call is made in the bundle, which it does not name. */
  readonly inBundle?: boolean;
}

const invalid = Buffer.from([0x62, 0x80, 0xff, 0x22, 0x20, 0xc3]);
const gaps = [3, 4, 7, 15, 16, 17, 63, 64, 128, 199, 200];
const allSignals = Array.from({ length: 64 }, (_, index) => index + 1).filter(
  (signal) => signal !== 9 && signal !== 19,
);

const standardStreams: readonly ProcessStateCase[] = [[0], [1], [2], [0, 1], [0, 2], [1, 2], [0, 1, 2]].map(
  (closed) => ({
    title: `closed: ${closed.join(', ')}`,
    instructions: closed.map((fd) => `close=${fd}`),
  }),
);

const descriptors: readonly ProcessStateCase[] = [
  { title: 'descriptors 3 to 200 with gaps', instructions: gaps.map((fd) => `open=${fd}:/dev/null`) },
  {
    title: 'closed standard streams and descriptors above',
    instructions: ['open=9:/dev/null', 'close=0', 'close=1', 'close=2'],
  },
  {
    title: 'socket activation and --preserve-fds',
    env: ['LISTEN_FDS=2', 'LISTEN_PID=1', 'LISTEN_FDNAMES=a:b'],
    instructions: ['open=3:/dev/null', 'open=4:/dev/zero'],
  },
  {
    title: 'pipes, which must stay blocking',
    instructions: ['pipe=0', 'pipe=5', 'pipe=20'],
  },
  {
    title: 'a thousand descriptors',
    instructions: Array.from({ length: 1000 }, (_, index) => `open=${index + 3}:/dev/null`),
  },
];

const bytes: readonly ProcessStateCase[] = [
  { title: 'an argument that is not UTF-8', root: invalid },
  { title: 'an empty argument', root: '' },
  { title: 'a long argument', root: 'x'.repeat(60_000) },
  { title: 'variables that are not UTF-8', env: [Buffer.concat([Buffer.from('A='), invalid]), invalid, '='] },
  { title: 'a variable twice', env: ['A=1', 'A=2', 'A'] },
  { title: 'an empty environment', env: [] },
  {
    title: 'variables that mean something to engines and to the dynamic linker',
    env: [
      'NODE_OPTIONS=--require=/missing',
      'NODE_EXTRA_CA_CERTS=/missing',
      'NODE_PENDING_DEPRECATION=1',
      'LD_PRELOAD=/missing',
      'LD_LIBRARY_PATH=/tmp',
      'LD_DEBUG=all',
      'MALLOC_ARENA_MAX=1',
      'SSL_CERT_FILE=/missing',
      'UV_THREADPOOL_SIZE=0',
    ],
  },
  { title: 'a depth from a call before, in its place', env: ['A=1', 'OCIWRAP_DEPTH=1', 'B=2'] },
  { title: 'two thousand variables', instructions: ['fill=2000:100'] },
  { title: 'an environment near the limit of execve', instructions: ['fill=15:130000'] },
  { title: 'a bundle whose path is not UTF-8', bundle: invalid },
  { title: 'the bundle as the working directory', inBundle: true },
  { title: 'a working directory that is not UTF-8, and the bundle', bundle: invalid, inBundle: true },
];

const signals: readonly ProcessStateCase[] = [
  { title: 'an ignored SIGHUP', instructions: ['ignore=1'] },
  { title: 'ignored SIGPIPE, SIGXFSZ and SIGCHLD', instructions: ['ignore=13', 'ignore=25', 'ignore=17'] },
  {
    title: 'ignored signals of libc and real-time ones',
    instructions: [32, 33, 34, 64].map((n) => `ignore=${n}`),
  },
  { title: 'blocked signals', instructions: [1, 10, 13, 15, 17, 25].map((n) => `block=${n}`) },
  {
    title: 'blocked signals of libc and real-time ones',
    instructions: [32, 33, 34, 64].map((n) => `block=${n}`),
  },
  {
    title: 'signals that wait',
    instructions: [1, 11, 17, 18, 23, 28, 40].flatMap((n) => [`block=${n}`, `raise=${n}`]),
  },
  { title: 'every signal ignored', instructions: allSignals.map((n) => `ignore=${n}`) },
  { title: 'every signal blocked', instructions: allSignals.map((n) => `block=${n}`) },
  { title: 'a parent death signal', instructions: ['prctl=1:15'] },
  { title: 'an alarm to come', instructions: ['alarm=1000'] },
];

const limits: readonly ProcessStateCase[] = [
  { title: 'a low soft RLIMIT_NOFILE', instructions: ['limit=7:64'] },
  {
    title: 'a soft RLIMIT_NOFILE below an open descriptor',
    instructions: ['open=200:/dev/null', 'limit=7:8'],
  },
  { title: 'a hard RLIMIT_NOFILE', instructions: ['limit=7:256:256'] },
  {
    title: 'soft limits of time, file size, data, stack and memory',
    instructions: ['limit=0:1', 'limit=1:0', 'limit=2:33554432', 'limit=3:131072', 'limit=9:67108864'],
  },
  {
    title: 'hard limits of memory, data and stack',
    instructions: ['limit=9:1073741824:1073741824', 'limit=2:268435456:268435456', 'limit=3:1048576:1048576'],
  },
  {
    title: 'hard limits of everything else',
    instructions: [4, 5, 8, 10, 11, 12, 13, 14, 15].map((resource) => `limit=${resource}:0:0`),
  },
];

const attributes: readonly ProcessStateCase[] = [
  { title: 'no umask', instructions: ['umask=0'] },
  { title: 'a strict umask', instructions: ['umask=777'] },
  { title: 'a session of its own', instructions: ['session=1'] },
  { title: 'nice, I/O priority, OOM score', instructions: ['nice=5', 'ionice=24583', 'oom=500'] },
  { title: 'one processor', instructions: ['cpu=1'] },
  { title: 'a timer slack', instructions: ['prctl=29:123456'] },
  { title: 'a child subreaper', instructions: ['prctl=36:1'] },
  { title: 'no new privileges', instructions: ['prctl=38:1'] },
  { title: 'secure bits', instructions: ['prctl=28:10'] },
  { title: 'a bounded set of capabilities', instructions: ['prctl=24:16', 'prctl=24:25'] },
  { title: 'no huge pages', instructions: ['prctl=41:1'] },
  { title: 'memory that never becomes executable', instructions: ['prctl=65:1'] },
  { title: 'addresses that are not random', instructions: ['personality=0x0040000'] },
  { title: 'memory that is executable when it is readable', instructions: ['personality=0x0400000'] },
  { title: 'another user', instructions: ['user=65534'] },
];

/** What is compared, once directly and once through the wrapper. */
export function processStates(): readonly ProcessStateCase[] {
  return [
    { title: 'a plain state', env: ['PATH=/usr/bin:/bin', 'HOME=/root'] },
    ...standardStreams,
    ...descriptors,
    ...bytes,
    ...signals,
    ...limits,
    ...attributes,
    {
      title: 'a working directory that was removed',
      instructions: [`removed=${join(scratchFolder('removed'), 'away')}`],
    },
  ];
}
