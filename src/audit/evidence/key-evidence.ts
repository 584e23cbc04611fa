/** Rows about keys: which were made, where they are kept, and what they signed. */
import type { HsmFields } from '../../authority/events/event.js';
import { eventsOf } from '../../authority/formats/transcript.js';
import { ciphersuiteName } from '../../crypto/ciphersuite.js';
import { fingerprintHex, type MadeFile, publicKeyHash, type SelfSigned } from '../proceedings/made.js';
import type { Proceedings } from '../proceedings/proceedings.js';
import { type Found, type Row, showing, together } from './row.js';

/** A key that was made, or adopted, in this transcript. */
export interface InventoryKey {
  /** `file:…` or `pkcs11:…`, from the key record if it is available, else empty. */
  readonly uri: string;
  readonly use: 'root' | 'intermediate';
  readonly ciphersuite: string;
  readonly publicKeySha256: string;
  /** The file with its self-signature. */
  readonly path: string;
  readonly fingerprint: string;
  readonly lines: readonly number[];
}

export const KEY_ROWS: readonly Row[] = [
  {
    id: 'key-inventory',
    title: 'Every key that was made is listed, with its algorithm and the SHA-256 of its public key',
    clauses: { etsi: ['GEN-6.5.1-13A'], br: ['6.1.1.1 all 4'], webtrust: ['4.1'] },
    look: keyInventory,
  },
  {
    id: 'device',
    title: 'Each of these keys was made in a device with a maker, a model and a serial number, by a known mechanism',
    clauses: { etsi: ['GEN-6.5.1-13A', 'OVR-6.5.2-01'], br: ['6.1.1.1 all 3'], webtrust: ['4.1', '4.8'] },
    look: (proceedings) => eachInDevice(proceedings, deviceFaults),
  },
  {
    id: 'key-in-device',
    title: 'Each of these keys was made inside its device, and could never leave it',
    clauses: {
      etsi: ['GEN-6.5.1-02', 'GEN-6.5.2-04', 'GEN-6.5.2-09'],
      br: ['6.1.1.1 all 3'],
      webtrust: ['4.1', '4.2'],
    },
    look: (proceedings) => eachInDevice(proceedings, attributeFaults),
  },
  {
    id: 'key-use',
    title: 'Whatever a key signed is on record, and is found in the files',
    clauses: { etsi: ['OVR-6.5.3-01', 'GEN-6.5.3-03'], webtrust: ['4.4'] },
    look: keyUse,
  },
  {
    id: 'fingerprint-compared',
    title: 'Somebody compared the fingerprint with another source, and it was equal',
    clauses: { etsi: ['DIS-6.5.1-16'], webtrust: ['4.3'] },
    look: compared,
  },
];

/** Returns the keys whose self-signature is among the available files: roots, and requests for intermediates. */
export function inventoryOf({ made, report }: Proceedings): readonly InventoryKey[] {
  const roots = made.credentials.filter(({ holds }) => holds.kind === 'as_credential');
  const all: readonly MadeFile<SelfSigned>[] = [...roots, ...made.requests];
  return all.map(({ path, line, holds }) => {
    const publicKeySha256 = publicKeyHash(holds);
    const signed = report.signEvents.find((one) => one.file === path);
    return {
      uri: made.keyUris.get(publicKeySha256) ?? '',
      use: holds.kind === 'as_credential' ? 'root' : 'intermediate',
      ciphersuite: ciphersuiteName(holds.payload.ciphersuite),
      publicKeySha256,
      path,
      fingerprint: fingerprintHex(holds),
      lines: [...(signed === undefined ? [] : [signed.seq + 1]), line],
    };
  });
}

function keyInventory(proceedings: Proceedings): Found {
  const keys = inventoryOf(proceedings);
  if (keys.length === 0) return { shows: [], lacks: ['no key was made, or what it signed is not at hand'] };
  const signed = new Set(
    proceedings.report.signEvents.filter(({ state }) => state === 'matched').map(({ file }) => file),
  );
  return {
    shows: keys.map(({ uri, use, ciphersuite, publicKeySha256, lines }) =>
      showing(
        `${use} key ${uri === '' ? '(its record is not at hand)' : uri}, ${ciphersuite}, public key SHA-256 ${publicKeySha256}`,
        ...lines,
      ),
    ),
    lacks: [
      ...keys.filter(({ path }) => !signed.has(path)).map(({ path }) => `the signature in ${path} is in no line`),
      ...keys
        .filter(({ uri }) => uri === '')
        .map(({ path }) => `the key of ${path} has no record at hand that names it`),
    ],
  };
}

/** Judges, for every key of the inventory, the event in which its device made or adopted it. */
function eachInDevice(proceedings: Proceedings, faultsOf: (hsm: HsmFields) => Judged): Found {
  const keys = inventoryOf(proceedings);
  if (keys.length === 0) return { shows: [], lacks: ['no key was made, or what it signed is not at hand'] };
  return together(
    ...keys.map(({ uri, publicKeySha256 }): Found => {
      const used = eventsOf(proceedings.entries, 'key').flatMap(({ seq, fields }) =>
        'hsm' in fields && fields.hsm.public_key_sha256 === publicKeySha256
          ? [{ line: seq + 1, key: fields.key, ...faultsOf(fields.hsm) }]
          : [],
      );
      const [first] = used;
      if (first === undefined)
        return { shows: [], lacks: [`the key ${uri} is in no device: it is a file under a passphrase`] };
      const { line, key, says, faults } = first;
      return {
        shows: [showing(`${key}: ${says}`, line)],
        lacks: faults.map((fault) => `${fault} (line ${String(line)})`),
      };
    }),
  );
}

interface Judged {
  readonly says: string;
  readonly faults: readonly string[];
}

function deviceFaults(hsm: HsmFields): Judged {
  const names = ['manufacturer', 'model', 'serial', 'firmware', 'token'] as const;
  const { key_gen_mechanism: mechanism } = hsm.attributes;
  return {
    says: [
      ...names.map((name) => `${name} ${hsm[name] || 'unknown'}`),
      `made by ${mechanism ?? 'an unknown mechanism'}`,
    ].join(', '),
    faults: [
      ...(['manufacturer', 'model', 'serial'] as const)
        .filter((name) => hsm[name].trim() === '')
        .map((name) => `the device does not say its ${name}`),
      ...(mechanism === null ? ['the device does not say by which mechanism it made the key'] : []),
    ],
  };
}

const WANTED = [
  ['local', true],
  ['always_sensitive', true],
  ['never_extractable', true],
  ['sensitive', true],
  ['extractable', false],
] as const;

function attributeFaults({ attributes }: HsmFields): Judged {
  const said = (name: (typeof WANTED)[number][0]): string => String(attributes[name] ?? 'unknown');
  return {
    says: WANTED.map(([name]) => `${name.toUpperCase()} ${said(name)}`).join(', '),
    faults: WANTED.filter(([name, value]) => attributes[name] !== value).map(
      ([name]) => `${name.toUpperCase()} is ${said(name)}`,
    ),
  };
}

function keyUse({ report }: Proceedings): Found {
  const { signEvents } = report;
  if (signEvents.length === 0) return { shows: [], lacks: ['nothing was signed'] };
  return {
    shows: signEvents
      .filter(({ state }) => state === 'matched')
      .map(({ seq, what, file = '' }) => showing(`${what} in ${file}`, seq + 1)),
    lacks: signEvents
      .filter(({ state }) => state !== 'matched')
      .map(({ seq, what, why = '' }) => `${what} (line ${String(seq + 1)}): ${why}`),
  };
}

function compared({ entries, made }: Proceedings): Found {
  const fingerprints = new Set([...made.hierarchy, ...made.requests.map(({ holds }) => holds)].map(fingerprintHex));
  const equal = eventsOf(entries, 'compare').filter(
    ({ fields }) => fields.equal && !['', 'nobody'].includes(fields.by),
  );
  const good = equal.filter(({ fields }) => fingerprints.has(fields.value));
  const lack =
    equal.length === 0 ? 'nobody compared it' : 'no credential at hand has the fingerprint that was compared';
  return {
    shows: good.map(({ seq, fields: { by, groups, value, source } }) =>
      showing(`${by}: groups ${groups.join(', ')} of ${value}, from ${source}`, seq + 1),
    ),
    lacks: good.length === 0 ? [lack] : [],
  };
}
