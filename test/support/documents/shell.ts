/** Runs a document's examples one after the other, as somebody does who types them into one shell. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ROOT, type Step } from './document.js';

const EXPECT = readFileSync(`${ROOT}test/support/documents/answers.exp`, 'utf8');
const NOT_CLONED = ['.git', 'node_modules', 'dist'];

export interface Ran {
  readonly status: number | null;
  /** stdout and stderr together. */
  readonly output: string;
}

export class DocumentShell {
  /** What documents call /home/anna. */
  readonly home = mkdtempSync(join(tmpdir(), 'as-ceremony-document-'));
  readonly #answers = mkdtempSync(join(tmpdir(), 'as-ceremony-answers-'));

  constructor() {
    writeFileSync(this.#own('answers.exp'), EXPECT);
    writeFileSync(this.#own('cwd'), this.home);
  }

  /** `as-ceremony` is a command, as it is for whoever followed README.md. */
  haveCommand(): void {
    this.run({ command: `mkdir -p ~/bin && ln -sf '${ROOT}bin/as-ceremony.js' ~/bin/as-ceremony` });
  }

  end(): void {
    rmSync(this.home, { recursive: true, force: true });
    rmSync(this.#answers, { recursive: true, force: true });
  }

  /** The passphrase that was made for a key, such as `root-1`. */
  passphraseFile(key: string): string {
    return this.#own(`passphrase-${key}`);
  }

  /** Runs a step where the last one ended, or in `folder`. */
  run({ command }: Pick<Step, 'command'>, folder?: string): Ran {
    return this.#spawn(['bash', '-c', this.#script(command, folder)]);
  }

  /** The same on a terminal, where every question is answered. */
  runAnswering({ command }: Pick<Step, 'command'>): Ran {
    const script = this.#own('step.sh');
    writeFileSync(script, this.#script(command));
    return this.#spawn(['expect', this.#own('answers.exp'), this.#answers, script, command]);
  }

  /** The same without a terminal, for machines without expect. */
  runUnattended({ command }: Pick<Step, 'command'>): Ran {
    const key = /--key file:keys\/(.+)\.age/.exec(command)?.[1] ?? 'root-1';
    if (!existsSync(this.passphraseFile(key)))
      writeFileSync(this.passphraseFile(key), `a passphrase for ${key}\n`, { mode: 0o600 });
    return this.run({ command: `${command} --yes --passphrase-file '${this.passphraseFile(key)}'` });
  }

  /**
   * Runs a step in a copy of the project as a fresh clone has it; with the caller's own home, where npm has its
   * settings.
   */
  runInClone({ command }: Pick<Step, 'command'>): Ran {
    const clone = join(this.home, 'as-ceremony');
    const wanted = (path: string): boolean => path === ROOT || !NOT_CLONED.includes(basename(path));
    if (!existsSync(clone)) cpSync(ROOT, clone, { recursive: true, filter: wanted });
    return this.#spawn(['bash', '-c', this.#script(command, clone)], {});
  }

  /** State goes from step to step in files: every variable, and the folder. */
  #script(command: string, folder?: string): string {
    const [state, cwd] = [this.#own('state'), this.#own('cwd')];
    const keep = folder === undefined ? `trap 'export -p > "${state}"; pwd > "${cwd}"' EXIT` : '';
    return [
      'set -eo pipefail -a',
      `[ ! -f "${state}" ] || . "${state}"`,
      `cd "${folder ?? readFileSync(cwd, 'utf8').trim()}"`,
      keep,
      withRealFingerprint(command),
      '',
    ].join('\n');
  }

  #spawn(command: readonly string[], own: NodeJS.ProcessEnv = { HOME: this.home }): Ran {
    const path = `${this.home}/bin:${process.env.PATH ?? ''}`;
    const env = { ...process.env, ...own, PATH: path, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', TERM: 'xterm' };
    // Both streams on one, in the order in which they were written.
    const args = ['-c', 'exec "$@" 2>&1', 'sh', ...command];
    const { status, stdout } = spawnSync('sh', args, { cwd: this.home, env, encoding: 'utf8', input: '' });
    return { status, output: stdout };
  }

  #own(name: string): string {
    return join(this.#answers, name);
  }
}

/** Where somebody would type the root's fingerprint from the paper: that of this run's root, in groups too. */
function withRealFingerprint(command: string): string {
  const typed = command.replace(/"([0-9a-f]{4} ){15}[0-9a-f]{4}"/g, '"$written"');
  if (typed === command) return command;
  const json = 'as-ceremony fingerprint authority/credentials/root-1.pem --json';
  return `written=$(${json} | jq -r '.credentials[0].fingerprint' | sed 's/..../& /g; s/ $//')\n${typed}`;
}
