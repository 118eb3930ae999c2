import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../programs.js';
import { runProgram } from '../run-program.js';
import { scratchFolder } from '../scratch.js';
import type { KubernetesObject } from './rendered.js';

/** Where the model of a kind is: `apps/v1/DaemonSet`. */
const modelOf = ({ apiVersion, kind }: KubernetesObject) => `${apiVersion}/${kind}`;

/**
 * What is wrong with each object by the schemas of Kubernetes: members that it does not know, members that are missing, values of
 * another type, and formats. Types and members are told by the compiler, since the schemas alone take what they do not know.
 */
export async function schemaFaults(
  objects: readonly KubernetesObject[],
): Promise<readonly (readonly string[])[]> {
  const ofTypes = typeFaults(objects);
  const ofValues = await Promise.all(objects.map(valueFaults));
  return objects.map((_, index) => [...(ofTypes[index] ?? []), ...(ofValues[index] ?? [])]);
}

/** One run of the compiler for all of them: most of its time it takes to read the types. */
function typeFaults(objects: readonly KubernetesObject[]): readonly (readonly string[])[] {
  const folder = scratchFolder('schema');
  const models = join(root, 'node_modules/kubernetes-models');
  const lines = objects.map(
    (object, index) =>
      `import type { I${object.kind} as Kind${index} } from '${models}/${modelOf(object)}.js'; ` +
      `export const object${index}: Kind${index} = ${JSON.stringify(object)};`,
  );
  writeFileSync(join(folder, 'objects.ts'), `${lines.join('\n')}\n`);
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', ''];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status, stdout, stderr } = runProgram(process.execPath, [tsc, ...options, 'objects.ts'], {
    cwd: folder,
  });
  const faults = stdout.split('\n').filter((line) => line !== '');
  const placed = faults.map((fault) => ({ line: Number(/^objects\.ts\((\d+),/.exec(fault)?.[1]), fault }));
  // What it says of anything else is no finding, but a failure.
  if (stderr !== '' || (status !== 0) !== faults.length > 0 || placed.some(({ line }) => !(line > 0))) {
    throw new Error(`tsc: ${stderr}${stdout}`);
  }
  return objects.map((_, index) => placed.filter(({ line }) => line === index + 1).map(({ fault }) => fault));
}

async function valueFaults(object: KubernetesObject): Promise<readonly string[]> {
  const { [object.kind]: Model } = await import(`kubernetes-models/${modelOf(object)}`);
  try {
    new Model(object).validate();
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}
