/** Runs the built program as a user does: `bin/as-ceremony.js`, its exit status and its two streams. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const PROGRAM = fileURLToPath(new URL('../../../bin/as-ceremony.js', import.meta.url));

const TIMEOUT = 60_000;

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  /** Standard input; empty where it isn't given. */
  readonly input?: string | Uint8Array;
  /** Added to an environment that holds PATH alone. */
  readonly env?: Readonly<Record<string, string>>;
  /** What runs the program, such as `['setpriv', …]`. */
  readonly under?: readonly string[];
}

export type JsonRecord = Readonly<Record<string, unknown>>;

/** The environment of every run: nothing of the machine's own but PATH. */
function environment(env: CliOptions['env'] = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', ...env };
}

/** Runs any program; a run that takes longer than a minute is killed, so that a hang is a failure. */
export function run(command: readonly string[], { cwd, input = '', env }: CliOptions = {}): Ended {
  const [program = '', ...args] = command;
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    input,
    env: environment(env),
    timeout: TIMEOUT,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined && signal === null) throw new Error(`${program}: ${error.message}`);
  return { status, signal, stdout: stdout.toString(), stderr: stderr.toString() };
}

export function cli(args: readonly string[], options: CliOptions = {}): Ended {
  return run([...(options.under ?? []), process.execPath, PROGRAM, ...args], options);
}

/** Runs with --json; stdout must hold one JSON object on one line, and nothing else. */
export function cliJson(args: readonly string[], options: CliOptions = {}): Ended & { readonly json: JsonRecord } {
  const ended = cli([...args, '--json'], options);
  return { ...ended, json: oneDocument(ended) };
}

export function oneDocument({ stdout, stderr }: Ended): JsonRecord {
  if (!/^\{[^\n]*\}\n$/.test(stdout)) throw new Error(`stdout is not one JSON document: ${stdout}\nstderr: ${stderr}`);
  return JSON.parse(stdout) as JsonRecord;
}

/** A script of bash, in which `as-ceremony` is the program. */
export function shell(script: string, options: CliOptions = {}): Ended {
  const define = `as-ceremony() { '${process.execPath}' '${PROGRAM}' "$@"; }`;
  return run(['bash', '--norc', '-c', `${define}\n${script}`], options);
}

/** Runs without waiting; for what holds a lock or a pipe while something else happens. */
export function start(command: readonly string[], options: Omit<CliOptions, 'input'> = {}): ChildProcess {
  const [program = '', ...args] = command;
  return spawn(program, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: environment(options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}
