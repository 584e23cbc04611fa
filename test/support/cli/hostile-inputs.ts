/**
 * The two libraries as plain JavaScript sees them, good arguments of every function, and what is no argument of each
 * sort.
 */
import { schemeByCode } from '../../../src/crypto/ciphersuite.js';
import { sign } from '../../../src/crypto/private-key.js';
import type * as Source from '../../../src/index.js';
import { bundleNamed, vectors } from '../../bundle/support.js';
import { ownVectors } from '../../credential/vectors.js';

export type Library = typeof Source;
export type Bytes = Uint8Array;

export const bytesOf = (hex: string): Bytes => Uint8Array.from(Buffer.from(hex, 'hex'));
const found = ownVectors('credentials').find(({ name }) => name === 'ed25519-sha256');
if (found === undefined) throw new TypeError('no such vector');
export const VECTOR = found;
const BUNDLE_TIME = 1_800_000_000;

/** A good chain, a message under it and a bundle, all made again. */
export function goodThings(library: Library) {
  const root = library.decodeAsCredential(bytesOf(VECTOR.as_credential.encoded));
  const intermediate = library.decodeIntermediateAsCredential(bytesOf(VECTOR.intermediate_as_credential.encoded));
  const client = library.decodeClientCredential(bytesOf(VECTOR.client_credential.encoded));
  const leaf = library.decodeLeafCredential(bytesOf(VECTOR.leaf_credential.encoded));
  const engines = [library.nobleEngine];
  const question = {
    subject: leaf,
    atHand: [root, intermediate, client],
    trusted: new Set([VECTOR.as_credential.fingerprint]),
    published: new Set([VECTOR.intermediate_as_credential.fingerprint]),
    revoked: new Set<string>(),
    atSeconds: VECTOR.at,
    engines,
  };
  const message = bytesOf('68656c6c6f');
  const scheme = schemeByCode(VECTOR.leaf_credential.ciphersuite.signature_scheme);
  if (scheme === undefined) throw new TypeError('no such scheme');
  const content = library.signContent('LeafNodeTBS', message);
  const signature = sign(scheme, bytesOf(VECTOR.leaf_credential.private_key), content);
  const bundleQuestion = {
    bundle: bytesOf(vectors.making.bundle),
    held: { pins: [bytesOf(vectors.making.kid)] },
    atSeconds: BUNDLE_TIME,
    engines,
  };
  return {
    root,
    intermediate,
    client,
    leaf,
    engines,
    question,
    signed: { label: 'LeafNodeTBS', message, signature },
    direct: { scheme, key: leaf.payload.publicKey, content, signature },
    bundleQuestion,
  };
}

export const revokingBundle = (): Bytes => bundleNamed('revocations of the unknown, of every length and reason');

function detached(): Bytes {
  const view = new Uint8Array(40);
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

/** A view on the upper half of a buffer that has only its lower half any more. */
function shrunk(): Bytes {
  const buffer: ArrayBuffer = Reflect.construct(ArrayBuffer, [64, { maxByteLength: 64 }]) as ArrayBuffer;
  const view = new Uint8Array(buffer, 32, 32);
  Reflect.apply(Reflect.get(buffer, 'resize') as () => void, buffer, [8]);
  return view;
}

/** Proxies that throw whenever they are looked at: one that was revoked, and one whose every trap does so. */
function thorny(target: object): readonly unknown[] {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  const fail = (): never => {
    throw new TypeError('thorny');
  };
  return [proxy, new Proxy(target, { get: fail, ownKeys: fail, getPrototypeOf: fail })];
}

const NOTHING = [undefined, null, 0, 1, NaN, true, 'text', Symbol('s'), 12n, () => 1, {}];
const HALF = 'half \ud800 a pair';
/** A good fingerprint as hex, and the same bytes. */
const PRINT = VECTOR.as_credential.fingerprint;

/** Of each sort of argument: what is none. Functions, since some can be used once. */
export const NONE: Readonly<Record<string, () => readonly unknown[]>> = {
  bytes: () => [
    ...NOTHING,
    [1, 2, 3],
    { length: 1, 0: 1 },
    new ArrayBuffer(4),
    new SharedArrayBuffer(4),
    new DataView(new ArrayBuffer(4)),
    new Uint16Array(2),
    new Uint8ClampedArray(2),
    new Proxy(new Uint8Array(32), {}),
    ...thorny(new Uint8Array(32)),
    Object.create(new Uint8Array(32)) as unknown,
    detached(),
    shrunk(),
  ],
  pin: () => [...(NONE.bytes?.() ?? []), PRINT, new Uint8Array(), new Uint8Array(31), new Uint8Array(33)],
  text: () => [...NOTHING.filter((one) => one !== 'text'), new String('text'), ['text'], HALF, '\udc00\ud800'],
  time: () => [...NOTHING.slice(0, 2), '5', String(VECTOR.at), NaN, Infinity, -1, 1.5, VECTOR.at * 1000, 5n],
  date: () => [new Date(VECTOR.at * 1000), [VECTOR.at], { valueOf: () => VECTOR.at }, new Number(VECTOR.at)],
  prints: () => [
    ...NOTHING,
    [PRINT],
    new Map([[PRINT, true]]),
    new WeakSet(),
    Object.create(new Set([PRINT])) as unknown,
    new Proxy(new Set([PRINT]), {}),
    ...thorny(new Set([PRINT])),
    { has: () => true, size: 1, forEach: () => undefined },
    new Set([PRINT.match(/../g)?.join(':')]),
    new Set([PRINT.slice(2)]),
    new Set([` ${PRINT}`]),
    new Set([`0x${PRINT}`]),
    new Set([bytesOf(PRINT)]),
    new Set(['']),
    new Set([undefined]),
  ],
  engines: () => [
    ...NOTHING,
    [],
    [undefined],
    [{}],
    [{ name: 'none' }],
    [{ verify: () => true }],
    Array<unknown>(1),
    Object.assign([], { 1: { name: 'late', verify: () => true } }),
    new Set([{ name: 'one', verify: () => true }]),
    { length: 1, 0: { name: 'one', verify: () => true }, map: () => [true] },
    ...thorny([]),
    thorny({}),
  ],
  list: () => [
    null,
    0,
    true,
    'text',
    {},
    new Set(),
    { length: 0 },
    new Uint8Array(2),
    Array<unknown>(1),
    [undefined],
    [null],
    ...thorny([]),
    new Proxy([], { get: (target, key) => (key === 'length' ? 2 ** 53 - 1 : (Reflect.get(target, key) as unknown)) }),
  ],
  record: () => [
    ...NOTHING.filter((one) => typeof one !== 'object' || one === null),
    [],
    new Map(),
    new Date(0),
    new Error('none'),
    ...thorny({}),
  ],
  scheme: () => [
    ...NOTHING,
    'ed25519',
    { name: 'ed25519' },
    { code: 0x0807 },
    { name: 'ed25519', code: 0x0403 },
    ...thorny({}),
  ],
  threshold: () => [null, '1', NaN, -1, 0, 1.5, Infinity, 2 ** 60, 1n, {}, [1]],
};
