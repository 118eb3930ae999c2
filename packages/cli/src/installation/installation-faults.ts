import { quoted } from '@opencontainers-ts/runtime-spec';

import { type FoundInstallation, missingLinks } from './read-installation.js';
import type { FoundPlace } from './read-place.js';

/**
 * What is not as it should be, a line each, with the remedy; nothing where all is as it was installed.
 */
export function installationFaults(found: FoundInstallation): readonly string[] {
  const { layout, folder, manifest, strangers, unsafe, leftovers, current } = found;
  if (folder === 'missing') return ['nothing is installed: `ociwrap install`'];
  if (folder === 'other') {
    return [
      `${quoted(strangers[0] ?? '')} in ${quoted(layout.prefix)} is not of ociwrap: nothing is installed there`,
    ];
  }
  if (manifest === undefined) {
    return [
      'it has no manifest: an installation was not ended, or was made by hand; `ociwrap install` ends it',
    ];
  }
  const [wanted] = manifest.versions;
  const broken = found.versions.filter(({ isSound }) => !isSound).map(({ name }) => quoted(name));
  return [
    ...(manifest.isLeaving ? ['it is being uninstalled: `ociwrap uninstall` goes on with that'] : []),
    ...(unsafe === undefined ? [] : [`others than root may write to ${quoted(unsafe)}: chmod go-w`]),
    ...(broken.length === 0 ? [] : [`not whole any more: ${broken.join(', ')}; install that version again`]),
    ...(current === wanted?.name && found.versions.some(({ name }) => name === current)
      ? []
      : [`the version ${quoted(wanted?.name ?? 'none')} is not the one that is called; install it again`]),
    ...missingLinks(found, manifest.handlers).map(
      (name) => `the link ${quoted(`${layout.bin}/${name}`)} is not there; install again`,
    ),
    ...found.places.flatMap(placeFault),
    ...(leftovers.length === 0
      ? []
      : [`a command was killed and has left ${quoted(leftovers[0] ?? '')}; the next one removes it`]),
  ];
}

function placeFault({ path, original, at, kept }: FoundPlace): readonly string[] {
  if (at !== 'ours') {
    const what =
      at === 'missing' ? 'has been removed' : 'has been replaced, by an upgrade of its package perhaps';
    return [
      `the link ${quoted(path)} ${what}, and calls pass by; install again, or \`ociwrap uninstall --as\` that path`,
    ];
  }
  return kept === 'missing'
    ? [`${quoted(original)}, the program behind ${quoted(path)}, is not there; reinstall its package`]
    : [];
}
