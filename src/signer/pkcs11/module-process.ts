/** Runs one PKCS#11 module in a process of its own. Requests go to it one at a time, each with a time limit. */
import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { type CeremonyError, couldNot } from '../../common/errors.js';
import { realPath } from '../../common/files.js';
import { encodeFrame, type Frame, FrameReader } from './frames.js';
import type { ModuleTrust } from './module-trust.js';
import { failureError } from './pkcs11-errors.js';
import type { Answer, Answers, Request, WireFailure } from './protocol.js';

/** How the process is started, how long the module may take for one request, and which modules may be loaded. */
export interface HsmMeans {
  /** Arguments to Node: the built program, and the word that makes it serve a module. */
  readonly worker: readonly string[];
  readonly timeoutSeconds: number;
  readonly trust: ModuleTrust;
}

export type Tried<T> =
  | { readonly ok: true; readonly value: T; readonly body: Uint8Array }
  | { readonly ok: false; readonly failure: WireFailure };

const CLOSING_SECONDS = 5;

interface Waiting {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: CeremonyError) => void;
}

/**
 * Returns the environment of the process: the person's, from which modules read their configuration, but without the
 * variables that make Node load more code. The current folder is never a folder of data, since a module may look for
 * its configuration there.
 */
function surroundings(dataFolder: string | undefined): { readonly env: NodeJS.ProcessEnv; readonly cwd?: string } {
  const env = { ...process.env };
  delete env.NODE_OPTIONS;
  delete env.NODE_PATH;
  const data = dataFolder === undefined ? undefined : realPath(dataFolder);
  const here = realPath(process.cwd());
  return { env, ...(data !== undefined && (here === data || here.startsWith(`${data}/`)) ? { cwd: '/' } : {}) };
}

export class ModuleProcess {
  readonly #child: ChildProcess;
  readonly #channel: Socket;
  readonly #reader = new FrameReader();
  #waiting: Waiting | undefined;
  /** Why no more requests can be made. */
  #ended: CeremonyError | undefined;
  #doing = 'loading the module';
  #queue: Promise<unknown> = Promise.resolve();

  /** Starts the process; nothing is loaded yet. `path` is the module's real one, for messages. */
  constructor(
    readonly path: string,
    readonly means: HsmMeans,
  ) {
    this.#child = spawn(process.execPath, [...means.worker], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      ...surroundings(means.trust.dataFolder),
    });
    const [, , , channel] = this.#child.stdio;
    if (!(channel instanceof Socket)) throw new TypeError('the channel to the module is not a stream');
    this.#channel = channel;
    channel.on('data', (chunk: Buffer) => {
      this.#received(chunk);
    });
    channel.on('error', () => undefined);
    this.#child.on('error', (error) => {
      this.#end(couldNot('hsm-unavailable', `the process for the module could not be started: ${error.message}`));
    });
    // 'close' comes after the last answer has been read.
    this.#child.on('close', (code, signal) => {
      const how = signal ?? `exit ${String(code)}`;
      this.#end(
        couldNot('hsm-crashed', `${path} crashed while ${this.#doing} (${how})`, {
          hint: 'Nothing was written to the authority. The fault is in the module. Check the token before you run the command again.',
          remedies: [{ command: 'hsm list' }],
        }),
      );
    });
    this.#idle();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Sends a request, and returns the module's own failure as a value. Errors: `hsm-crashed`, `hsm-timeout`,
   * `hsm-unavailable`.
   */
  async try<R extends Request>(
    request: R,
    doing: string,
    body?: Uint8Array,
    seconds = this.means.timeoutSeconds,
  ): Promise<Tried<Answers[R['op']]>> {
    const asked = this.#queue.then(() => this.#ask(request, doing, body, seconds));
    this.#queue = asked.catch(() => undefined);
    const { header, body: replyBody } = await asked;
    const answer = header as Answer;
    return answer.ok
      ? { ok: true, value: answer.value as Answers[R['op']], body: replyBody }
      : { ok: false, failure: answer.failure };
  }

  /** Sends a request, and throws if it fails. Errors: those of `try`, and those of `failureError`. */
  async ask<R extends Request>(
    request: R,
    doing: string,
    body?: Uint8Array,
    seconds?: number,
  ): Promise<{ value: Answers[R['op']]; body: Uint8Array }> {
    const tried = await this.try(request, doing, body, seconds);
    if (!tried.ok) throw failureError(tried.failure, doing, this.path);
    return tried;
  }

  /** Logs out and ends the process, by force if it does not end by itself. It is safe to call twice. */
  async close(): Promise<void> {
    if (this.#ended === undefined) {
      await this.try({ op: 'close' }, 'closing the session', undefined, CLOSING_SECONDS).catch(() => undefined);
      this.#end(couldNot('key-closed', 'the session with the token is closed', { hint: 'Open the key again.' }));
    }
    this.#channel.destroy();
    this.#child.kill('SIGKILL');
  }

  #ask(request: Request, doing: string, body: Uint8Array | undefined, seconds: number): Promise<Frame> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) {
        reject(this.#ended);
        return;
      }
      this.#doing = doing;
      this.#busy();
      const timer = setTimeout(() => {
        this.#end(
          couldNot('hsm-timeout', `${this.path} did not answer within ${String(seconds)} s while ${doing}`, {
            hint: 'Look at the device. If it is only slow, allow it more time, here or as hsm_timeout in authority.yaml.',
            remedies: [{ option: 'hsm-timeout' }],
          }),
        );
      }, seconds * 1000);
      const settle = (): void => {
        clearTimeout(timer);
        this.#waiting = undefined;
        this.#idle();
      };
      this.#waiting = {
        resolve: (frame) => {
          settle();
          resolve(frame);
        },
        reject: (error) => {
          settle();
          reject(error);
        },
      };
      const frame = encodeFrame(request, body);
      this.#channel.write(frame, () => frame.fill(0));
    });
  }

  #received(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.push(chunk)) this.#waiting?.resolve(frame);
    } catch (error) {
      this.#end(couldNot('hsm-crashed', `the process of ${this.path} answers nonsense`, { cause: error }));
    }
  }

  #end(error: CeremonyError): void {
    if (this.#ended !== undefined) return;
    this.#ended = error;
    this.#child.kill('SIGKILL');
    this.#waiting?.reject(error);
  }

  /** Lets the command end without waiting for the module. */
  #idle(): void {
    this.#child.unref();
    this.#channel.unref();
  }

  #busy(): void {
    this.#child.ref();
    this.#channel.ref();
  }
}
