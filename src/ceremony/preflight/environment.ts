import { bad, fine, type Check } from './check.js';

/** Each can put other code or other settings into this process, or take its memory out of it, without any file of the program being changed. */
const CHANGES_WHAT_RUNS = [
  ...['NODE_OPTIONS', 'NODE_PATH', 'NODE_REPL_EXTERNAL_MODULE', 'NODE_V8_COVERAGE', 'NODE_COMPILE_CACHE'],
  ...['LD_PRELOAD', 'LD_AUDIT', 'LD_LIBRARY_PATH', 'GCONV_PATH', 'DYLD_INSERT_LIBRARIES', 'DYLD_LIBRARY_PATH'],
  ...['OPENSSL_CONF', 'OPENSSL_MODULES', 'OPENSSL_ENGINES'],
];

export const environment: Check = {
  id: 'environment',
  source: 'the variables of the environment, and the options that Node was started with',
  reason: "Some variables load other code into this process, whatever the hashes of the program's files are.",
  look({ machine: { variables, nodeOptions } }) {
    const set = CHANGES_WHAT_RUNS.filter((name) => (variables[name] ?? '') !== '');
    const found = [...set.map((name) => `${name}=${variables[name] ?? ''}`), ...nodeOptions];
    if (found.length === 0) return fine('no variable and no option of Node changes what runs');
    const unset = set.length === 0 ? 'Start the program without options of Node' : `Run: unset ${set.join(' ')}`;
    return bad(`what runs is changed by ${found.join(', ')}`, unset);
  },
};
