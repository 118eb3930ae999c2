interface Folder {
  /** The first destination in it. */
  readonly first: string;
  readonly below: Map<string, Folder>;
}

/** Destinations as the tree of folders that they make, to find what a later mount hides without comparing it with all. */
export class MountedFolders {
  readonly #top = new Map<string, Folder>();

  /** @param names - of the folders on the way to the destination, and its own */
  add(destination: string, names: readonly string[]): void {
    let below = this.#top;
    for (const name of names) {
      const folder = below.get(name) ?? { first: destination, below: new Map() };
      below.set(name, folder);
      below = folder.below;
    }
  }

  /** The first destination that is this folder, or lies in it. */
  firstIn(names: readonly string[]): string | undefined {
    let found: Folder | undefined;
    let below = this.#top;
    for (const name of names) {
      found = below.get(name);
      if (found === undefined) return undefined;
      below = found.below;
    }
    return found?.first;
  }
}
