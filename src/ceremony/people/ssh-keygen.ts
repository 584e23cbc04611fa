/**
 * Runs the machine's ssh-keygen as a child process, without a shell, with a time limit, bounded output, and English
 * messages whatever the locale.
 */
import { spawnSync } from 'node:child_process';
import { CeremonyError, couldNot, messageOf, systemCode } from '../../common/errors.js';

const PROGRAM = 'ssh-keygen';
const MAX_OUTPUT = 256 * 1024;
const VERIFY_SECONDS = 60;
/** Long enough to fetch a token and to type a passphrase twice. */
const SIGN_SECONDS = 600;
/** Without a handler, Ctrl-C would end this process before it could tidy up. The child receives it too, and ends. */
const SIGNALS = ['SIGINT', 'SIGHUP', 'SIGTERM'] as const;

export interface SshKeygenAnswer {
  readonly succeeded: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs ssh-keygen for something that needs no person and no key; `input` is its standard input. Times without a zone
 * are UTC. Errors: `no-ssh-keygen`, `ssh-keygen`.
 */
export function askSshKeygen(args: readonly string[], input: Uint8Array): SshKeygenAnswer {
  const { status, signal, stdout, stderr, error } = spawnSync(PROGRAM, [...args], {
    input,
    stdio: 'pipe',
    // TZ: valid-after and valid-before in allowed_signers mean the same on every machine, and in ten years.
    env: { PATH: searchPath(), LC_ALL: 'C', TZ: 'UTC' },
    timeout: VERIFY_SECONDS * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: MAX_OUTPUT,
  });
  // It is no failure if the child read only as much of its input as it needed.
  if (error !== undefined && systemCode(error) !== 'EPIPE') throw failure(error);
  if (signal !== null) throw failure(new Error(`it was ended by ${signal}`));
  return { succeeded: status === 0, stdout: stdout.toString(), stderr: stderr.toString() };
}

/**
 * Lets ssh-keygen interact with the person: it asks its own questions, and requests touches of a key. Errors:
 * `no-ssh-keygen`, `ssh-keygen`, `interrupted`.
 */
export function workWithSshKeygen(args: readonly string[]): { readonly succeeded: boolean } {
  const ignore = (): void => undefined;
  for (const name of SIGNALS) process.on(name, ignore);
  // It asks on the same terminal, and there Ctrl-C is a signal again.
  const { stdin } = process;
  const raw = stdin.isTTY && stdin.isRaw;
  if (raw) stdin.setRawMode(false);
  try {
    const { status, signal, error } = spawnSync(PROGRAM, [...args], {
      stdio: ['inherit', 'ignore', 'inherit'],
      env: { ...process.env, PATH: searchPath(), LC_ALL: 'C' },
      timeout: SIGN_SECONDS * 1000,
      killSignal: 'SIGKILL',
    });
    if (error !== undefined) throw failure(error);
    if (signal !== null) {
      throw new CeremonyError('interrupted', 'interrupted', 'interrupted; nothing was signed', {
        hint: 'Run the command again when you are ready.',
      });
    }
    return { succeeded: status === 0 };
  } finally {
    if (raw) stdin.setRawMode(true);
    for (const name of SIGNALS) process.removeListener(name, ignore);
  }
}

/**
 * Returns the folders in which programs are searched: the absolute ones of PATH. An empty or relative one means the
 * current folder, which may be somebody else's. Error: `no-ssh-keygen`.
 */
function searchPath(): string {
  const folders = (process.env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/'));
  if (folders.length === 0) throw noProgram();
  return folders.join(':');
}

function noProgram(cause?: unknown): CeremonyError {
  return couldNot('no-ssh-keygen', 'there is no ssh-keygen on this machine, which SSH signatures need', {
    hint: 'Install OpenSSH (Debian: openssh-client), or do this on another machine that has it.',
    cause,
  });
}

function failure(error: unknown): CeremonyError {
  if (systemCode(error) === 'ENOENT') return noProgram(error);
  const what = systemCode(error) === 'ETIMEDOUT' ? 'it took too long, and was ended' : messageOf(error);
  return couldNot('ssh-keygen', `ssh-keygen failed: ${what}`, {
    hint: 'Try it by hand: ssh-keygen -Y sign, ssh-keygen -Y verify.',
    cause: error,
  });
}
