import type { CleanResidue, HostAction, MountRoot, RootProgram } from '@opencontainers-ts/rootfs-rewriter';

import { printable } from '@opencontainers-ts/runtime-spec';
import { auditedText } from '../../call/audited-decision.js';
import { keyPathOf, keyText } from '../../config/config-fault.js';
import type { Paint } from '../output.js';
import { paintDiff } from './diff-text.js';
import type { ExplainedRule } from './explained-rules.js';
import type { Explanation } from './explanation.js';

/**
 * An explanation for people, in the order in which the call is worked on. Everything that comes from a spec or from
 * arguments is made printable: a config.json must not drive the terminal of whoever looks at it.
 */
export function explanationText(explanation: Explanation, paint: Paint): string {
  const sections = [
    section('call', callLines(explanation), paint),
    section('runtime', runtimeLines(explanation), paint),
    section('warnings', explanation.warnings.map(printable), paint),
    section('rules', explanation.rules.flatMap(ruleLines), paint),
    section('patch', patchLines(explanation), paint),
    section('on the machine', explanation.actions.flatMap(actionLines), paint),
    section('audit: what is only tried', auditLines(explanation), paint),
    section('config.json (indented for reading)', paintDiff(explanation.diff, paint), paint),
    section('decision', decisionLines(explanation, paint), paint),
  ];
  return sections.filter((lines) => lines !== '').join('\n');
}

function section(title: string, lines: readonly string[], paint: Paint): string {
  return lines.length === 0 ? '' : `${paint('bold', title)}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function callLines({ call }: Explanation): string[] {
  const { certain, ...known } = call;
  const lines = Object.entries(known).map(([name, value]) => `${name}: ${printable(value)}`);
  return certain ? lines : [...lines, 'not every argument was understood'];
}

function runtimeLines({ mode, trail }: Explanation): string[] {
  const candidates = trail.map(({ candidate, from, verdict, detail }) => {
    const why = detail === undefined ? '' : ` (${printable(detail)})`;
    return `${printable(candidate)}, from ${from}: ${verdict}${why}`;
  });
  return [`mode: ${mode}`, ...candidates];
}

/** Why a rule refused stands with the decision, which it is; here stands what it is about. */
function ruleLines(explained: ExplainedRule): string[] {
  const { rule, kind, file, audit, outcome, reason, code, because, details = {} } = explained;
  const from = [kind, file, audit && 'only tried'].filter((each) => each !== undefined).join(', ');
  const name = from === '' ? rule : `${rule} (${from})`;
  const said = code === undefined ? `${outcome}: ${why(explained, reason)}` : `${outcome} [${code}]`;
  const below = [
    ...(because === undefined
      ? []
      : [
          `${keyOf(because.condition)}: asks for ${jsonOrNothing(because.expected)}, found ${jsonOrNothing(because.found)}`,
        ]),
    ...Object.entries(details).map(([about, value]) => `${about}: ${json(value)}`),
  ];
  return [`${name}: ${said}`, ...below.map((line) => `  ${line}`)].map(printable);
}

function why({ triggers }: ExplainedRule, reason: string): string {
  return reason === 'no trigger' && triggers !== 'every-create'
    ? `no trigger (${triggers.map(json).join(' or ')})`
    : reason;
}

/** The process of `exec` is written by the engine, in a file that no rule sees (`runc exec --process`). */
const NOT_IN_EXEC =
  'note: /process is of the process that the container starts with; what an engine execs into it later is not changed';

function patchLines({ patch, patchOrigins }: Explanation): string[] {
  const lines = patch.map((operation, index) => printable(`${json(operation)}  by ${patchOrigins[index]}`));
  return patch.some(({ path }) => /^\/process(?:\/|$)/.test(path)) ? [...lines, NOT_IN_EXEC] : lines;
}

function auditLines({ audit }: Explanation): string[] {
  if (audit === undefined) return [];
  const patch = audit.kind === 'rewrite' ? audit.patch.map((operation) => `patch: ${json(operation)}`) : [];
  return [auditedText(audit), ...patch].map(printable).concat(audit.actions.flatMap(actionLines));
}

/** What a rule wants done, and below what it is about. */
export function actionLines(action: HostAction): string[] {
  const { kind, root, volume } = action;
  const about = kind === 'mount-root' ? mountLines(action) : residueLines(action);
  return [`${kind}: the volume ${json(volume)} at ${json(root)}`, ...about.map((line) => `  ${line}`)].map(
    printable,
  );
}

function residueLines({ creates: { mountPoints, links } }: CleanResidue): string[] {
  return [
    ...mountPoints.map((path) => `remembers the mount point ${json(path)}`),
    ...links.map(({ path, target }) => `remembers the link ${json(path)} to ${json(target)}`),
  ];
}

/** What is below, what is above, where, and what becomes of the call where it cannot be. */
function mountLines(action: MountRoot): string[] {
  const { strategy, root, target, byPath, image, imageName, imageChange, readonly, idMappings, program } =
    action;
  const named = `the image ${imageName === undefined ? '' : `${json(imageName)} `}at ${json(image)}`;
  const where = byPath
    ? `${json(root)}, which the runtime opens when the container is started: nothing is mounted`
    : `${json(target)}, in a mount namespace of the call`;
  return [
    ...LAYERS[strategy](action, named, `${where}${readonly ? ', read-only' : ''}`),
    ...(strategy === 'replace' ? [] : [`if the image is another one than before: ${imageChange}`]),
    ...(idMappings === undefined ? [] : idLines(idMappings)),
    ...(program === undefined ? [] : programLines(program)),
    `used by: ${json(action.user)}`,
    ...action.onceMounted.map((operation) => `once it is mounted: ${json(operation)}`),
    ...(byPath ? [] : [`where nothing can be mounted: ${OTHERWISE[action.otherwise]}`]),
  ];
}

const OTHERWISE: Readonly<Record<MountRoot['otherwise'], string>> = {
  refuse: 'refused',
  'use-path': 'the runtime gets the path of the volume',
};

/** The kubelet walks the volume at each start of the pod otherwise (Kubernetes, "Configure volume permission and ownership change"). */
const ONCE = 'fsGroupChangePolicy "OnRootMismatch" does it once';

type Layers = (action: MountRoot, image: string, where: string) => readonly string[];

const LAYERS: Readonly<Record<MountRoot['strategy'], Layers>> = {
  replace: (_, image, where) => [`the volume itself on ${where}`, `in the place of ${image}`],
  overlay: ({ root }, image, where) => [
    `an overlay on ${where}`,
    `below: ${image}, which stays as it is`,
    `above: ${json(`${root}/upper`)}, which holds what the container writes and deletes`,
    `beside it: ${json(`${root}/work`)}, which the kernel works in`,
    `an fsGroup and a SELinux label of the pod are set on all of "upper" too: ${ONCE}`,
  ],
  seed: (_, image, where) => [
    `the volume itself on ${where}`,
    `filled, while it is empty, from ${image}`,
    `an fsGroup and a SELinux label of the pod are set on all of it too: ${ONCE}`,
  ],
};

function idLines({ uid, gid }: NonNullable<MountRoot['idMappings']>): string[] {
  const shown = (mappings: typeof uid) =>
    mappings
      .map(
        ({ containerID, hostID, size }) => `${size} from ${containerID} are those from ${hostID} of the host`,
      )
      .join(', ');
  return [`mapped for the user namespace of the container: users: ${shown(uid)}; groups: ${shown(gid)}`];
}

function programLines({ name, cwd, searchPath }: RootProgram): string[] {
  if (name.startsWith('/')) return [`looks on it for the program ${json(name)}`];
  if (name.includes('/')) return [`looks on it for the program ${json(name)} from ${json(cwd)}`];
  return [
    `looks on it for the program ${json(name)} along ${searchPath === undefined ? 'no PATH' : json(searchPath)}`,
  ];
}

/** A place of a rule as it would be written in its file, and as `ociwrap config check` names it. */
function keyOf(pointer: string): string {
  return keyText(keyPathOf(pointer));
}

/** `null` is what is not there. */
function jsonOrNothing(value: unknown): string {
  return value === null ? 'nothing' : json(value);
}

function json(value: unknown): string {
  return JSON.stringify(value, (_, member) => (typeof member === 'bigint' ? String(member) : member));
}

function decisionLines({ decision, reason, refusal, pins, exec }: Explanation, paint: Paint): string[] {
  if (refusal !== undefined) {
    const hint = refusal.hint === undefined ? [] : [`hint: ${printable(refusal.hint)}`];
    const { code, message } = refusal;
    return [`${paint('red', 'refuse')} ${printable(`[${code}]: ${message}`)}`, ...hint];
  }
  const why = decision === 'rewrite' ? 'config.json is rewritten, then the runtime starts' : (reason ?? '');
  const checked = pins.map(
    ({ path, dev, ino }) => `checked before the start: ${printable(path)}, device ${dev}, inode ${ino}`,
  );
  const started =
    exec === undefined
      ? []
      : [
          `exec: ${printable(exec.file)}`,
          `argv: ${printable(JSON.stringify(exec.argv))}`,
          ...(exec.nvidiaConfig === undefined
            ? []
            : [`env: NVIDIA_CTK_CONFIG_FILE_PATH=${printable(exec.nvidiaConfig)}`]),
        ];
  return [`${paint('green', decision)}: ${printable(why)}`, ...checked, ...started];
}
