import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from '@jest/globals';
import { planRewrite } from '@opencontainers-ts/rootfs-rewriter';
import { documentOf, makeSpec, memoryHost, withAnnotation } from '@opencontainers-ts/rootfs-rewriter/testing';
import { build } from 'esbuild';

import { settingsOf } from './config/config-text.js';

const example = fileURLToPath(new URL('../../../examples/namespace-hook', import.meta.url));

test('a rule of the examples that uses our packages runs as docs/configuration.md bundles it', async () => {
  const { outputFiles } = await build({
    entryPoints: [join(example, 'named-hook.ts')],
    bundle: true,
    format: 'esm',
    write: false,
    // The example has its packages by npm; here they are those of the workspace.
    nodePaths: [fileURLToPath(new URL('../node_modules', import.meta.url))],
  });
  const config = `profile = "none"
[[rule]]
module = "named-hook.mjs"
export = "namedHook"
options = { namespace = "payments", program = "/usr/bin/audit" }
`;
  const { settings } = await settingsOf(config, {}, () => outputFiles[0]?.contents);
  const document = documentOf(
    makeSpec(
      withAnnotation('io.kubernetes.cri.sandbox-namespace', 'payments'),
      withAnnotation('io.kubernetes.cri.sandbox-name', 'pod'),
      withAnnotation('io.kubernetes.cri.container-name', 'main'),
    ),
  );
  const ask = (files: Readonly<Record<string, string>>) =>
    planRewrite(document, settings.rules, { verb: 'create', bundle: '/b' }, memoryHost({ files }));
  const { decision, document: rewritten, refusal } = ask({ '/usr/bin/audit': '' });
  expect(refusal).toBeUndefined();
  expect(decision).toBe('rewrite');
  expect(rewritten.spec.hooks?.createRuntime).toMatchObject([{ args: ['/usr/bin/audit', 'pod', 'main'] }]);
  expect(ask({}).refusal).toMatchObject({ code: 'ERR_AUDIT_MISSING' });
});
