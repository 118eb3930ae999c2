import { defineRule } from '@opencontainers-ts/rootfs-rewriter';
import { at, op } from '@opencontainers-ts/runtime-spec';

/** Where containerd's CRI says which container this is. */
const NAMESPACE = 'io.kubernetes.cri.sandbox-namespace';
const POD = 'io.kubernetes.cri.sandbox-name';
const CONTAINER = 'io.kubernetes.cri.container-name';

export interface NamedHookOptions {
  readonly namespace: string;
  /** The program on the host. */
  readonly program: string;
}

/**
 * Runs a program on the host for every container of a namespace, with the names of pod and container as arguments:
 * values that a rule in TOML cannot compute.
 */
export const namedHook = defineRule(({ namespace, program }: NamedHookOptions) => ({
  name: 'named-hook',
  triggers: [NAMESPACE],
  reads: ['/annotations', '/hooks'],
  claims: (document) => document.readings(['annotations', NAMESPACE]).length > 0,
  evaluate: (document, _call, host) => {
    const { annotations = {}, hooks } = document.spec;
    const container = annotations?.[CONTAINER];
    if (annotations?.[NAMESPACE] !== namespace || container === undefined) {
      return { kind: 'pass', reason: 'not a container of the namespace' };
    }
    if (hooks?.createRuntime?.some(({ path }) => path === program)) {
      return { kind: 'pass', reason: 'the hook is there' };
    }
    if (host.lstat(program) === undefined) {
      return { kind: 'refuse', code: 'ERR_AUDIT_MISSING', message: `${program} is not on this host` };
    }
    const hook = {
      path: program,
      args: [program, annotations[POD] ?? '', container],
      env: ['PATH=/usr/bin:/bin'],
      timeout: 5,
    };
    const patch =
      hooks === undefined || hooks === null
        ? [op.add(at('hooks'), { createRuntime: [hook] })]
        : hooks.createRuntime === undefined || hooks.createRuntime === null
          ? [op.add(at('hooks', 'createRuntime'), [hook])]
          : [op.add(at('hooks', 'createRuntime', '-'), hook)];
    return { kind: 'rewrite', note: 'audit hook added', patch };
  },
}));
