import { printable } from '@opencontainers-ts/runtime-spec';

import { bytesText } from '../../doctor/bytes-text.js';
import type { ContainerEvent } from './container-commands.js';

/**
 * An event in one line for people: what a container uses, where it is told so as runc and runsc tell it, else the data. What is in it comes
 * from others, and must not drive the terminal.
 */
export function eventText({ type, id, data }: ContainerEvent): string {
  const uses = usesOf(data);
  const told = uses.length > 0 ? uses.join(', ') : data === undefined ? '' : JSON.stringify(data);
  return printable(`${id} ${type}${told === '' ? '' : `: ${told}`}`);
}

function usesOf(data: unknown): readonly string[] {
  const memory = numberAt(data, 'memory', 'usage', 'usage');
  const processes = numberAt(data, 'pids', 'current');
  const cpu = numberAt(data, 'cpu', 'usage', 'total');
  return [
    ...(memory === undefined ? [] : [`memory ${bytesText(BigInt(Math.trunc(memory)))}`]),
    ...(processes === undefined ? [] : [`processes ${processes}`]),
    ...(cpu === undefined ? [] : [`processor ${(cpu / 1e9).toFixed(2)} s`]), // nanoseconds
  ];
}

function numberAt(data: unknown, ...names: readonly string[]): number | undefined {
  let value = data;
  for (const name of names) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return typeof value === 'number' ? value : undefined;
}
