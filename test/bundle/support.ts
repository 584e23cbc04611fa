import { readFileSync } from 'node:fs';
import { fromHex } from '../../src/common/bytes.js';
import { CeremonyError } from '../../src/common/errors.js';

/** `valid`, or the code of the refusal; anything else that is thrown is a fault of the program. */
export function outcome(run: () => unknown): string {
  try {
    run();
    return 'valid';
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    return error.code;
  }
}

export function hex(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined) throw new TypeError(`not hex: ${text}`);
  return bytes;
}

/** Made in Python by test/vectors/generate-bundles.py. Bytes are hex; bundles are named by their place in `files`. */
export interface BundleVectors {
  readonly keys: Readonly<
    Record<string, { readonly scheme: string; readonly private: string; readonly public: string }>
  >;
  /** One bundle with all that it is made of. */
  readonly making: {
    readonly as_credential: string;
    readonly intermediate_as_credential: string;
    readonly private: string;
    readonly kid: string;
    readonly payload: string;
    readonly protected: string;
    readonly to_be_signed: string;
    readonly bundle: string;
  };
  readonly commitments: readonly {
    readonly scheme: string;
    readonly public_key: string;
    readonly commitment: string;
  }[];
  readonly files: readonly string[];
  readonly cases: readonly BundleCase[];
}

export interface BundleCase {
  readonly phase: number;
  readonly name: string;
  readonly expect: string;
  readonly at: number;
  readonly bundle: number;
  readonly pins?: readonly string[];
  readonly threshold?: number;
  readonly last?: number;
  readonly via?: readonly number[];
  readonly known?: readonly string[];
  readonly domain?: string;
  readonly unchanged?: boolean;
}

export const vectors = JSON.parse(
  readFileSync(new URL('../vectors/bundles.json', import.meta.url), 'utf8'),
) as BundleVectors;

export const fileOf = (index: number): Uint8Array => hex(vectors.files[index] ?? 'none');

/** The bundle of one case, by its name. */
export function bundleNamed(name: string): Uint8Array {
  const found = vectors.cases.find((one) => one.name === name);
  if (found === undefined) throw new TypeError(`no case is named ${name}`);
  return fileOf(found.bundle);
}
