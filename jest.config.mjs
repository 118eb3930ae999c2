/** The packages, each a project of the same name. */
export const packages = [
  'spec',
  'rootfs-rewriter',
  'device-injector',
  'runtime-resolver',
  'engine-config',
  'exec-native',
  'runtime-client',
  'cli',
  'launcher',
];

const common = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': '<rootDir>/tools/jest-esbuild.mjs' },
};

/** Unit projects need no root and no runtime; `blackbox` drives the packaged program; `repository` checks the tree. */
export default {
  // Not in /tmp, which is a new one in each run of the black-box tests.
  cacheDirectory: '<rootDir>/.tools/jest-cache',
  projects: [
    ...packages.map((name) => ({
      ...common,
      displayName: name,
      testMatch: [
        `<rootDir>/packages/${name}/test/**/*.test.ts`,
        // `npm run check` compiles no engine.
        ...(name === 'launcher' ? ['!**/launcher/test/engine/**'] : []),
      ],
    })),
    {
      ...common,
      displayName: 'engine',
      testMatch: ['<rootDir>/packages/launcher/test/engine/**/*.test.ts'],
    },
    ...['repository', 'blackbox'].map((name) => ({
      ...common,
      displayName: name,
      testMatch: [
        `<rootDir>/test/${name}/**/*.test.ts`,
        ...(name === 'repository' ? ['<rootDir>/examples/**/*.test.ts'] : []),
      ],
    })),
  ],
};
