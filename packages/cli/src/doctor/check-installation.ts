import { printable, quoted } from '@opencontainers-ts/runtime-spec';

import type { Finding } from './finding.js';
import type { InstallationFacts } from './installation-facts.js';

/** Whether what engines call is there, whole, and known to the commands that replace it. */
export function checkInstallation(facts: InstallationFacts, program: string): readonly Finding[] {
  const { prefix, current, versions, hasManifest, programs } = facts;
  if (current === undefined) {
    return [
      {
        check: 'installation',
        level: 'note',
        message: `nothing is installed below ${quoted(prefix)}; this program is ${quoted(program)}`,
        remedy: 'ociwrap install',
      },
    ];
  }
  const lost = programs.filter(({ isThere }) => !isThere);
  const told: readonly Finding[] = [
    ...lost.map(
      ({ path }): Finding => ({
        check: 'installation',
        level: 'fault',
        message: `${quoted(path)} leads to no program: an engine that calls it starts no container, and ends none`,
        remedy: 'ociwrap install, which puts back what is missing',
      }),
    ),
    ...(hasManifest
      ? []
      : [
          {
            check: 'installation',
            level: 'warning',
            message: `the manifest of ${quoted(prefix)} is missing: nobody knows which files of engines belong to it`,
            remedy: 'ociwrap install, with the arguments of the first time',
          } as const,
        ]),
  ];
  if (told.length > 0) return told;
  const others = versions.filter((version) => version !== current).map(printable);
  const kept = others.length === 0 ? '' : `; kept: ${others.join(', ')}`;
  return [
    {
      check: 'installation',
      level: 'ok',
      message: `${printable(current)} below ${quoted(prefix)}${kept}`,
    },
  ];
}
