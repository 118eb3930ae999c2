import { pvcRootfs, type Rule, sgsProfile } from '@opencontainers-ts/rootfs-rewriter';

import type { ProfileName, SettingsFault } from '../settings/settings.js';

type Triggers = Rule['triggers'];

/**
 * The triggers of a profile's own rules.
 *
 * @param tried - names of rules that were only tried
 */
export function triggersOfProfile(profile: ProfileName, tried: readonly string[] = []): Triggers {
  switch (profile) {
    case 'sgs':
      return tried.includes('pvc-rootfs') ? [] : pvcRootfs(sgsProfile).triggers;
    case 'guardian':
      return tried.includes('guardian') ? [] : 'every-create';
    case 'none':
      return [];
  }
}

/** What triggers any of several rules. */
export function joinTriggers(several: readonly Triggers[]): Triggers {
  const texts = new Set<string>();
  for (const triggers of several) {
    if (triggers === 'every-create') return 'every-create';
    for (const text of triggers) texts.add(text);
  }
  return [...texts];
}

/**
 * What stands in for the rules of a configuration that cannot be used: it refuses every call that one of them might
 * have claimed. Which reading of the document has the trigger is not asked: where it stands, those rules knew.
 */
export function refusingRule(triggers: Triggers, { code, message, hint }: SettingsFault): Rule {
  return {
    name: 'configuration',
    triggers,
    reads: [],
    claims: () => true,
    evaluate: () => ({ kind: 'refuse', code, message, ...(hint === undefined ? {} : { hint }) }),
  };
}
