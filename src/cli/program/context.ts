import { hostname } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { Memory } from '../../authority/memory.js';
import type { Writer } from '../../authority/store.js';
import type { VerificationEngine } from '../../crypto/engine.js';
import { Terminal } from '../terminal/terminal.js';
import { build } from './build-info.js';

/** The options that every command accepts. */
export interface GlobalOptions {
  readonly dir?: string;
  /** The head of the newest transcript, from paper. */
  readonly head?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly passphraseFile?: readonly string[];
  readonly pinFile?: readonly string[];
  readonly hsmTimeout?: string;
  /** PKCS#11 modules that may be loaded although others than root could have put them there. */
  readonly module?: readonly string[];
  /** False with --no-color. */
  readonly color?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** What a command gets from its environment. Clock, randomness and environment variables are read nowhere else. */
export interface CommandContext {
  readonly options: GlobalOptions;
  /** The authority's folder, absolute. */
  readonly dir: string;
  readonly atSeconds: number;
  readonly random: (length: number) => Uint8Array;
  /** Returns both engines, which are loaded when the first signature is verified. */
  readonly engines: () => Promise<readonly VerificationEngine[]>;
  readonly buildSeconds: number;
  readonly writer: Writer;
  /** The person at the terminal, if there is one. */
  readonly terminal: Terminal;
  /** What this user's state folder remembers about authorities; undefined if there is no such folder. */
  readonly memory: Memory | undefined;
}

async function loadEngines(): Promise<readonly VerificationEngine[]> {
  const [{ nobleEngine }, { nodeEngine }] = await Promise.all([
    import('../../crypto/noble-engine.js'),
    import('../../crypto/node-engine.js'),
  ]);
  return [nobleEngine, nodeEngine];
}

/**
 * Returns the memory in the user's state folder (XDG Base Directory Specification); a system that runs from a medium
 * may have none.
 */
function memoryOf({ XDG_STATE_HOME: state = '', HOME: home = '' }: NodeJS.ProcessEnv): Memory | undefined {
  const folder = isAbsolute(state) ? state : isAbsolute(home) ? join(home, '.local/state') : undefined;
  return folder === undefined ? undefined : new Memory(join(folder, 'as-ceremony'));
}

/** Returns the authority's folder from the environment; an empty variable counts as none. */
function fromEnvironment(): string | undefined {
  const dir = process.env.AS_CEREMONY_DIR;
  return dir === '' ? undefined : dir;
}

export function contextOf(options: GlobalOptions): CommandContext {
  return {
    options,
    dir: resolve(options.dir ?? fromEnvironment() ?? '.'),
    atSeconds: Math.floor(Date.now() / 1000),
    random: (length) => crypto.getRandomValues(new Uint8Array(length)),
    engines: loadEngines,
    buildSeconds: build.time,
    memory: memoryOf(process.env),
    terminal: new Terminal(),
    get writer(): Writer {
      return { toolVersion: build.version, hostName: hostname() };
    },
  };
}
