import { longestRising } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import type { JsonValue, Operation } from '@opencontainers-ts/runtime-spec';

/**
 * The operations that make one list of mounts of the other, with as few moves as there can be: removed ones from the
 * back, then each that is new or out of place put behind the one that it follows. Elements are the same when they are
 * the same object.
 */
export function mountsPatch(before: readonly JsonValue[], after: readonly JsonValue[]): readonly Operation[] {
  const kept = new Set(after);
  const removals = before.flatMap((mount, index) => (kept.has(mount) ? [] : [index])).toReversed();
  const operations: Operation[] = removals.map((index) => ({ op: 'remove', path: `/mounts/${index}` }));
  const working = before.filter((mount) => kept.has(mount));
  const { sites, siteOf, oldSites } = sitesOf(working, after);
  let length = working.length;
  for (const [index, mount] of after.entries()) {
    const site = siteOf[index] ?? 0;
    if (sites.isTaken(site)) continue;
    const oldSite = oldSites.get(mount);
    const from = oldSite === undefined ? undefined : sites.takenBefore(oldSite);
    if (oldSite !== undefined) sites.leave(oldSite);
    else length += 1;
    const to = sites.takenBefore(site);
    sites.take(site);
    operations.push(
      from === undefined
        ? { op: 'add', path: `/mounts/${to === length - 1 ? '-' : to}`, value: mount }
        : { op: 'move', from: `/mounts/${from}`, path: `/mounts/${to}` },
    );
  }
  return operations;
}

/**
 * Every site that a mount stands on at some time, in order: behind each mount that stays those that are to follow it, and then
 * those that follow it as long as they have not been moved.
 */
function sitesOf(working: readonly JsonValue[], after: readonly JsonValue[]) {
  const places = new Map(working.map((mount, index) => [mount, index]));
  const known = after.filter((mount) => places.has(mount));
  const run = longestRising(known.map((mount) => places.get(mount) ?? 0));
  const stays = new Set(run.map((index) => known[index]));
  const siteOf: number[] = [];
  const oldSites = new Map<JsonValue, number>();
  const taken: number[] = [];
  let next = 0;
  let place = 0;
  const leaving = () => {
    for (let mount = working[place]; mount !== undefined && !stays.has(mount); mount = working[place]) {
      oldSites.set(mount, next);
      taken.push(next);
      next += 1;
      place += 1;
    }
  };
  for (const [index, mount] of after.entries()) {
    if (stays.has(mount)) {
      leaving();
      taken.push(next);
      place += 1;
    }
    siteOf[index] = next;
    next += 1;
  }
  leaving();
  return { sites: new Sites(next, taken), siteOf, oldSites };
}

/** Which of some sites are taken. How many are before one is counted in steps that double (a Fenwick tree). */
class Sites {
  readonly #isTaken: boolean[];
  readonly #counts: number[];

  constructor(size: number, taken: readonly number[]) {
    this.#isTaken = Array.from({ length: size }, () => false);
    this.#counts = Array.from({ length: size + 1 }, () => 0);
    for (const site of taken) this.take(site);
  }

  isTaken(site: number): boolean {
    return this.#isTaken[site] === true;
  }

  take(site: number): void {
    this.#change(site, true);
  }

  leave(site: number): void {
    this.#change(site, false);
  }

  takenBefore(site: number): number {
    let count = 0;
    for (let at = site; at > 0; at -= at & -at) count += this.#counts[at] ?? 0;
    return count;
  }

  #change(site: number, isTaken: boolean): void {
    this.#isTaken[site] = isTaken;
    const change = isTaken ? 1 : -1;
    for (let at = site + 1; at < this.#counts.length; at += at & -at) {
      this.#counts[at] = (this.#counts[at] ?? 0) + change;
    }
  }
}
