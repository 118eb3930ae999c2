// `prepack` of each package: pnpm packs what is there, and a tree that was not built would be published without `dist`.
// Run in the package's folder; further files that must be there are given as arguments.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const { publishConfig, bin = {} } = JSON.parse(readFileSync('package.json', 'utf8'));

const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.ts'),
);
const expected = [
  ...sources.map((path) => `dist/${path.replace(/\.ts$/, '.js')}`),
  ...Object.values(publishConfig.exports).flatMap((entry) =>
    Object.values(typeof entry === 'string' ? {} : entry),
  ),
  ...Object.values(bin),
  ...process.argv.slice(2),
];
const missing = expected.filter((path) => !existsSync(path));
if (missing.length > 0) {
  const more = missing.length === 1 ? '' : ` and ${missing.length - 1} more`;
  console.error(`not built: ${missing[0]}${more}; run \`npm run check\` first, which builds everything`);
  process.exitCode = 1;
}
