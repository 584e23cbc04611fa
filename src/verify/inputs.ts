/**
 * Checks and copies the arguments for chains and bundles before anything else is done with them. Error of all: `usage`.
 */
import { toHex } from '../common/bytes.js';
import { arrayIn, bytesIn, recordIn, secondsIn, setIn, textIn, wrongInput } from '../common/door.js';
import type { AsCredential } from '../credential/as-credential.js';
import { isFingerprint, parseFingerprint } from '../credential/credential-fingerprint.js';
import { checkDecoded } from '../credential/decoded.js';
import { type AnyCredential, CREDENTIAL_KINDS } from '../credential/kinds.js';
import { type Engines, enginesIn } from '../crypto/engine.js';
import type { HeldTrust } from './bundle-trust.js';

export interface ChainQuestion {
  readonly subject: AnyCredential;
  /** Every other credential available, published or not, in any order. */
  readonly atHand: readonly AnyCredential[];
  /** Fingerprints (hex) of the trusted AS credentials. */
  readonly trusted: ReadonlySet<string>;
  /** Fingerprints (hex) of the published intermediates, or `any` if all available ones count as published. */
  readonly published: ReadonlySet<string> | 'any';
  /** Revoked fingerprints (hex). */
  readonly revoked: ReadonlySet<string>;
  /** Unix seconds. */
  readonly atSeconds: number;
  readonly engines: Engines;
}

export interface BundleQuestion {
  /** The file's bytes. */
  readonly bundle: Uint8Array;
  readonly held: HeldTrust;
  /**
   * Bundles between the last accepted one and this one, in order. Each is accepted without regard to time, and then
   * becomes the last one.
   */
  readonly via?: readonly Uint8Array[] | undefined;
  /**
   * AS credentials given as files, for signers that neither the bundle nor the last one lists. That does not make them
   * trusted.
   */
  readonly known?: readonly AsCredential[] | undefined;
  readonly expectedDomain?: string | undefined;
  /** Unix seconds. */
  readonly atSeconds: number;
  readonly engines: Engines;
}

/** Returns a checked copy. Errors: also `wrong-kind`. */
export function chainQuestionIn(question: ChainQuestion): ChainQuestion {
  const given = recordIn('the question', question, [
    'subject',
    'atHand',
    'trusted',
    'published',
    'revoked',
    'atSeconds',
    'engines',
  ]);
  const { published } = given;
  return {
    subject: credentialIn('subject', given.subject),
    atHand: arrayIn('atHand', given.atHand, credentialIn),
    trusted: setIn('trusted', given.trusted, fingerprintTextIn),
    published: published === 'any' ? published : setIn('published', published, fingerprintTextIn),
    revoked: setIn('revoked', given.revoked, fingerprintTextIn),
    atSeconds: secondsIn('atSeconds', given.atSeconds),
    engines: enginesIn(given.engines),
  };
}

/** A question in which omitted properties are present as undefined, so that nothing is inherited in their place. */
interface WholeBundleQuestion extends BundleQuestion {
  readonly via: readonly Uint8Array[];
  readonly known: readonly AsCredential[];
}

/** Returns a checked copy. Errors: also `wrong-kind`. */
export function bundleQuestionIn(question: BundleQuestion): WholeBundleQuestion {
  const needed = ['bundle', 'held', 'atSeconds', 'engines'] as const;
  const given = recordIn('the question', question, needed, ['via', 'known', 'expectedDomain']);
  const { via = [], known = [], expectedDomain } = given;
  return {
    bundle: bytesIn('bundle', given.bundle),
    held: heldIn(given.held),
    via: arrayIn('via', via, bytesIn),
    known: arrayIn('known', known, rootIn),
    expectedDomain: expectedDomain === undefined ? undefined : textIn('expectedDomain', expectedDomain),
    atSeconds: secondsIn('atSeconds', given.atSeconds),
    engines: enginesIn(given.engines),
  };
}

function heldIn(held: unknown): HeldTrust {
  const { last, pins, threshold } = recordIn('held', held, [], ['last', 'pins', 'threshold']);
  if (last !== undefined) {
    if (pins !== undefined || threshold !== undefined) throw wrongInput('held', 'has pins as well as the last bundle');
    return { last: bytesIn('held.last', last) };
  }
  if (threshold !== undefined && typeof threshold !== 'number') throw wrongInput('held.threshold', 'is no number');
  return { pins: arrayIn('held.pins', pins, pinIn), threshold };
}

function pinIn(name: string, value: unknown): Uint8Array {
  const bytes = bytesIn(name, value);
  if (!isFingerprint(bytes))
    throw wrongInput(name, `has ${String(bytes.length)} bytes; a fingerprint has 32, 48 or 64`);
  return bytes;
}

/** Returns a fingerprint in lower case, for comparing. */
function fingerprintTextIn(name: string, value: unknown): string {
  const bytes = typeof value === 'string' ? parseFingerprint(value) : undefined;
  if (bytes === undefined)
    throw wrongInput(name, 'is not a whole fingerprint: 64, 96 or 128 hex digits and nothing else');
  return toHex(bytes);
}

function credentialIn(name: string, value: unknown): AnyCredential {
  const credential = value as AnyCredential;
  checkDecoded(name, credential, CREDENTIAL_KINDS);
  return credential;
}

function rootIn(name: string, value: unknown): AsCredential {
  const credential = value as AsCredential;
  checkDecoded(name, credential, ['as_credential']);
  return credential;
}
