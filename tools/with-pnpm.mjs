// Runs pnpm of the workspace with the given arguments: `node tools/with-pnpm.mjs exec biome check .`
import { installWorkspace, run } from './workspace.mjs';

installWorkspace();
run('pnpm', process.argv.slice(2));
