export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '\\.ts$': '<rootDir>/tools/jest-transform.cjs' },
  globalSetup: '<rootDir>/tools/jest-templates.mjs',
  globalTeardown: '<rootDir>/tools/jest-teardown.mjs',
  testSequencer: '<rootDir>/tools/jest-sequencer.cjs',
  testTimeout: 120_000,
  maxWorkers: 2,
};
