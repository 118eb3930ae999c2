import { cdiDevices } from '@opencontainers-ts/device-injector';
import type { Rule } from '@opencontainers-ts/rootfs-rewriter';

import type { CdiRuleSettings } from '../settings/settings.js';

/** The rule `cdi-devices`: in a module of its own, since loading it loads a parser of YAML. */
export function cdiRule(settings: CdiRuleSettings): Rule {
  return cdiDevices(settings);
}
