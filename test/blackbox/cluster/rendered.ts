import { join } from 'node:path';

import { parseAllDocuments } from 'yaml';

import { program, root } from '../programs.js';
import { runProgram } from '../run-program.js';

/** The kustomizations of the repository. */
export const kustomize = join(root, 'deploy/kustomize');

/** An object of the API of Kubernetes, as far as all of them are alike. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  // biome-ignore lint/suspicious/noExplicitAny: what each kind has is checked against the schemas of Kubernetes
  readonly [member: string]: any;
}

/** What `kubectl apply -k` would send: the objects of a folder. */
export function rendered(folder: string): readonly KubernetesObject[] {
  const { status, stdout, stderr } = runProgram(program('kubectl'), ['kustomize', folder]);
  // It warns of what is deprecated.
  if (status !== 0 || stderr !== '') throw new Error(`kubectl kustomize ${folder}: ${stderr}`);
  return parseAllDocuments(stdout).map((document) => document.toJS({ maxAliasCount: 0 }));
}

/** The only object of a kind. */
export function only(objects: readonly KubernetesObject[], kind: string): KubernetesObject {
  const [found, ...others] = objects.filter((each) => each.kind === kind);
  if (found === undefined || others.length > 0) throw new Error(`there is not one ${kind}`);
  return found;
}
