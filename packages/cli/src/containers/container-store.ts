import { join } from 'node:path';

import { ContainerStore } from '@opencontainers-ts/runtime-client';

/** Where the records are: of root the default, of others below their own folder of runtime files (XDG base directory specification). */
export function containerStore({
  env,
  geteuid,
}: Pick<NodeJS.Process, 'env' | 'geteuid'> = process): ContainerStore {
  const user = geteuid?.() ?? 0;
  if (user === 0) return new ContainerStore();
  return new ContainerStore({
    root: join(env['XDG_RUNTIME_DIR'] || `/run/user/${user}`, 'ociwrap-containers'),
  });
}
