import { RuntimeClient } from '@opencontainers-ts/runtime-client';

import { runContainer } from './run-container.js';

const [bundle = '.', runtime = 'runc'] = process.argv.slice(2);
const status = await runContainer(
  new RuntimeClient({ runtime }),
  { id: `example-${process.pid}`, bundle, stdio: 'inherit' },
  (line) => process.stderr.write(`${line}\n`),
);
process.exitCode = 'exitCode' in status ? status.exitCode : 1;
