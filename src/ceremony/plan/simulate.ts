/**
 * Runs all operations of a ceremony in advance, with the same code that will run on the day, in a copy of the authority
 * without its private keys. Whatever signs there is thrown away.
 */
import { type Authority, openAuthority } from '../../authority/authority.js';
import { encodeKeyRecord, keyRecordPath } from '../../authority/formats/small-files.js';
import { eventsOf, MAX_TRANSCRIPT_FILE, parseTranscript } from '../../authority/formats/transcript.js';
import { readInside } from '../../authority/ground/inside.js';
import { withScratchCopy } from '../../authority/scratch-copy.js';
import { toHex } from '../../common/bytes.js';
import { CeremonyError, retold } from '../../common/errors.js';
import type { SchemeInfo } from '../../crypto/ciphersuite.js';
import type { VerificationEngine } from '../../crypto/engine.js';
import { derivePublicKey, generatePrivateKey, sign } from '../../crypto/private-key.js';
import type { KeyKeeper, OperationContext, Preview } from '../../operations/context/operation-context.js';
import { dryRunSignature } from '../../operations/signing/dry-run-signature.js';
import type { Signer } from '../../signer/signer.js';
import { checkWritesOutside } from '../script/operation.js';
import { operationNamed, type OptionValues } from '../script/step-operations.js';
import type { PlannedSignature } from './ceremony-plan.js';

/** A step that runs an operation, with its options filled in. */
export interface RunStep {
  readonly n: number;
  readonly id: string;
  readonly operation: string;
  readonly options: OptionValues;
}

export interface SimulatedStep {
  readonly previews: readonly Preview[];
  readonly signs: readonly PlannedSignature[];
  /** Relative to the authority. */
  readonly writes: readonly string[];
}

/** What an operation is given besides the authority, its keys and its people. */
export type Means = Pick<
  OperationContext,
  'atSeconds' | 'clockSeconds' | 'rehearsal' | 'buildSeconds' | 'random' | 'engines' | 'recordIn' | 'hsm'
>;

/**
 * Returns what each step will show, sign and write. Throws the error of the step that would be refused, and names it.
 */
export async function simulate(
  dir: string,
  steps: readonly RunStep[],
  means: Means,
): Promise<ReadonlyMap<number, SimulatedStep>> {
  return withScratchCopy(dir, async (copy) => {
    const simulated = new Map<number, SimulatedStep>();
    const keys = new StandInKeys(means);
    const made: string[] = [];
    for (const step of steps) {
      const one = await simulateStep(dir, copy, step, { ...means, engines: keys.engines, keys }, made);
      simulated.set(step.n, one);
      made.push(...one.writes);
    }
    return simulated;
  });
}

async function simulateStep(
  realDir: string,
  dir: string,
  { n, id, operation, options }: RunStep,
  means: Means & { readonly keys: KeyKeeper },
  made: readonly string[],
): Promise<SimulatedStep> {
  const authority = await openAuthority(dir);
  const previews: Preview[] = [];
  const context: OperationContext = {
    ...means,
    authority,
    planned: true,
    secrets: NO_SECRETS,
    confirm: (preview) => {
      previews.push(preview);
      return Promise.resolve();
    },
  };
  try {
    const known = operationNamed(operation);
    if (known !== undefined) checkWritesOutside(realDir, known, options);
    if (known?.onTheDayOnly !== true) await known?.run(context, options, made);
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    throw retold(error, `step ${String(n)} (${id}) would fail: ${error.message}`);
  }
  return { previews, ...effectsOf(authority, await openAuthority(dir)) };
}

/** Returns what the transcripts say that were written between the two. */
function effectsOf(before: Authority, after: Authority): Pick<SimulatedStep, 'signs' | 'writes'> {
  const written = after.transcripts.files.slice(before.transcripts.files.length);
  const entries = written.flatMap((file) => {
    const bytes = readInside(after.dir, file, MAX_TRANSCRIPT_FILE);
    return parseTranscript(bytes).entries;
  });
  return {
    signs: eventsOf(entries, 'sign').map(({ fields: { what, signed_sha256 } }) => ({ what, signed_sha256 })),
    writes: eventsOf(entries, 'files').flatMap(({ fields }) => fields.files.map(({ path }) => path)),
  };
}

const NO_SECRETS: OperationContext['secrets'] = {
  passphrase: () => Promise.reject(new TypeError('a simulation asks for no secret')),
  pin: () => Promise.reject(new TypeError('a simulation asks for no secret')),
  mayAskAgain: () => false,
  announce: () => undefined,
};

/**
 * Keys that are made for the simulation. For keys on record it makes signatures that only this simulation accepts as
 * theirs.
 */
class StandInKeys implements KeyKeeper {
  readonly #taken = new Set<string>();
  readonly engines: readonly VerificationEngine[];

  constructor(private readonly means: Means) {
    this.engines = means.engines.map((engine) => ({
      ...engine,
      verify: (scheme, publicKey, message, signature) =>
        this.#taken.has(toHex(signature)) || engine.verify(scheme, publicKey, message, signature),
    }));
  }

  open: KeyKeeper['open'] = ({ uri, scheme, publicKey }) => {
    if (scheme === undefined || publicKey === undefined) throw new TypeError(`${uri} is on no record`);
    return Promise.resolve({
      uri,
      scheme,
      publicKey,
      sign: (message) => {
        const signature = dryRunSignature(scheme, message, this.means);
        this.#taken.add(toHex(signature));
        return Promise.resolve(signature);
      },
      close: () => Promise.resolve(),
    });
  };

  openAnew: KeyKeeper['openAnew'] = (key, open) => this.open(key, open);

  makeForTrial: KeyKeeper['makeForTrial'] = (key, scheme, make) => this.make(key, scheme, make, {});

  make: KeyKeeper['make'] = ({ uri, name, kind }, scheme, _make, { existing, backup = 'none' }) => {
    const signer = throwAwaySigner(uri, scheme, this.means.random);
    const origin = existing === 'adopt' ? ('adopted' as const) : ('generated' as const);
    // Later previews name a key in a token, and whether it can leave it.
    const hsm = kind === 'pkcs11' ? { hsm: { origin, backup, facts: { origin, backup } } } : {};
    const record = { uri, scheme, publicKey: signer.publicKey, madeAtSeconds: this.means.atSeconds, ...hsm };
    return Promise.resolve({
      signer,
      files: [{ path: keyRecordPath(name), bytes: encodeKeyRecord(record) }],
      events: [],
      keep: () => undefined,
    });
  };
}

function throwAwaySigner(uri: string, scheme: SchemeInfo, random: Means['random']): Signer {
  const privateKey = generatePrivateKey(scheme, random);
  return {
    uri,
    scheme,
    publicKey: derivePublicKey(scheme, privateKey),
    sign: (message) => Promise.resolve(sign(scheme, privateKey, message)),
    close: () => Promise.resolve(),
  };
}
