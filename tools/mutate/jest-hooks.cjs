// For jest, as the sequencer and as the only reporter: test files in the order that was asked for, and an end at the
// first failure.
const { writeFileSync } = require('node:fs');

const { MUTATE_ORDER = '', MUTATE_PROGRESS } = process.env;
const place = ({ path }) => MUTATE_ORDER.split('\n').findIndex((file) => path.endsWith(`/${file}`));

module.exports = class {
  sort(tests) {
    return [...tests].sort((a, b) => place(a) - place(b));
  }

  cacheResults() {}

  onTestCaseResult({ path }, { status, fullName }) {
    if (status === 'failed') fail(path, fullName);
  }

  onTestFileResult({ path }, { testExecError }) {
    if (testExecError) fail(path, String(testExecError.message).split('\n')[0]);
    writeFileSync(MUTATE_PROGRESS, '');
  }
};

function fail(path, what) {
  writeFileSync(MUTATE_PROGRESS, `test/${path.split('/test/').at(-1)}: ${what}`);
  process.exit(1);
}
