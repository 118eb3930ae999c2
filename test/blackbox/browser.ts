import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

import { root } from './programs.js';
import { atEnd } from './scratch.js';

/** Where tools/browser-root.mjs puts the browser, and its program in there. */
const BROWSER_ROOT = join(root, '.tools/roots/browser');
const SHELL = '/usr/lib/chromium/chromium-headless-shell';

/** For `describeWith`. */
export const browserProgram = join(BROWSER_ROOT, SHELL);

/** In mount and process namespaces of its own, which end with it; the folder of pages is what it sees of ours. */
const ENTER = `cd "$1"
mount --rbind /dev dev && mount -t proc proc proc && mount -t tmpfs tmp tmp && mkdir tmp/pages && mount --bind "$2" tmp/pages
shift 2
exec chroot . "$@"`;

const OPTIONS = [
  '--no-sandbox', // root is refused one
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-extensions',
  '--host-resolver-rules=MAP * ~NOTFOUND', // a page that fetches something fails, and reaches nobody
  '--hide-scrollbars',
  '--no-first-run',
  '--remote-debugging-pipe',
  'about:blank',
];

type Json = Readonly<Record<string, unknown>>;

/** A page in a browser: the commands are those of the DevTools protocol (https://chromedevtools.github.io/devtools-protocol). */
export interface Page {
  send(method: string, parameters?: Json): Promise<Json>;
  /** Goes to an address, until everything there is loaded. */
  open(url: string): Promise<void>;
  /** The value of an expression in the page, which must be JSON. */
  evaluate<T>(expression: string): Promise<T>;
}

/**
 * Starts a browser until the tests of this file are over.
 *
 * @param pages - a folder, whose files it sees as `file:///tmp/pages/NAME`
 */
export async function openPage(pages: string): Promise<Page> {
  const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
  const child = spawn(
    'unshare',
    [...namespaces, 'sh', '-euc', ENTER, 'sh', BROWSER_ROOT, pages, SHELL, ...OPTIONS],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], HOME: '/tmp' },
    },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  atEnd(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const { call, next } = protocolOf(child);
  const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
  const send = (method: string, parameters: Json = {}) => call(method, parameters, String(sessionId));
  await send('Page.enable');
  return {
    send,
    open: async (url) => {
      const loaded = next('Page.loadEventFired');
      const { errorText } = await send('Page.navigate', { url });
      if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
      await loaded;
    },
    evaluate: async <T>(expression: string) => {
      const { result, exceptionDetails } = await send('Runtime.evaluate', {
        expression,
        returnByValue: true,
      });
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { readonly value: T }).value;
    },
  };
}

type Call = (method: string, parameters: Json, sessionId?: string) => Promise<Json>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Json;
  readonly result?: Json;
  readonly error?: Json;
}

/** Messages are JSON with a zero byte behind each; an answer has the number of its question, and an event has none. */
function protocolOf(child: ChildProcess): {
  readonly call: Call;
  /** Waits for the next event of a name. */
  readonly next: (event: string) => Promise<Json>;
} {
  const [, , , to, from] = child.stdio as unknown as [null, null, null, Writable, Readable];
  const waiting = new Map<
    number,
    { readonly resolve: (answer: Json) => void; readonly reject: (error: Error) => void }
  >();
  const listening = new Map<string, (parameters: Json) => void>();
  let rest = '';
  from.setEncoding('utf8');
  from.on('data', (text: string) => {
    const messages = `${rest}${text}`.split('\0');
    rest = messages.pop() ?? '';
    for (const message of messages) {
      const { id, method, params, result, error } = JSON.parse(message) as Message;
      if (method !== undefined) listening.get(method)?.(params ?? {});
      const asked = waiting.get(id ?? 0);
      waiting.delete(id ?? 0);
      if (error !== undefined) asked?.reject(new Error(JSON.stringify(error)));
      else asked?.resolve(result ?? {});
    }
  });
  child.once('exit', (status, signal) => {
    for (const { reject } of waiting.values())
      reject(new Error(`the browser has ended: ${status ?? signal}`));
  });
  let last = 0;
  const call: Call = (method, parameters, sessionId) =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      to.write(`${JSON.stringify({ id: last, method, params: parameters, sessionId })}\0`);
    });
  return { call, next: (event) => new Promise((resolve) => listening.set(event, resolve)) };
}
