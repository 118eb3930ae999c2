import {
  type Call,
  defineRule,
  type Host,
  type Outcome,
  podIdentity,
  type Refuse,
  type Rule,
} from '@opencontainers-ts/rootfs-rewriter';
import {
  exactExcerpt,
  type JsonObject,
  objectAt,
  orRefusal,
  textOf,
  trustedRule,
} from '@opencontainers-ts/rootfs-rewriter/spec-edit';

import { DEVICE_ERROR_CODES, type DeviceErrorCode } from '../device-error.js';
import { EDITS_READ } from '../edits/container-edits.js';
import { type CdiDevicesOptions, type CdiSetup, cdiSetup } from './cdi-options.js';
import { injectDevices } from './inject-devices.js';
import { mayAsk, meantRequest, SLIP_TEXTS, triggerTexts } from './request-texts.js';
import { looksAtRoot, withVolumeRoot } from './volume-root.js';

/**
 * The rule that injects CDI devices: those that every container gets, and those that a container requests.
 *
 * It injects all of them or none: if no spec defines a name, the container is refused. Requests are removed once they are
 * served, so that NVIDIA's runtime does not serve them again. What the engine has already injected is recognised, and
 * nothing is added twice. Hooks that run in the container always get an environment (CVE-2025-23266). Sandbox containers
 * pass. Two options are for containers whose root is a volume: a tmpfs on /run, and removing from the volume what earlier
 * injections left.
 *
 * @returns the rule; throws RewriterError `ERR_RULE_INVALID` for a name that is not qualified. `evaluate` refuses with
 *   `ERR_CDI_UNRESOLVABLE`, `ERR_CDI_REQUEST`, `ERR_CDI_DEVICE_NODE`, `ERR_CDI_HOOKS_SKIPPED`, `ERR_SPEC_FIELD` and
 *   `ERR_POD_IDENTITY`
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
    const reads = placesRead(setup);
    return trustedRule({
      name: 'cdi-devices',
      triggers: setup.devices.length > 0 ? 'every-create' : triggerTexts(setup),
      reads,
      ...(setup.sources.includes('annotations') ? { slipTexts: SLIP_TEXTS, meantBy: meantRequest } : {}),
      claims: (document) => setup.devices.length > 0 || mayAsk(document, setup),
      evaluate: (document, call, host) =>
        outcomeOf(() => evaluate(exactExcerpt(document, reads), call, setup, host)),
    });
  },
);

/** The places of requests, those that edits touch, and the hooks of NVIDIA, which are removed. */
function placesRead(setup: CdiSetup): readonly string[] {
  const requests = ['/annotations', '/mounts', '/process/env', '/process/capabilities'];
  const root = looksAtRoot(setup) ? ['/root'] : [];
  return [...new Set([...requests, '/hooks', ...EDITS_READ, ...root])].sort();
}

/** Turns errors of this package into refusals. */
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

function evaluate(spec: JsonObject, call: Call, setup: CdiSetup, host: Host): Outcome {
  const annotations = objectAt(spec, ['annotations']);
  const identity = podIdentity(
    new Map(Object.keys(annotations).map((key) => [key, textOf(annotations, key, ['annotations'])])),
  );
  if ('kind' in identity) return identity;
  if (identity.containerType === 'sandbox') return { kind: 'pass', reason: 'sandbox container' };
  const injection = injectDevices(spec, call, setup, host);
  return injection.outcome.kind === 'refuse'
    ? injection.outcome
    : withVolumeRoot(spec, call, injection, setup, host);
}
