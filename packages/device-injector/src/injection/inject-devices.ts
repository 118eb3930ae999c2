import type { Call, Host, Outcome } from '@opencontainers-ts/rootfs-rewriter';
import { type JsonObject, objectsAt, textOf, tidyPath } from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import { formatPointer } from '@opencontainers-ts/runtime-spec';

import { searchCdiSpecs, specsOf } from '../cdi/registry/search-specs.js';
import { applyEdits, type ContainerEdits, heldPlaces } from '../edits/container-edits.js';
import { VISIBLE_DEVICES } from '../nvidia-requests.js';
import type { CdiSetup } from './cdi-options.js';
import { collectEdits } from './collect-edits.js';
import { PRESTART, withoutLegacyInjection, withoutRequests } from './consume-requests.js';
import { type DeviceRequests, deviceRequests, overrulesEnvironment } from './device-requests.js';
import { missingFiles } from './missing-files.js';
import { patchBetween } from './patch-between.js';
import { isLeftToNvidia, resolveFrom } from './resolve-devices.js';
import { skippedHooks } from './skipped-hooks.js';

const NOT_PRIVILEGED =
  'devices that NVIDIA_VISIBLE_DEVICES asks for in an unprivileged container are not injected';

/** What the devices alone make of a spec. */
export interface Injection {
  /** The spec with them. */
  readonly spec: JsonObject;
  readonly edits: Pick<ContainerEdits, 'mounts'>;
  readonly outcome: Outcome;
}

/**
 * Injects the devices that every container gets and those that this one asks for.
 *
 * @throws DeviceError
 */
export function injectDevices(spec: JsonObject, call: Call, setup: CdiSetup, host: Host): Injection {
  const without = (outcome: Outcome): Injection => ({ spec, edits: {}, outcome });
  const requests = deviceRequests(spec, setup);
  const { env } = requests;
  const alone = env !== undefined && env.names.length > 0 && !env.counts ? [NOT_PRIVILEGED] : [];
  if (setup.devices.length === 0 && requests.names.length === 0 && env?.counts !== true) {
    return without({
      kind: 'pass',
      reason: [...requests.warnings, ...alone][0] ?? 'no CDI device asked for',
    });
  }
  const specs = setup.registry === undefined ? searchCdiSpecs(host, setup.specDirs) : specsOf(setup.registry);
  const isOverruled = env !== undefined && overrulesEnvironment(requests.names, env, specs);
  const fromEnv = env?.counts === true && !isOverruled ? env.names : [];
  const asked = [...new Set([...setup.devices, ...requests.names, ...fromEnv])];
  const isThere = (name: string) => specs.device(name) !== undefined;
  const names = asked.filter((name) => isThere(name) || !requests.optional.has(name));
  if (
    setup.defaultKind === undefined &&
    isLeftToNvidia(
      names.filter((name) => !isThere(name)),
      names,
    )
  ) {
    return without({ kind: 'pass', reason: `left to the NVIDIA runtime: ${names.join(', ')}` });
  }
  const devices = resolveFrom(names, specs);
  const edits = collectEdits(devices);
  const skipped = skippedHooks(call, edits.hooks ?? [], setup, host);
  if (typeof skipped === 'object') return without(skipped);
  const injected = applyEdits(withoutRequests(spec, requests), edits, host);
  const final = withoutLegacyInjection(injected, devices, {
    env: env !== undefined && (isOverruled || env.counts),
    isCdiAlone: setup.defaultKind !== undefined,
  });
  const patch = patchBetween(spec, final);
  const holds = heldPlaces(edits);
  const said = names.join(', ') || 'no device';
  const warnings = skipped === undefined ? [] : [skipped];
  const outcome: Outcome =
    patch.length === 0 && warnings.length === 0
      ? { kind: 'pass', reason: `injected already: ${said}`, holds }
      : {
          kind: 'rewrite',
          note: patch.length === 0 ? `injected already: ${said}` : `injected ${said}`,
          patch,
          holds,
          consumes: consumedPlaces(spec, requests),
          warnings: [
            ...requests.warnings,
            ...(isOverruled ? [] : alone),
            ...warnings,
            ...missingFiles(devices, host),
          ],
          facts: { cdiDevices: said },
        };
  return { spec: final, edits, outcome };
}

/**
 * That a request is taken away is no conflict with the rule that made it; where it loses to another one it goes too.
 * NVIDIA's hook is one: a rule may put it into every container. Nothing else that stands there is changed.
 */
function consumedPlaces(spec: JsonObject, { annotations, mounts }: DeviceRequests): readonly string[] {
  const places = new Set(mounts);
  const asking = objectsAt(spec, ['mounts']).filter((_, index) => places.has(index));
  return [
    ...annotations.map((key) => formatPointer(['annotations', key])),
    ...asking.map((mount) => formatPointer(['mounts', tidyPath(textOf(mount, 'destination', ['mounts']))])),
    formatPointer(['process', 'env', VISIBLE_DEVICES]),
    formatPointer(PRESTART),
  ];
}
