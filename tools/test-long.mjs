// The tests that have a larger budget when there is time: about half an hour. A variable that is set already stays as
// it is; arguments go to jest.
import { run, setup } from './setup.mjs';

const BUDGET = {
  // Decades, up to 20 minutes of them; seed 0 takes other ones each time, and a failure prints its own.
  DECADE_RUNS: '1000',
  DECADE_MINUTES: '20',
  DECADE_SEED: '0',
  // Every point at which a command can be killed.
  CRASH_POINTS: '1000',
  // States of the disk after a kill, of a ceremony.
  KILL_STATES: '10000',
  // States of the disk after a power cut, of each command.
  POWER_STATES: '150',
};
const TESTS = [
  'test/decade',
  'test/scenarios/daily/crash.test.ts',
  'test/operations/interrupted/kills.test.ts',
  'test/operations/interrupted/power-cuts.test.ts',
  'test/scenarios/ceremonies/kill-with-key-files.test.ts',
  'test/scenarios/ceremonies/kill-with-token.test.ts',
];

setup();
run('node', ['tools/build.mjs']);
const asked = process.argv.slice(2);
run('node', ['tools/jest.mjs', ...(asked.length === 0 ? TESTS : asked)], { env: { ...BUDGET, ...process.env } });
