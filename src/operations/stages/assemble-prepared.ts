/**
 * The last stage: a prepared file and the signatures that came back become bundles, in the authority that keeps the
 * history.
 */
import type { HeldRoot } from '../../authority/authority.js';
import { signatureOf, sigStructure } from '../../bundle/bundle.js';
import { decodeSignatures, type DetachedSignatures, signatureFor } from '../../bundle/detached-signatures.js';
import { equalBytes, toHex } from '../../common/bytes.js';
import { CeremonyError, refused, retold, usage } from '../../common/errors.js';
import { verifyWithAll } from '../../crypto/engine.js';
import { hash } from '../../crypto/hash.js';
import { assembleBundles, type ExportedBundle } from '../bundles/assemble-bundle.js';
import { previewOf } from '../bundles/bundle-preview.js';
import { signersOf, type UnsignedBundle } from '../bundles/dry-run-bundle.js';
import { type MadeSignature, toSignBy } from '../bundles/sign-bundle.js';
import type { OperationContext } from '../context/operation-context.js';
import { checkRoots } from '../credentials/roots.js';
import { verifiedHistory } from '../lifecycle/bundle-history.js';
import { comparisonRows } from './comparison-rows.js';
import { judgePrepared } from './judge-prepared.js';
import { wordsOf } from './trust-changes.js';

interface SignatureFile {
  /** The file, for people. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface AssembleOptions {
  readonly prepared: Uint8Array;
  readonly files: readonly SignatureFile[];
}

/**
 * Checks everything, and keeps what every client would accept. Errors: those of judging the prepared file,
 * `signatures-malformed`, `signature-of-another`, `not-asked`, `bad-signature`, `signature-missing`,
 * `clients-would-refuse`, `declined`.
 */
export async function assemblePrepared(
  context: OperationContext,
  wanted: AssembleOptions,
): Promise<readonly ExportedBundle[]> {
  const { authority, engines } = context;
  checkRoots(authority, engines);
  const history = verifiedHistory(authority, engines, context.atSeconds);
  const judged = judgePrepared(context, wanted.prepared, history, { strict: false });
  const { unsigned } = judged;
  const preparedSha256 = hash('sha256', wanted.prepared);
  const files = wanted.files.map((file) => ({ ...file, ...readSignatures(context, file, preparedSha256, unsigned) }));
  checkEachOnce(files);
  checkComplete(files, unsigned);
  const preview = previewOf(context, unsigned, judged.wanted);
  await context.confirm({
    ...preview,
    rows: [...preview.rows, ...comparisonRows(wanted.prepared)],
    changes: unsigned.map(({ file }) => `${file} is written`),
    ...wordsOf(preview, judged),
    warnings: [...(preview.warnings ?? []), ...judged.remarks.map((one) => `It was prepared before this: ${one}.`)],
  });
  return assembleBundles(context, {
    operation: 'bundle assemble',
    unsigned,
    signatures: files.flatMap(({ signatures }) => signatures),
    events: files.map(({ root, bytes }) => ({
      event: 'signature',
      fields: {
        what: 'bundle',
        kid: root.fingerprint,
        prepared_sha256: toHex(preparedSha256),
        signatures_sha256: toHex(hash('sha256', bytes)),
      },
    })),
    repin: judged.prepared.repin,
  });
}

interface ReadFile {
  readonly root: HeldRoot;
  readonly signatures: readonly MadeSignature[];
}

/** Reads one file's signatures, each verified by all engines. Errors name the file. */
function readSignatures(
  { engines }: OperationContext,
  { name, bytes }: SignatureFile,
  preparedSha256: Uint8Array,
  unsigned: readonly UnsignedBundle[],
): ReadFile {
  const file = naming(name, () => decodeSignatures(bytes));
  if (!equalBytes(file.preparedSha256, preparedSha256)) {
    throw refused(
      'signature-of-another',
      `${name} has signatures of another prepared file, whose SHA-256 is ${toHex(file.preparedSha256)}`,
      { hint: `This one's is ${toHex(preparedSha256)}. Assemble each with the signatures that were made of it.` },
    );
  }
  const kid = toHex(file.kid);
  const root = unsigned.flatMap(signersOf).find(({ fingerprint }) => fingerprint === kid);
  if (root === undefined) {
    throw refused('not-asked', `${name} is signed by ${kid}, which must not sign this`, {
      hint: 'Leave it out. An unrequested signature would make clients refuse the bundle.',
    });
  }
  return { root, signatures: toSignBy(root, unsigned).map((one) => verified(one, root, { name, file, engines })) };
}

function verified(
  unsigned: UnsignedBundle,
  { credential }: HeldRoot,
  { name, file, engines }: { name: string; file: DetachedSignatures; engines: OperationContext['engines'] },
): MadeSignature {
  const { scheme } = credential.payload.ciphersuite;
  const { sequence } = unsigned.payload;
  const signature = signatureFor(file, sequence);
  if (signature === undefined) {
    throw refused('signature-missing', `${name} has no signature on bundle ${String(sequence)}`, {
      hint: 'Have the root sign the prepared file again.',
    });
  }
  const encoded = file.scheme === scheme ? signatureOf(signature) : undefined;
  const content = sigStructure(signature.protectedBytes, unsigned.proposal.payloadBytes);
  if (encoded !== undefined && verifyWithAll(engines, scheme, credential.payload.publicKey, content, encoded))
    return { unsigned, signature };
  throw refused('bad-signature', `${name}: the signature on bundle ${String(sequence)} is not by the root's key`, {
    hint: 'The file was changed on its way, or another key made it. Fetch it again, or have the root sign again.',
  });
}

function checkEachOnce(files: readonly (SignatureFile & ReadFile)[]): void {
  for (const [i, { root, name }] of files.entries()) {
    const before = files.slice(0, i).find((one) => one.root.fingerprint === root.fingerprint);
    if (before === undefined) continue;
    throw usage(`${before.name} and ${name} are both by the root ${root.fingerprint}`, { hint: 'Give one of them.' });
  }
}

/** Checks that every root has signed. Error: `signature-missing`, with every root that has not. */
function checkComplete(files: readonly ReadFile[], unsigned: readonly UnsignedBundle[]): void {
  const signed = new Set(files.map(({ root }) => root.fingerprint));
  const missing = [...new Map(unsigned.flatMap(signersOf).map((root) => [root.fingerprint, root])).values()].filter(
    ({ fingerprint }) => !signed.has(fingerprint),
  );
  if (missing.length === 0) return;
  const names = missing.map(({ file, fingerprint }) => `${file} (${fingerprint})`).join(', ');
  throw refused('signature-missing', `not every root has signed; missing: ${names}`, {
    hint: 'Give the file of signatures that was written at its site. Where its key is lost, have the bundle prepared again, with that root as lost.',
    remedies: [{ option: 'lost' }],
  });
}

function naming<T>(name: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    throw retold(error, `${name}: ${error.message}`);
  }
}
