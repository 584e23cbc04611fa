// Changes the program in small ways, one at a time, and looks whether a test notices. A sample, drawn by a seed; prints
// the score of each folder and what nobody noticed, and fails below the least score. Results go to
// coverage/mutants.json too. MUTANTS       how many are drawn (640), or `all`; `survivors`: those of the last run once
// more; `equivalent`: those that are said to change
//                 nothing, of which none may be noticed
//   MUTATE_SEED   which ones are drawn (1)
//   MUTATE_JOBS   how many run at once (2)
//   MUTATE_TESTS  a regular expression: only tests whose path it fits
// What is known to change nothing stands in mutate-equivalent.json, by its line and the change, and isn't drawn.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compiling } from './mutate/compiles.mjs';
import { mutantsOf } from './mutate/mutants.mjs';
import { Sandbox } from './mutate/sandbox.mjs';

const LEAST = 90;
const FOLDERS = ['policy', 'verify', 'codec', 'bundle', 'authority', 'crypto'];
/** The tests that count: those within the process, and programs that are run for what `authority` is there for. */
const TESTS = [
  /^test\/(policy|verify|codec|bundle|authority|crypto|credential|operations)\//,
  /^test\/signer\/[^/]*$/,
  /^test\/scenarios\/(bad-files|damaged-authority|disks|hostile-folder|ledger|planted-record|settings-changes|two-at-once)/,
];
/** These take minutes, for many runs of what others run once. */
const TOO_LONG = /operations\/(export-bundle|kills|power-cuts)/;
/** Of one test file, in seconds. */
const LIMIT = 600;

const project = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const { MUTANTS = '640', MUTATE_SEED = '1', MUTATE_JOBS = '2', MUTATE_TESTS = '' } = process.env;
const RESULTS = join(project, 'coverage/mutants.json');
const filesBelow = (folder, end) =>
  readdirSync(join(project, folder), { recursive: true })
    .filter((name) => name.endsWith(end))
    .map((name) => `${folder}/${name}`)
    .sort();

/**
 * Every mutant of the folders, each with its file, folder and rank; what counts for the rank stays the same where files
 * move.
 */
function everyMutant() {
  const times = new Map();
  return FOLDERS.flatMap((folder) =>
    filesBelow(`src/${folder}`, '.ts')
      .filter((path) => !path.endsWith('.d.ts'))
      .flatMap((path) =>
        mutantsOf(readFileSync(join(project, path), 'utf8')).map((one) => {
          const what = [MUTATE_SEED, folder, one.code, one.change].join('\n');
          times.set(what, (times.get(what) ?? 0) + 1);
          const rank = createHash('sha256')
            .update(`${what}\n${times.get(what)}`)
            .digest('hex');
          return { ...one, folder, path, rank };
        }),
      ),
  );
}

/** Takes out what is equivalent. Throws where an entry is of no mutant any more. */
function withoutEquivalent(all) {
  const entries = JSON.parse(readFileSync(join(project, 'tools/mutate-equivalent.json'), 'utf8'));
  const names = new Set(entries.map(({ code, change }) => `${code}\n${change}`));
  const isEquivalent = ({ code, change }) => names.has(`${code}\n${change}`);
  const equivalent = all.filter(isEquivalent);
  const found = new Set(equivalent.map(({ code, change }) => `${code}\n${change}`));
  for (const { code, change } of entries)
    if (!found.has(`${code}\n${change}`)) throw new Error(`mutate-equivalent.json: there is no ${change} in ${code}`);
  return { equivalent, others: all.filter((one) => !isEquivalent(one)) };
}

/** The first by rank of each folder, as many as its share; then those of them that compile. */
function drawn(all) {
  const share = MUTANTS === 'all' || MUTANTS === 'equivalent' ? 1 : Math.min(1, Number(MUTANTS) / all.length);
  const sample = FOLDERS.flatMap((folder) => {
    const own = all.filter((one) => one.folder === folder).sort((a, b) => (a.rank < b.rank ? -1 : 1));
    return own.slice(0, Math.ceil(own.length * share));
  });
  const good = compiling(project, new Map([...byFile(sample)].map(([path, file]) => [join(project, path), file])));
  console.log(`${all.length} mutants; ${sample.length} drawn by seed ${MUTATE_SEED}, of which ${good.size} compile`);
  return sample.filter((one) => good.has(one));
}

/** The sample of the last run, without verdicts for those that survived. */
function again(all) {
  const last = JSON.parse(readFileSync(RESULTS, 'utf8'));
  const verdicts = new Map(last.map(({ rank, noticed }) => [rank, noticed]));
  return all.filter(({ rank }) => verdicts.has(rank)).map((one) => ({ ...one, noticed: verdicts.get(one.rank) }));
}

function byFile(mutants) {
  const files = new Map();
  for (const one of mutants) {
    const source = () => readFileSync(join(project, one.path), 'utf8');
    if (!files.has(one.path)) files.set(one.path, { source: source(), mutants: [] });
    files.get(one.path).mutants.push(one);
  }
  return files;
}

/** Does `work` with every item, in as many sandboxes as there are. */
async function eachOf(sandboxes, items, work) {
  const waiting = [...items];
  const worker = async (sandbox) => {
    for (let item; (item = waiting.shift()) !== undefined;) await work(sandbox, item);
  };
  await Promise.all(sandboxes.map(worker));
}

/** The test files with their times and what they reach. */
async function recorded(sandboxes) {
  const counts = (file) => TESTS.some((some) => some.test(file)) && !TOO_LONG.test(file);
  const tests = [];
  await eachOf(
    sandboxes,
    filesBelow('test', '.test.ts').filter((file) => counts(file) && new RegExp(MUTATE_TESTS).test(file)),
    async (sandbox, file) => {
      const { seconds, failure, reached } = await sandbox.record(file, LIMIT);
      if (failure === undefined) tests.push({ file, seconds, reached });
      else console.log(`does not count: ${file} (${failure})`);
    },
  );
  return tests;
}

/** How many mutants of a source file a test file has noticed. */
const noticedBy = new Map();

/**
 * The tests that reach a mutant: first those that noticed others of its file, then those of its folder, then the quick
 * ones.
 */
function inOrder({ id, path, folder }, tests) {
  const before = ({ file }) => noticedBy.get(`${path} ${file}`) ?? 0;
  const near = ({ file }) => (file.startsWith(`test/${folder}/`) ? 1 : 0);
  return tests
    .filter(({ reached }) => reached.has(id))
    .sort((a, b) => before(b) - before(a) || near(b) - near(a) || a.seconds - b.seconds);
}

async function judge(sandbox, mutant, tests) {
  const reaching = inOrder(mutant, tests);
  const longest = Math.max(0, ...reaching.map(({ seconds }) => seconds));
  const files = reaching.map(({ file }) => file);
  if (files.length > 0) mutant.noticed = await sandbox.test(mutant.id, files, 3 * longest + 20);
  writeFileSync(RESULTS, JSON.stringify(sample, undefined, 1));
  const { path, line, change, code, noticed } = mutant;
  const by = `${path} ${files.find((file) => noticed?.startsWith(`${file}:`))}`;
  if (noticed !== undefined) noticedBy.set(by, (noticedBy.get(by) ?? 0) + 1);
  else
    console.log(
      `survived: ${path}:${line}  ${change}  in  ${code}${files.length === 0 ? '  (no test reaches it)' : ''}`,
    );
}

function report(sample) {
  const survivors = sample.filter(({ noticed }) => noticed === undefined);
  const late = sample.filter(({ noticed }) => noticed === 'time limit').length;
  for (const folder of [...FOLDERS, '']) {
    const own = sample.filter((one) => folder === '' || one.folder === folder);
    if (own.length === 0) continue;
    const noticed = own.filter((one) => one.noticed !== undefined).length;
    console.log(`${(folder || 'all').padEnd(10)} ${noticed} of ${own.length}  ${score(noticed, own.length)} %`);
  }
  console.log(`${late} of them ran into the time limit`);
  return survivors;
}

const score = (part, whole) => (Math.floor((1000 * part) / whole) / 10).toFixed(1);

const { equivalent, others } = withoutEquivalent(everyMutant());
const sample = MUTANTS === 'survivors' ? again(others) : drawn(MUTANTS === 'equivalent' ? equivalent : others);
const waiting = sample.filter(({ noticed }) => noticed === undefined).map((one, id) => Object.assign(one, { id }));
const base = mkdtempSync(join(tmpdir(), 'mutate-'));
process.on('exit', () => rmSync(base, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));
const folders = Array.from({ length: Number(MUTATE_JOBS) }, (_, i) => join(base, String(i)));
const sandboxes = folders.map((folder) => new Sandbox(folder, project, byFile(waiting)));
mkdirSync(join(project, 'coverage'), { recursive: true });
const tests = await recorded(sandboxes);
await eachOf(sandboxes, waiting, (sandbox, mutant) => judge(sandbox, mutant, tests));
const survivors = report(sample);
const noticed = sample.length - survivors.length;
process.exit((MUTANTS === 'equivalent' ? noticed > 0 : noticed < (LEAST / 100) * sample.length) ? 1 : 0);
