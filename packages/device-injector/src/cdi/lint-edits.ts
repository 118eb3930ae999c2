import { cleanPath } from '../go-path.js';
import { goQuote } from '../go-quote.js';
import type { CdiDeviceNode, CdiMount, ContainerEdits } from './cdi-spec.js';
import type { SpecPath } from './spec-fault.js';

/** What a container would fail of, and where in the edits it stands. */
export interface EditsLint {
  readonly message: string;
  readonly path: SpecPath;
}

/**
 * What the CDI library takes and hands to runtimes as it is, and what these refuse, or look for where they happen to
 * stand. All of it, in the order of the members.
 */
export function lintEdits({ deviceNodes = [], mounts = [] }: ContainerEdits): readonly EditsLint[] {
  return [
    ...deviceNodes.flatMap((node, index) => below(['deviceNodes', index], lintDeviceNode(node))),
    ...mounts.flatMap((mount, index) => below(['mounts', index], lintMount(mount))),
  ];
}

function below(above: SpecPath, lints: readonly EditsLint[]): readonly EditsLint[] {
  return lints.map(({ message, path }) => ({ message, path: [...above, ...path] }));
}

// OCI runtime-spec, config-linux.md, "Devices": path is the full path inside the container.
function lintDeviceNode({ path, hostPath = '' }: CdiDeviceNode): readonly EditsLint[] {
  return [
    ...relative('path', path, 'the device node'),
    ...(hostPath === '' ? [] : relative('hostPath', hostPath, `the device node ${goQuote(path)}`)),
  ];
}

// OCI runtime-spec, config.md, "Mounts".
function lintMount({ hostPath, containerPath, type = '', options = [] }: CdiMount): readonly EditsLint[] {
  const mount = `the mount at ${goQuote(containerPath)}`;
  const isBind = options.includes('bind') || options.includes('rbind');
  const hasType = type !== '' && type !== 'bind' && type !== 'none';
  const asBind = isBind || !hasType;
  return [
    ...relative('containerPath', containerPath, 'the mount'),
    ...(cleanPath(containerPath) === '/'
      ? [{ message: 'the mount at "/" hides the root of the container', path: ['containerPath'] }]
      : []),
    // The source of another file system, such as "tmpfs", is no path.
    ...(asBind ? relative('hostPath', hostPath, mount) : []),
    ...(isBind || hasType ? [] : [{ message: noKind(mount, type), path: [] }]),
  ];
}

function noKind(mount: string, type: string): string {
  const says = type === '' ? 'has no type' : `has the type ${goQuote(type)}`;
  return `${mount} ${says} and neither the option "bind" nor "rbind": runc and crun refuse the container`;
}

function relative(member: string, path: string, what: string): readonly EditsLint[] {
  return path.startsWith('/')
    ? []
    : [{ message: `${what} has the relative ${member} ${goQuote(path)}: begin it with "/"`, path: [member] }];
}
