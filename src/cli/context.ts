import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { nobleEngine } from '../crypto/noble-engine.js';
import { nodeEngine } from '../crypto/node-engine.js';
import type { VerificationEngine } from '../crypto/engine.js';
import type { Writer } from '../authority/store.js';
import { build } from './build-info.js';

/** The options that every command takes. */
export interface GlobalOptions {
  readonly dir?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly passphraseFile?: readonly string[];
  readonly pinFile?: readonly string[];
  /** False with --no-color. */
  readonly color?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

/** What a command gets of the world: the only place where clock, randomness and environment are read. */
export interface Context {
  readonly options: GlobalOptions;
  /** The authority directory, absolute. */
  readonly dir: string;
  readonly atSeconds: number;
  readonly random: (length: number) => Uint8Array;
  readonly engines: readonly VerificationEngine[];
  readonly buildSeconds: number;
  readonly writer: Writer;
}

export function contextOf(options: GlobalOptions): Context {
  return {
    options,
    dir: resolve(options.dir ?? (process.env['AS_CEREMONY_DIR'] || '.')),
    atSeconds: Math.floor(Date.now() / 1000),
    random: (length) => new Uint8Array(randomBytes(length)),
    engines: [nobleEngine, nodeEngine],
    buildSeconds: build.time,
    get writer(): Writer {
      return { toolVersion: build.version, hostName: hostname() };
    },
  };
}
