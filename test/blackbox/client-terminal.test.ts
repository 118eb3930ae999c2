import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ConsoleSocket, ProcessHandle, type Terminal } from '@opencontainers-ts/runtime-client';
import type { Spec } from '@opencontainers-ts/runtime-spec';

import { isChildSubreaper, setChildSubreaper } from '../../packages/exec-native/src/index.js';
import { openDescriptors } from '../../packages/exec-native/test/open-descriptors.js';
import { type ClientMachine, clientMachine } from './client-machine.js';
import { describeWith } from './programs.js';

const SCRIPT = `
busybox stty -echo
trap 'echo "now $(busybox stty size)"' WINCH
trap 'exit 9' HUP
echo "first $(busybox stty size)"
while :; do
  read line || continue
  [ "$line" != end ] || exit 7
  echo "got $line"
done`;

const DEVPTS = {
  destination: '/dev/pts',
  type: 'devpts',
  source: 'devpts',
  options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620'],
};

/** A bundle of the machine, with a terminal. */
function terminalBundle(machine: ClientMachine): string {
  const bundle = machine.bundle(SCRIPT);
  const config = join(bundle, 'config.json');
  const spec = JSON.parse(readFileSync(config, 'utf8')) as Spec;
  const changed = {
    ...spec,
    process: { ...spec.process, terminal: true },
    mounts: [...(spec.mounts ?? []), DEVPTS],
  };
  writeFileSync(config, JSON.stringify(changed));
  return bundle;
}

/** What a terminal prints, until something is there or it has ended. */
class Printed {
  readonly #lines: AsyncIterator<Buffer>;
  text = '';

  constructor(output: Readable) {
    this.#lines = output[Symbol.asyncIterator]();
  }

  async until(expected: string): Promise<string> {
    while (!this.text.includes(expected)) {
      const { done, value } = await this.#lines.next();
      if (done) return `ended after ${JSON.stringify(this.text)}`;
      this.text += value;
    }
    return expected;
  }

  async end(): Promise<void> {
    while (!(await this.#lines.next()).done);
  }
}

async function terminalOf(machine: ClientMachine, id: string): Promise<Terminal> {
  const socket = ConsoleSocket.listen();
  try {
    const creation = machine.client.create(id, {
      bundle: terminalBundle(machine),
      consoleSocket: socket.path,
    });
    const [terminal] = await Promise.all([socket.terminal(), creation]);
    return terminal;
  } finally {
    socket.close();
  }
}

async function initOf({ client }: ClientMachine, id: string): Promise<ProcessHandle> {
  const handle = ProcessHandle.open((await client.state(id)).pid ?? 0);
  if (handle === undefined) throw new Error('the container is gone');
  return handle;
}

for (const name of ['runc', 'crun'] as const) {
  describeWith([name], `the terminal of a container of ${name}`, () => {
    const wasSubreaper = isChildSubreaper();
    beforeAll(() => setChildSubreaper(true));
    afterAll(() => setChildSubreaper(wasSubreaper));

    test('prints, gets what is typed, has a size, hears of another, and ends with the container', async () => {
      const before = openDescriptors();
      const [machine, id] = [clientMachine(name), `terminal-${process.pid}`];
      const terminal = await terminalOf(machine, id);
      const init = await initOf(machine, id);
      const printed = new Printed(terminal.output);
      terminal.resize({ columns: 100, rows: 30 });
      await machine.client.start(id);
      expect(await printed.until('first 30 100\r\n')).toBe('first 30 100\r\n');
      terminal.input.write('some words\n');
      expect(await printed.until('got some words\r\n')).toBe('got some words\r\n');
      terminal.resize({ columns: 132, rows: 43 });
      expect(await printed.until('now 43 132\r\n')).toBe('now 43 132\r\n');
      terminal.input.write('end\n');
      await printed.end();
      expect(await init.wait()).toEqual({ exitCode: 7 });
      terminal.resize({ columns: 1, rows: 1 }); // the terminal is gone: nothing happens
      init.close();
      terminal.close();
      await machine.client.delete(id);
      expect(openDescriptors()).toEqual(before);
      expect(machine.left()).toEqual([]);
    });

    test('that is closed hangs up', async () => {
      const before = openDescriptors();
      const [machine, id] = [clientMachine(name), `hung-up-${process.pid}`];
      const terminal = await terminalOf(machine, id);
      const init = await initOf(machine, id);
      const printed = new Printed(terminal.output);
      await machine.client.start(id);
      await printed.until('first');
      terminal.close();
      expect(await init.wait()).toEqual({ exitCode: 9 });
      init.close();
      await machine.client.delete(id);
      expect(openDescriptors()).toEqual(before);
      expect(machine.left()).toEqual([]);
    });
  });
}
