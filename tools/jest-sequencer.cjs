// The longest test files first, so that no worker is left with one at the end. A fresh clone has no times of an earlier
// run, and size says little.
const LONGEST = [
  'operations/interrupted/power-cuts',
  'operations/interrupted/kills',
  'scenarios/sites/stages',
  'documents/rotation-and-loss',
  'scenarios/hostile/hostile-folder',
  'decade/honest',
  'scenarios/ceremonies/kill-with-token',
  'decade/decade',
  'scenarios/ceremonies/kill-with-key-files',
  'scenarios/daily/crash',
  'scenarios/ceremonies/ceremony-steps',
  'scenarios/ceremonies/ceremonies',
  'scenarios/ceremonies/witness',
  'scenarios/keys/hsm',
  'documents/packager',
].map((name) => `/test/${name}.test.ts`);

/** Longest first, then by size. */
function sort(tests) {
  const place = ({ path }) => {
    const at = LONGEST.findIndex((name) => path.endsWith(name));
    return at < 0 ? LONGEST.length : at;
  };
  const size = ({ context, path }) => context.hasteFS.getSize(path) ?? 0;
  return [...tests].sort((a, b) => place(a) - place(b) || size(b) - size(a));
}

module.exports = class {
  sort(tests) {
    return sort(tests);
  }
  allFailedTests(tests) {
    return tests;
  }
  shard(tests) {
    return tests;
  }
  cacheResults() {
    // Every run goes by the same list.
  }
};
