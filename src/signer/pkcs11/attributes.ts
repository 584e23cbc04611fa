/** Attributes of private keys: what they must be, and the judgement of a key that was read back. */
import { fromHex } from '../../common/bytes.js';
import { CKA, CKO, mechanismName } from './constants.js';
import type { KeyType } from './key-types.js';
import type { WireAttribute } from './protocol.js';

/** How the key came to be under this authority's care. */
export type KeyOrigin = 'generated' | 'adopted';
/** `wrapped`: the key can leave the token under a wrapping key, for the vendor's own backup. */
export type KeyBackup = 'none' | 'wrapped';

/** Attributes as the token reports them; null if it does not know the attribute or does not disclose it. */
export interface KeyAttributes {
  readonly token: boolean | null;
  readonly private: boolean | null;
  readonly sensitive: boolean | null;
  readonly extractable: boolean | null;
  readonly modifiable: boolean | null;
  readonly sign: boolean | null;
  readonly sign_recover: boolean | null;
  readonly decrypt: boolean | null;
  readonly unwrap: boolean | null;
  readonly derive: boolean | null;
  readonly local: boolean | null;
  readonly always_sensitive: boolean | null;
  readonly never_extractable: boolean | null;
  readonly wrap_with_trusted: boolean | null;
  /** The mechanism's name. */
  readonly key_gen_mechanism: string | null;
}

type Flag = Exclude<keyof KeyAttributes, 'key_gen_mechanism'>;

const FLAGS: readonly (readonly [Flag, number])[] = [
  ['token', CKA.token],
  ['private', CKA.private],
  ['sensitive', CKA.sensitive],
  ['extractable', CKA.extractable],
  ['modifiable', CKA.modifiable],
  ['sign', CKA.sign],
  ['sign_recover', CKA.signRecover],
  ['decrypt', CKA.decrypt],
  ['unwrap', CKA.unwrap],
  ['derive', CKA.derive],
  ['local', CKA.local],
  ['always_sensitive', CKA.alwaysSensitive],
  ['never_extractable', CKA.neverExtractable],
  ['wrap_with_trusted', CKA.wrapWithTrusted],
];

/** The attributes to read, in the order in which `keyAttributes` takes their values. */
export const READ_BACK: readonly number[] = [...FLAGS.map(([, type]) => type), CKA.keyGenMechanism];

function flagOf(value: string | null | undefined): boolean | null {
  return value?.length === 2 ? value !== '00' : null;
}

/**
 * Returns a CK_ULONG (little-endian), or undefined if the value is not one, or is all ones
 * (CK_UNAVAILABLE_INFORMATION).
 */
export function numberOf(value: string | null | undefined): number | undefined {
  const bytes = fromHex(value ?? '');
  if (bytes === undefined || (bytes.length !== 8 && bytes.length !== 4) || bytes.every((byte) => byte === 0xff)) {
    return undefined;
  }
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}

export function keyAttributes(values: readonly (string | null)[]): KeyAttributes {
  const flags = Object.fromEntries(FLAGS.map(([name], i) => [name, flagOf(values[i])])) as Record<Flag, boolean | null>;
  const mechanism = numberOf(values[FLAGS.length]);
  return { ...flags, key_gen_mechanism: mechanism === undefined ? null : mechanismName(mechanism) };
}

export interface Expected {
  readonly origin: KeyOrigin;
  readonly backup: KeyBackup;
  readonly type: KeyType;
}

export interface Judgement {
  /** Reasons against the key. */
  readonly faults: readonly string[];
  /** Properties that the token cannot prove. */
  readonly unproven: readonly string[];
}

/**
 * Compares a key with what it must be. The token must not deny that a key made here was made inside it; for an adopted
 * key, that is only noted.
 */
export function judge(attributes: KeyAttributes, { origin, backup, type }: Expected): Judgement {
  const faults: string[] = [];
  const unproven: string[] = [];
  const must = (name: Flag, wanted: boolean, why: string): void => {
    const value = attributes[name];
    if (value !== wanted) faults.push(`${name.toUpperCase()} is ${value === null ? 'unknown' : String(value)}: ${why}`);
  };
  must('token', true, 'the key is gone when the session ends');
  must('private', true, 'the key can be used without a login');
  must('sensitive', true, 'the key can be read in plain');
  must('sign', true, 'the key cannot sign');
  if (backup === 'none') must('extractable', false, 'the key can leave the token');
  else must('extractable', true, 'the key was to be wrapped for a backup, and cannot be');
  for (const name of ['decrypt', 'unwrap', 'derive', 'sign_recover'] as const) {
    if (attributes[name] === true) faults.push(`${name.toUpperCase()} is true: the key may do more than sign`);
  }
  const history = (name: Flag, denied: string, claim: string): void => {
    const value = attributes[name];
    if (value === true) return;
    const said = `${name.toUpperCase()} is ${value === null ? 'unknown' : 'false'}`;
    if (value === false && origin === 'generated') faults.push(`${said}: ${denied}`);
    else unproven.push(`${claim} (${said})`);
  };
  history('local', 'the key was not made in this token', 'that the key was made in this token');
  history('always_sensitive', 'the key was once readable in plain', 'that the key was never readable in plain');
  if (backup === 'none')
    history('never_extractable', 'the key was once extractable', 'that the key was never extractable');
  else if (attributes.wrap_with_trusted !== true) {
    unproven.push(
      'that only a wrapping key which the security officer trusts can take the key out (WRAP_WITH_TRUSTED is not set)',
    );
  }
  const made = attributes.key_gen_mechanism;
  const expected = mechanismName(type.generate);
  if (made !== expected) {
    const said = `KEY_GEN_MECHANISM is ${made ?? 'unknown'}`;
    if (made !== null && origin === 'generated') faults.push(`${said}: the key was not made by ${expected}`);
    else unproven.push(`that the key was made by ${expected} (${said})`);
  }
  return { faults, unproven };
}

export interface KeyName {
  readonly label: string;
  readonly id: Uint8Array;
}

export interface Templates {
  readonly publicTemplate: readonly WireAttribute[];
  readonly privateTemplate: readonly WireAttribute[];
}

const flag = (type: number, value: boolean): WireAttribute => [type, value ? '01' : '00'];
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * Returns templates for a new key, the strictest first. A token refuses an attribute that it does not know, and is
 * given the next template. Whichever it accepts, the key is read back and judged in the same way.
 */
export function templatesFor(
  name: KeyName,
  options: { readonly parameters: string; readonly backup: KeyBackup; readonly onToken: boolean },
): Templates[] {
  const { parameters, backup, onToken } = options;
  const wrapped = backup === 'wrapped';
  const both: WireAttribute[] = [
    flag(CKA.token, onToken),
    [CKA.label, hex(new TextEncoder().encode(name.label))],
    [CKA.id, hex(name.id)],
  ];
  const publicLeast: WireAttribute[] = [...both, [CKA.ecParams, parameters], flag(CKA.verify, true)];
  const publicMore: WireAttribute[] = [flag(CKA.private, false), flag(CKA.encrypt, false), flag(CKA.wrap, false)];
  const privateLeast: WireAttribute[] = [
    ...both,
    flag(CKA.private, true),
    flag(CKA.sensitive, true),
    flag(CKA.extractable, wrapped),
    flag(CKA.sign, true),
  ];
  const nothingElse = [CKA.decrypt, CKA.unwrap, CKA.derive, CKA.signRecover].map((type) => flag(type, false));
  const fixed = [flag(CKA.modifiable, false)];
  const variants = [[...nothingElse, ...fixed], nothingElse, [flag(CKA.decrypt, false), flag(CKA.derive, false)], []];
  const trusted = wrapped ? [[flag(CKA.wrapWithTrusted, true)], []] : [[]];
  return trusted.flatMap((trust) =>
    variants.map((more, i) => ({
      publicTemplate: i < 2 ? [...publicLeast, ...publicMore] : publicLeast,
      privateTemplate: [...privateLeast, ...more, ...trust],
    })),
  );
}

export const PRIVATE_KEY: WireAttribute = [CKA.class, `0${String(CKO.privateKey)}00000000000000`];
export const PUBLIC_KEY: WireAttribute = [CKA.class, `0${String(CKO.publicKey)}00000000000000`];
