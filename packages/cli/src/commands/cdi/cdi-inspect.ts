import type { CdiRegistry, CdiSpecFile } from '@opencontainers-ts/device-injector';
import { printable, quoted } from '@opencontainers-ts/runtime-spec';
import { failure } from '../failure.js';
import { type CommandOutput, jsonOutput, type Paint } from '../output.js';
import { type CdiWorld, type FolderOptions, loadFolders, problemLine } from './cdi-folders.js';

/** What a device does, and which files have a say in it. */
interface Inspected {
  readonly name: string;
  readonly file: string;
  readonly cdiVersion: string;
  readonly annotations: object;
  readonly containerEdits: object;
  /** Applied once, before the first device of the same file. */
  readonly specEdits: object;
  /** Files that define the device too, and that are not listened to. */
  readonly overrides: readonly string[];
}

/** Prints what devices do to a container. Status 1 where one of them is not there. */
export async function inspectCdi(
  { names, json, ...options }: FolderOptions & { readonly names: readonly string[]; readonly json: boolean },
  world: CdiWorld,
): Promise<CommandOutput> {
  const registry = await loadFolders(options, world);
  const found = names.flatMap((name) => inspected(name, registry));
  const missing = names.filter((name) => !registry.devices.has(name));
  if (missing.length > 0) return await unresolved(missing, registry);
  if (json) return { status: 0, stdout: jsonOutput(found) };
  return {
    status: 0,
    stdout: found.map((device) => deviceText(device, world.paint)).join('\n'),
    stderr: registry.problems.map(problemLine).join(''),
  };
}

function inspected(name: string, registry: CdiRegistry): readonly Inspected[] {
  const entry = registry.devices.get(name);
  if (entry === undefined) return [];
  const { device, file } = entry;
  const overrides = definedIn(name, registry).filter((path) => path !== file.path);
  return [
    {
      name,
      file: file.path,
      cdiVersion: file.spec.cdiVersion,
      annotations: device.annotations ?? {},
      containerEdits: device.containerEdits,
      specEdits: file.spec.containerEdits ?? {},
      overrides,
    },
  ];
}

function definedIn(name: string, { files }: CdiRegistry): readonly string[] {
  const defines = ({ spec }: CdiSpecFile) =>
    spec.devices.some((device) => `${spec.kind}=${device.name}` === name);
  return files.filter(defines).map(({ path }) => path);
}

function deviceText(device: Inspected, paint: Paint): string {
  const { name, file, cdiVersion, annotations, containerEdits, specEdits, overrides } = device;
  const overridden = overrides.map((path) => `  overrides ${printable(path)}\n`).join('');
  return [
    `${paint('bold', name)}\n`,
    `  from ${printable(file)} (CDI ${cdiVersion})\n`,
    overridden,
    editsText('annotations', annotations),
    editsText('edits of the device', containerEdits),
    editsText('edits of the file, once for all its devices', specEdits),
  ].join('');
}

function editsText(title: string, edits: object): string {
  if (Object.keys(edits).length === 0) return '';
  const lines = jsonOutput(edits).trimEnd().split('\n');
  return `  ${title}: ${lines.map(printable).join('\n  ')}\n`;
}

async function unresolved(missing: readonly string[], registry: CdiRegistry): Promise<CommandOutput> {
  const { DeviceError, nearNames } = await import('@opencontainers-ts/device-injector');
  const known = [...registry.devices.keys()];
  const reasons = missing.map((name) => `${quoted(name)}${reasonOf(name, registry, nearNames(name, known))}`);
  const message = `no such CDI device: ${reasons.join('; ')}`;
  const output = failure(new DeviceError('ERR_CDI_UNRESOLVABLE', message));
  return { ...output, stderr: registry.problems.map(problemLine).join('') + output.stderr };
}

function reasonOf(name: string, registry: CdiRegistry, near: readonly string[]): string {
  const paths = definedIn(name, registry);
  if (paths.length > 0) {
    return ` (${paths.join(' and ')} define it, and of one folder no two files may)`;
  }
  return near.length === 0 ? '' : `, did you mean ${near.map(quoted).join(' or ')}?`;
}
