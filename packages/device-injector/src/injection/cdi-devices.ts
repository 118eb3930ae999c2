import {
  defineRule,
  type Host,
  type Outcome,
  podIdentity,
  type Refuse,
  type Rule,
} from '@opencontainers-ts/rootfs-rewriter';
import {
  exactSpec,
  type JsonObject,
  objectAt,
  objectsAt,
  orRefusal,
  textOf,
} from '@opencontainers-ts/rootfs-rewriter/spec-edit';
import { formatPointer, type SpecDocument } from '@opencontainers-ts/runtime-spec';

import { loadCdiRegistry } from '../cdi/load-registry.js';
import { DEVICE_ERROR_CODES, type DeviceErrorCode } from '../device-error.js';
import { applyEdits } from './apply-edits.js';
import { type CdiDevicesOptions, type CdiSetup, cdiSetup } from './cdi-options.js';
import { collectEdits } from './collect-edits.js';
import { withoutLegacyInjection, withoutRequests } from './consume-requests.js';
import { type DeviceRequests, deviceRequests } from './device-requests.js';
import { VISIBLE_DEVICES } from './environment-request.js';
import { heldPlaces } from './held-places.js';
import { missingFiles } from './missing-files.js';
import { patchBetween } from './patch-between.js';
import { mayAsk, triggerTexts } from './request-texts.js';
import { isLeftToNvidia, resolveDevices } from './resolve-devices.js';

/**
 * The rule that injects CDI devices: those that every container gets, and those that a container asks for.
 *
 * All of them or none: a name that no spec defines refuses the container. Requests that were served are taken away, so
 * that NVIDIA's runtime behind does not serve them again; what the engine has injected already is recognised, and
 * nothing is put in twice. Hooks that run in the container always get an environment (CVE-2025-23266). Sandbox
 * containers pass.
 *
 * @returns the rule; throws RewriterError `ERR_RULE_INVALID` for a name that is not qualified. `evaluate` refuses with
 *   `ERR_CDI_UNRESOLVABLE`, `ERR_CDI_REQUEST`, `ERR_CDI_DEVICE_NODE`, `ERR_SPEC_FIELD` and `ERR_POD_IDENTITY`
 *
 * @example
 * ```ts
 * import { cdiDevices } from '@opencontainers-ts/device-injector';
 * import { planRewrite } from '@opencontainers-ts/rootfs-rewriter';
 * import { documentOf, makeSpec, memoryHost, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
 *
 * const spec = { cdiVersion: '0.6.0', kind: 'example.org/device', devices: [{ name: 'd', containerEdits: { env: ['D=1'] } }] };
 * const host = memoryHost({ files: { '/etc/cdi/example.json': JSON.stringify(spec) } });
 * const document = documentOf(makeSpec(withAnnotation('cdi.k8s.io/example', 'example.org/device=d')));
 * const plan = planRewrite(document, [cdiDevices()], { verb: 'create', bundle: '/b' }, host);
 * console.log(plan.document.spec.process?.env, plan.document.spec.annotations); // [ 'D=1' ] {}
 * ```
 */
export const cdiDevices: (options?: CdiDevicesOptions) => Rule = defineRule(
  (options: CdiDevicesOptions = {}) => {
    const setup = cdiSetup(options);
    return {
      name: 'cdi-devices',
      triggers: setup.devices.length > 0 ? 'every-create' : triggerTexts(setup),
      reads: [
        '/annotations',
        '/hooks',
        '/linux/devices',
        '/linux/intelRdt',
        '/linux/namespaces',
        '/linux/netDevices',
        '/linux/resources/devices',
        '/mounts',
        '/process/capabilities',
        '/process/env',
        '/process/user',
      ],
      claims: (document) => setup.devices.length > 0 || mayAsk(document, setup),
      evaluate: (document, _call, host) => outcomeOf(() => evaluate(document, setup, host)),
    };
  },
);

/** What this package throws, as a refusal. */
function outcomeOf(decide: () => Outcome): Outcome {
  try {
    return orRefusal(decide);
  } catch (error) {
    const { code, message, details } = error as {
      readonly code?: DeviceErrorCode;
      readonly message: string;
      readonly details?: Refuse['details'];
    };
    if (code === undefined || !Object.hasOwn(DEVICE_ERROR_CODES, code)) throw error;
    return {
      kind: 'refuse',
      code,
      message,
      hint: DEVICE_ERROR_CODES[code].hint,
      ...(details === undefined ? {} : { details }),
    };
  }
}

function evaluate(document: SpecDocument, setup: CdiSetup, host: Host): Outcome {
  const spec = exactSpec(document);
  const annotations = objectAt(spec, ['annotations']);
  const identity = podIdentity(
    new Map(Object.keys(annotations).map((key) => [key, textOf(annotations, key, ['annotations'])])),
  );
  if ('kind' in identity) return identity;
  if (identity.containerType === 'sandbox') return { kind: 'pass', reason: 'sandbox container' };
  const requests = deviceRequests(spec, setup);
  const asked = [...new Set([...setup.devices, ...requests.names])];
  if (asked.length === 0 && !requests.env) {
    return { kind: 'pass', reason: requests.warnings[0] ?? 'no CDI device asked for' };
  }
  const registry = setup.registry ?? loadCdiRegistry(host, setup.specDirs);
  const isThere = (name: string) => registry.devices.has(name);
  const names = asked.filter((name) => isThere(name) || !requests.optional.has(name));
  if (
    setup.defaultKind === undefined &&
    isLeftToNvidia(
      names.filter((name) => !isThere(name)),
      names,
    )
  ) {
    return { kind: 'pass', reason: `left to the NVIDIA runtime: ${names.join(', ')}` };
  }
  const devices = resolveDevices(names, registry);
  const edits = collectEdits(devices);
  const injected = applyEdits(withoutRequests(spec, requests), edits, host);
  const final = withoutLegacyInjection(injected, devices, {
    env: requests.env,
    isCdiAlone: setup.defaultKind !== undefined,
  });
  const patch = patchBetween(spec, final);
  const holds = heldPlaces(edits);
  const said = names.join(', ') || 'no device';
  if (patch.length === 0) return { kind: 'pass', reason: `injected already: ${said}`, holds };
  return {
    kind: 'rewrite',
    note: `injected ${said}`,
    patch,
    holds,
    consumes: consumedPlaces(spec, requests),
    warnings: [...requests.warnings, ...missingFiles(devices, host)],
    facts: { cdiDevices: said },
  };
}

/** That a request is taken away is no conflict with the rule that made it. */
function consumedPlaces(spec: JsonObject, { annotations, mounts, env }: DeviceRequests): readonly string[] {
  const asking = objectsAt(spec, ['mounts']).filter((_, index) => mounts.includes(index));
  return [
    ...annotations.map((key) => formatPointer(['annotations', key])),
    ...asking.map((mount) => formatPointer(['mounts', textOf(mount, 'destination', ['mounts'])])),
    ...(env ? [formatPointer(['process', 'env', VISIBLE_DEVICES])] : []),
  ];
}
