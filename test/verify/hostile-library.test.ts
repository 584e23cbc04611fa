/**
 * The library in the hands of JavaScript without types, and of callers who change what they gave: from its source, and
 * as it is built.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { toHex } from '../../src/common/bytes.js';
import * as source from '../../src/index.js';
import * as nodeSource from '../../src/node.js';
import { vectors } from '../bundle/support.js';
import { bytesOf, goodThings, type Library, NONE, revokingBundle, VECTOR } from '../support/cli/hostile-inputs.js';

type Anything = (...given: unknown[]) => unknown;
const DIST = new URL('../../dist/', import.meta.url);
const built = (await import(fileURLToPath(new URL('index.js', DIST)))) as Library;
const nodeBuilt = (await import(fileURLToPath(new URL('node.js', DIST)))) as typeof nodeSource;

/** `fine`, or the code of the refusal; anything else that is thrown is said. */
function outcomeIn(library: Library, run: () => unknown): string {
  try {
    run();
    return 'fine';
  } catch (error) {
    return error instanceof library.CeremonyError ? error.code : `thrown: ${String(error)}`;
  }
}

/** What is given, with another value at one place; what lies around it is copied. */
function withAt(given: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const copy = (Array.isArray(given) ? [...(given as unknown[])] : { ...(given as object) }) as Record<
    string | number,
    unknown
  >;
  copy[key] = withAt(copy[key], rest, value);
  return copy;
}

/**
 * Every function that takes a key, a credential or a question: good arguments, and where which sort of thing stands in
 * them.
 */
function table(library: Library): Readonly<Record<string, readonly [unknown[], Readonly<Record<string, string>>]>> {
  const good = goodThings(library);
  const { root, intermediate, client, leaf, engines, question, signed, direct, bundleQuestion } = good;
  const accepted = library.acceptBundle(bundleQuestion);
  const { clientId } = client.payload;
  const ofQuestion = {
    '0': 'record',
    '0.subject': 'credential',
    '0.atHand': 'list',
    '0.atHand.0': 'credential',
    '0.trusted': 'prints',
    '0.published': 'prints',
    '0.revoked': 'prints',
    '0.atSeconds': 'time',
    '0.engines': 'engines',
  };
  const request = bytesOf(VECTOR.intermediate_as_credential.request ?? '');
  const clientRequest = bytesOf(VECTOR.client_credential.request ?? '');
  return {
    acceptBundle: [
      [{ ...bundleQuestion, via: [bundleQuestion.bundle], known: [root], expectedDomain: accepted.payload.asDomain }],
      {
        '0': 'record',
        '0.bundle': 'bytes',
        '0.held': 'record',
        '0.held.pins': 'list',
        '0.held.pins.0': 'pin',
        '0.held.threshold': 'threshold',
        '0.via': 'list',
        '0.via.0': 'bytes',
        '0.known': 'list',
        '0.known.0': 'credential',
        '0.expectedDomain': 'optionalText',
        '0.atSeconds': 'time',
        '0.engines': 'engines',
      },
    ],
    checkNesting: [[leaf, client], { '0': 'credential', '1': 'credential' }],
    checkSelfSignature: [[leaf, engines], { '0': 'credential', '1': 'engines' }],
    checkSignature: [[leaf, client, engines], { '0': 'credential', '1': 'credential', '2': 'engines' }],
    ciphersuiteName: [[leaf.payload.ciphersuite], { '0.scheme': 'scheme', '0.hash': 'scheme' }],
    commitmentOf: [[direct.scheme, direct.key], { '0': 'scheme', '1': 'bytes' }],
    decodeAsCredential: [[root.encoded], { '0': 'bytes' }],
    decodeAsCredentialsResponse: [[bytesOf('000000')], { '0': 'bytes' }],
    decodeBundle: [[bundleQuestion.bundle], { '0': 'bytes' }],
    decodeClientCredential: [[client.encoded], { '0': 'bytes' }],
    decodeClientCredentialRequest: [[clientRequest], { '0': 'bytes' }],
    decodeCredentialFile: [[root.encoded, ['as_credential']], { '0': 'bytes', '1': 'list', '1.0': 'kind' }],
    decodeIntermediateAsCredential: [[intermediate.encoded], { '0': 'bytes' }],
    decodeIntermediateAsCredentialRequest: [[request], { '0': 'bytes' }],
    decodeLeafCredential: [[leaf.encoded], { '0': 'bytes' }],
    encodeAsCredentialsResponse: [
      [{ asCredentials: [root], asIntermediateCredentials: [intermediate], revokedCerts: [new Uint8Array(32)] }],
      {
        '0': 'record',
        '0.asCredentials': 'list',
        '0.asCredentials.0': 'credential',
        '0.asIntermediateCredentials': 'list',
        '0.asIntermediateCredentials.0': 'credential',
        '0.revokedCerts': 'list',
        '0.revokedCerts.0': 'bytes',
      },
    ],
    encodeCredentialFile: [[root], { '0': 'credential' }],
    examineChain: [[question], ofQuestion],
    fingerprintOf: [[root], { '0': 'credential' }],
    formatClientId: [
      [clientId],
      {
        '0': 'record',
        '0.userName': 'record',
        '0.userName.userName': 'text',
        '0.userName.asDomain': 'text',
        '0.clientUuid': 'bytes',
      },
    ],
    identityHash: [[[client]], { '0': 'list', '0.0': 'credential' }],
    identityHashOf: [
      [clientId.userName, [new Uint8Array(32)]],
      { '0': 'record', '0.userName': 'text', '0.asDomain': 'text', '1': 'list', '1.0': 'bytes' },
    ],
    publishedSetOf: [[accepted], { '0': 'accepted' }],
    signContent: [['label', new Uint8Array(1)], { '0': 'text', '1': 'bytes' }],
    verifyChain: [[question], ofQuestion],
    verifyMessage: [
      [library.verifyChain(question), signed, engines],
      {
        '0': 'verified',
        '1': 'record',
        '1.label': 'text',
        '1.message': 'bytes',
        '1.signature': 'bytes',
        '2': 'engines',
      },
    ],
    verifyWithAll: [
      [engines, direct.scheme, direct.key, direct.content, direct.signature],
      { '0': 'engines', '1': 'scheme', '2': 'bytes', '3': 'bytes', '4': 'bytes' },
    ],
  };
}

/** Those that look a number or a text up among what is registered, and give undefined, or false, for all others. */
const LOOKUPS = [
  'hashByCode',
  'isWireCode',
  'parseCiphersuite',
  'schemeByCode',
  'schemeByCoseAlgorithm',
  'schemeByName',
];

/** What looks like a credential, and was not made by a decoder. */
function forgeries(library: Library): readonly unknown[] {
  const { leaf, root } = goodThings(library);
  return [
    ...(NONE.record?.() ?? []),
    { ...leaf },
    { ...root, payload: { ...root.payload, asDomain: 'example.net' } },
    Object.assign(Object.create(Object.getPrototypeOf(root) as object) as object, root),
    Object.create(root),
    new Proxy(root, {}),
    structuredClone(leaf),
    JSON.parse(JSON.stringify(root)),
    [leaf],
  ];
}

function noneOf(library: Library, sort: string): readonly unknown[] {
  const good = goodThings(library);
  if (sort === 'credential') return forgeries(library);
  if (sort === 'kind') return [undefined, null, 1, 'as-credential', '__proto__', 'constructor', ['as_credential'], {}];
  if (sort === 'time') return [...(NONE.time?.() ?? []), ...(NONE.date?.() ?? [])];
  if (sort === 'optionalText') return (NONE.text?.() ?? []).filter((one) => one !== undefined);
  if (sort === 'accepted') {
    const bundle = library.acceptBundle(good.bundleQuestion);
    const unverified = library.decodeBundle(good.bundleQuestion.bundle);
    return [
      ...forgeries(library),
      { ...bundle },
      { payload: bundle.payload },
      unverified,
      new Proxy(bundle, {}),
      Object.create(bundle),
    ];
  }
  if (sort === 'verified') {
    const chain = library.verifyChain(good.question);
    const { links } = library.examineChain({ ...good.question, trusted: new Set() });
    return [...forgeries(library), [...chain], chain.slice(), links, new Proxy(chain, {}), Object.create(chain)];
  }
  const none = NONE[sort];
  if (none === undefined) throw new TypeError(`nobody knows the sort ${sort}`);
  return none();
}

/**
 * Whatever can be reached from a result, and still be changed there: an open object, or bytes that are the same at the
 * next look.
 */
function changeable(value: unknown, path = 'result', seen = new Set<unknown>()): string[] {
  if (typeof value !== 'object' || value === null || seen.has(value)) return [];
  seen.add(value);
  if (value instanceof Error || value instanceof Uint8Array) return [];
  const found = Object.isFrozen(value) ? [] : [path];
  for (const [key, item] of Object.entries(value) as [string, unknown][]) {
    if (item instanceof Uint8Array) {
      const before = toHex(item);
      item.fill(0xa5);
      if (toHex((value as Record<string, Uint8Array>)[key] ?? new Uint8Array()) !== before)
        found.push(`${path}.${key}`);
    }
    found.push(...changeable(item, `${path}.${key}`, seen));
  }
  return found;
}

describe.each([
  ['from its source', source, nodeSource],
  ['as it is built', built, nodeBuilt],
] as const)('the library %s', (_how, library, nodeLibrary) => {
  const api = library as unknown as Readonly<Record<string, Anything>>;
  const rows = table(library);
  const call = (name: string, given: readonly unknown[]): string => outcomeIn(library, () => api[name]?.(...given));

  test('every exported function is in the table', () => {
    const functions = Object.keys(api).filter((name) => typeof api[name] === 'function' && name !== 'CeremonyError');
    expect(Object.keys(rows).concat(LOOKUPS).sort()).toEqual(functions.sort());
  });

  test.each(Object.keys(rows))('%s: good arguments, and nothing else', (name) => {
    const [good, sorts] = rows[name] ?? [[], {}];
    expect(call(name, good)).toBe('fine');
    const wrong: unknown[] = [];
    for (const [path, sort] of Object.entries(sorts)) {
      noneOf(library, sort).forEach((none, i) => {
        const keys = path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
        const outcome = call(name, withAt(good, keys, none) as unknown[]);
        // A threshold beyond all pins is a wish that nobody can fulfil.
        const allowed = sort === 'threshold' ? ['usage', 'untrusted'] : ['usage'];
        if (!allowed.includes(outcome)) wrong.push([path, sort, i, typeof none, outcome]);
      });
    }
    expect(wrong).toEqual([]);
    // Fewer arguments than there should be.
    for (let n = 0; n < good.length; n++) expect([n, call(name, good.slice(0, n))]).toEqual([n, 'usage']);
  });

  test.each(['verifyChain', 'examineChain', 'acceptBundle'])('%s: a misspelt, forgotten or inherited key', (name) => {
    const question = rows[name]?.[0][0] as Readonly<Record<string, unknown>>;
    const optional = ['via', 'known', 'expectedDomain'];
    for (const key of Object.keys(question)) {
      const { [key]: value, ...others } = question;
      expect([key, call(name, [others])]).toEqual([key, optional.includes(key) ? 'fine' : 'usage']);
      expect([key, call(name, [{ ...others, [`${key}s`]: value }])]).toEqual([key, 'usage']);
      expect([key, call(name, [Object.assign(Object.create({ [key]: value }) as object, others)])]).toEqual([
        key,
        'usage',
      ]);
    }
    expect(call(name, [{ ...question, [Symbol('more')]: 1 }])).toBe('usage');
    expect(call(name, [Object.assign(Object.create(null) as object, question)])).toBe('fine');
    expect(call(name, [Object.freeze({ ...question })])).toBe('fine');
  });

  test.each([{ pin: [] }, { trust: [] }, { last: null }, { pins: undefined }, {}])(
    'held as %p is nothing held',
    (held) => {
      expect(call('acceptBundle', [{ ...goodThings(library).bundleQuestion, held }])).toBe('usage');
    },
  );

  test('the last bundle and pins are not held together', () => {
    const { bundleQuestion } = goodThings(library);
    const last = bundleQuestion.bundle;
    expect(call('acceptBundle', [{ ...bundleQuestion, held: { last } }])).toBe('fine');
    expect(call('acceptBundle', [{ ...bundleQuestion, held: { last, ...bundleQuestion.held } }])).toBe('usage');
    expect(call('acceptBundle', [{ ...bundleQuestion, held: { last, threshold: 1 } }])).toBe('usage');
  });

  describe('verdicts', () => {
    const truthy: readonly unknown[] = [1, 0, 'true', '', {}, [], null, undefined, Symbol('yes'), 1n];
    const verdicts: readonly (readonly [string, () => unknown])[] = [
      ...truthy.map((one) => [typeof one, () => one] as const),
      ['a promise of true', () => Promise.resolve(true)],
      ['a promise of false', () => Promise.resolve(false)],
      ['a Boolean', () => Object(true) as unknown],
    ];

    test.each(verdicts)('%s is none, alone or beside a good one', (_what, verify) => {
      const engine = { name: 'odd', verify };
      for (const engines of [[engine], [library.nobleEngine, engine], [engine, library.nobleEngine]]) {
        for (const name of [
          'verifyChain',
          'acceptBundle',
          'verifyMessage',
          'checkSignature',
          'checkSelfSignature',
          'verifyWithAll',
        ]) {
          const [good, sorts] = rows[name] ?? [[], {}];
          const path = Object.entries(sorts).find(([, sort]) => sort === 'engines')?.[0] ?? '';
          const keys = path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
          expect([name, call(name, withAt(good, keys, engines) as unknown[])]).toEqual([name, 'bad-verdict']);
        }
      }
    });

    test('an engine on WebCrypto takes no forgery', async () => {
      const { question, bundleQuestion } = goodThings(library);
      const encoded = bytesOf(VECTOR.leaf_credential.encoded);
      encoded[encoded.length - 1] = (encoded.at(-1) ?? 0) ^ 1;
      const verify = async (): Promise<boolean> => Promise.resolve(false);
      const engines = [{ name: 'WebCrypto', verify }];
      expect(call('verifyChain', [{ ...question, subject: library.decodeLeafCredential(encoded), engines }])).toBe(
        'bad-verdict',
      );
      expect(call('acceptBundle', [{ ...bundleQuestion, engines }])).toBe('bad-verdict');
      await verify();
    });

    test('an engine that overwrites what it is given changes nothing for the next one', () => {
      const { leaf } = goodThings(library);
      const bad = bytesOf(VECTOR.leaf_credential.encoded);
      const odd = {
        name: 'odd',
        verify: (_scheme: unknown, ...given: Uint8Array[]) => {
          for (const bytes of given) bytes.fill(0);
          return true;
        },
      };
      expect(outcomeIn(library, () => library.checkSelfSignature(leaf, [odd, library.nobleEngine]))).toBe('fine');
      expect(toHex(leaf.encoded)).toBe(toHex(bad));
    });

    test.each([library.nobleEngine, nodeLibrary.nodeEngine])('$name: bad input of any kind is false', (engine) => {
      const { direct } = goodThings(library);
      const good: unknown[] = [direct.scheme, direct.key, direct.content, direct.signature];
      const verify: Anything = (...given) => Reflect.apply(Reflect.get(engine, 'verify') as Anything, engine, given);
      expect(verify(...good)).toBe(true);
      expect(Object.isFrozen(engine)).toBe(true);
      for (const [i, sort] of ['scheme', 'bytes', 'bytes', 'bytes'].entries()) {
        for (const none of noneOf(library, sort)) expect(verify(...(withAt(good, [i], none) as unknown[]))).toBe(false);
      }
    });
  });

  describe('what changes while it is looked at', () => {
    test('a getter is asked once', () => {
      const { question, bundleQuestion } = goodThings(library);
      const revoked = new Set([VECTOR.client_credential.fingerprint.toUpperCase()]);
      let asked = 0;
      const twoFaced = {
        ...question,
        get revoked() {
          return asked++ === 0 ? revoked : new Set<string>();
        },
      };
      expect([call('verifyChain', [twoFaced]), asked]).toEqual(['revoked', 1]);
      let pinned = 0;
      const held = {
        get pins() {
          return pinned++ === 0 ? [new Uint8Array(32)] : bundleQuestion.held.pins;
        },
      };
      expect([call('acceptBundle', [{ ...bundleQuestion, held }]), pinned]).toEqual(['untrusted', 1]);
    });

    test('sets and arrays of a subclass do not say what is in them', () => {
      class Forgetful extends Set<string> {
        override has(): boolean {
          return false;
        }
        override forEach(): void {
          return undefined;
        }
        override get size(): number {
          return 0;
        }
        override [Symbol.iterator](): ReturnType<Set<string>['values']> {
          return new Set<string>().values();
        }
      }
      class Short extends Array<unknown> {
        override map<U>(): U[] {
          return [];
        }
      }
      const { question } = goodThings(library);
      const revoked = new Forgetful([VECTOR.client_credential.fingerprint]);
      expect(call('verifyChain', [{ ...question, revoked }])).toBe('revoked');
      const liar = { name: 'liar', verify: () => false };
      expect(call('verifyChain', [{ ...question, engines: Short.from([library.nobleEngine, liar]) }])).toBe(
        'engines-disagree',
      );
    });

    test('faults that are read late are of the question as it was', () => {
      const { question } = goodThings(library);
      const revoked = new Set([VECTOR.client_credential.fingerprint]);
      const mutable = { ...question, revoked, engines: [...question.engines] };
      const { faults } = library.examineChain(mutable);
      revoked.clear();
      mutable.engines[0] = { name: 'yes', verify: () => true };
      mutable.trusted.clear();
      expect([...faults].map(({ code }) => code)).toEqual(['revoked']);
    });

    test.each(['shared memory', 'a Buffer', 'a lying subclass'])('%s', (how) => {
      class Lying extends Uint8Array {
        override get length(): number {
          return 1;
        }
        override slice(): Uint8Array<ArrayBuffer> {
          return new Uint8Array(1);
        }
        override [Symbol.iterator](): ReturnType<Uint8Array['values']> {
          return new Uint8Array(1).values();
        }
      }
      const { bundleQuestion, question, signed } = goodThings(library);
      const like = (bytes: Uint8Array): Uint8Array => {
        if (how === 'a Buffer') return Buffer.from(bytes);
        const view =
          how === 'shared memory' ? new Uint8Array(new SharedArrayBuffer(bytes.length)) : new Lying(bytes.length);
        for (const [i, byte] of bytes.entries()) view[i] = byte;
        return view;
      };
      const bundle = like(bundleQuestion.bundle);
      const wiping = (...given: Uint8Array[]) => ({
        name: 'wiping',
        verify: (...about: Parameters<typeof library.nobleEngine.verify>) => {
          for (const bytes of given) Uint8Array.prototype.fill.call(bytes, 0);
          return library.nobleEngine.verify(...about);
        },
      });
      const accepted = library.acceptBundle({ ...bundleQuestion, bundle, engines: [wiping(bundle)] });
      expect(toHex(accepted.encoded)).toBe(vectors.making.bundle);
      const encoded = like(bytesOf(VECTOR.leaf_credential.encoded));
      const subject = library.decodeLeafCredential(encoded);
      Uint8Array.prototype.fill.call(encoded, 0);
      const chain = library.verifyChain({ ...question, subject });
      const [message, signature] = [like(signed.message), like(signed.signature)];
      const verify = (): void =>
        library.verifyMessage(chain, { label: signed.label, message, signature }, [
          wiping(message, signature),
          library.nobleEngine,
        ]);
      expect(outcomeIn(library, verify)).toBe('fine');
      expect(outcomeIn(library, verify)).toBe('bad-signature');
    });
  });

  test('a polluted prototype says nothing', () => {
    const { question, bundleQuestion } = goodThings(library);
    const forgotten: Record<string, unknown> = { ...question };
    delete forgotten.published;
    const polluted: Readonly<Record<string, unknown>> = {
      last: bundleQuestion.bundle,
      pins: [],
      threshold: 9,
      via: [new Uint8Array(1)],
      known: [1],
      expectedDomain: 'example.net',
      published: new Set(),
      fault: new Error('none'),
      credential: {},
      name: 'nobody',
      verify: () => true,
    };
    try {
      for (const [key, value] of Object.entries(polluted))
        Object.defineProperty(Object.prototype, key, { value, configurable: true, writable: true });
      expect(call('acceptBundle', [bundleQuestion])).toBe('fine');
      expect(call('acceptBundle', [{ ...bundleQuestion, held: { pins: [new Uint8Array(32)] } }])).toBe('untrusted');
      expect(call('acceptBundle', [{ ...bundleQuestion, held: {} }])).toBe('usage');
      expect(call('verifyChain', [forgotten])).toBe('usage');
      for (const engine of [undefined, null, {}, []])
        expect(call('acceptBundle', [{ ...bundleQuestion, engines: [engine] }])).toBe('usage');
    } finally {
      for (const key of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, key);
    }
  });

  test('half a surrogate pair is not U+FFFD', () => {
    const name = (userName: string): unknown[] => [{ asDomain: 'example.org', userName }, [new Uint8Array(32)]];
    expect(call('identityHashOf', name('\ufffd'))).toBe('fine');
    expect(call('identityHashOf', name('\ud800'))).toBe('usage');
    expect(call('signContent', ['\ufffd\u{1f511}', new Uint8Array()])).toBe('fine');
    expect(call('signContent', ['\udfff', new Uint8Array()])).toBe('usage');
  });

  test('a revocation in capitals is one', () => {
    const { question } = goodThings(library);
    const upper = (hex: string): Set<string> => new Set([hex.toUpperCase()]);
    expect(call('verifyChain', [{ ...question, revoked: upper(VECTOR.leaf_credential.fingerprint) }])).toBe('revoked');
    const trusted = upper(VECTOR.as_credential.fingerprint);
    expect(call('verifyChain', [{ ...question, trusted, published: 'any' }])).toBe('fine');
    expect(call('verifyChain', [{ ...question, published: new Set() }])).toBe('untrusted');
  });

  test('results cannot be changed', () => {
    const { question, bundleQuestion, leaf, client } = goodThings(library);
    const bundle = library.acceptBundle({
      ...bundleQuestion,
      bundle: revokingBundle(),
      held: { pins: pinsOf('revocations of the unknown, of every length and reason') },
    });
    const set = library.publishedSetOf(bundle);
    const results: readonly unknown[] = [
      leaf,
      client,
      bundle,
      library.decodeBundle(bundleQuestion.bundle),
      set,
      library.decodeAsCredentialsResponse(library.encodeAsCredentialsResponse(set)),
      library.verifyChain(question),
      library.examineChain(question),
      library.parseCiphersuite('p256-sha256'),
      library.HASHES,
      library.SCHEMES,
      library.DECODING_CODES,
      library.VERIFYING_CODES,
      library.BUNDLE_CODES,
      library.nobleEngine,
    ];
    expect(results.map((one) => changeable(one))).toEqual(results.map(() => []));
    // And it all verifies as before, by what it shows.
    expect(toHex(leaf.encoded)).toBe(VECTOR.leaf_credential.encoded);
    expect(call('verifyChain', [question])).toBe('fine');
  });

  test('a credential of another kind is of the wrong kind', () => {
    const { root, leaf, engines, bundleQuestion, question } = goodThings(library);
    const request = library.decodeClientCredentialRequest(bytesOf(VECTOR.client_credential.request ?? ''));
    expect(call('checkSignature', [root, root, engines])).toBe('wrong-kind');
    expect(call('checkSignature', [request, root, engines])).toBe('wrong-kind');
    expect(call('checkNesting', [leaf, request])).toBe('wrong-kind');
    expect(call('verifyChain', [{ ...question, subject: request }])).toBe('wrong-kind');
    expect(call('acceptBundle', [{ ...bundleQuestion, known: [leaf] }])).toBe('wrong-kind');
    expect(call('identityHash', [[leaf]])).toBe('wrong-kind');
    expect(
      call('encodeAsCredentialsResponse', [{ asCredentials: [leaf], asIntermediateCredentials: [], revokedCerts: [] }]),
    ).toBe('wrong-kind');
  });
});

function pinsOf(name: string): Uint8Array[] {
  return (vectors.cases.find((one) => one.name === name)?.pins ?? []).map(bytesOf);
}

test('if every prototype is frozen, it verifies and refuses as before', () => {
  const program = `
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      const prototype = Object.getOwnPropertyDescriptor(globalThis, name)?.value?.prototype;
      if (typeof prototype === 'object' && prototype !== null) Object.freeze(prototype);
    }
    Object.freeze(Object.getPrototypeOf(Uint8Array.prototype));
    const library = await import(process.argv[1]);
    const { nodeEngine } = await import(process.argv[2]);
    const bytes = (hex) => Uint8Array.from(Buffer.from(hex, 'hex'));
    const question = { bundle: bytes(process.argv[3]), held: { pins: [bytes(process.argv[4])] }, atSeconds: 1800000000,
      engines: [library.nobleEngine, nodeEngine] };
    const outcome = (change) => {
      try { return library.acceptBundle({ ...question, ...change }).sequence; } catch (error) { return error.name + ' ' + error.code; }
    };
    console.log(outcome({}), outcome({ atSeconds: 1 }), outcome({ held: {} }), outcome({ engines: [] }));`;
  const files = ['index.js', 'node.js'].map((name) => new URL(name, DIST).href);
  const given = ['--input-type=module', '-e', program, ...files, vectors.making.bundle, vectors.making.kid];
  const said = execFileSync(process.execPath, given, { encoding: 'utf8' });
  expect(said.trim()).toBe('1 CeremonyError not-yet-valid CeremonyError usage CeremonyError usage');
});
