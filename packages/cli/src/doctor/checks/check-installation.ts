import { printable, quoted } from '@opencontainers-ts/runtime-spec';
import type { InstallationFacts } from '../facts/installation-facts.js';
import type { Finding } from '../finding.js';

/** Whether what engines call is there, whole, and known to the commands that replace it. */
export function checkInstallation(facts: InstallationFacts, program: string): readonly Finding[] {
  const { prefix, isInstalled, current, versions, programs, faults } = facts;
  if (!isInstalled) {
    return [
      {
        check: 'installation',
        level: 'note',
        message: `nothing is installed below ${quoted(prefix)}; this program is ${quoted(program)}`,
        remedy: 'ociwrap install',
      },
    ];
  }
  const told: readonly Finding[] = [
    ...programs
      .filter(({ isThere }) => !isThere)
      .map(
        ({ path }): Finding => ({
          check: 'installation',
          level: 'fault',
          message: `${quoted(path)} leads to no program: an engine that calls it starts no container, and ends none`,
          remedy: 'ociwrap install, which puts back what is missing',
        }),
      ),
    ...faults.map(
      (fault): Finding => ({ check: 'installation', level: 'warning', message: printable(fault) }),
    ),
  ];
  if (told.length > 0) return told;
  const others = versions.filter((version) => version !== current).map(printable);
  const kept = others.length === 0 ? '' : `; kept: ${others.join(', ')}`;
  return [
    {
      check: 'installation',
      level: 'ok',
      message: `${printable(current ?? 'none')} below ${quoted(prefix)}${kept}`,
    },
  ];
}
