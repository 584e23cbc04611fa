/** Who signed a finished transcript: everybody whom its end names, and whoever else did. */
import { readAnywhere } from '../../authority/ground/anywhere.js';
import { countedOf, isPrincipal, signaturesBeside } from '../../ceremony/people/principals.js';
import { type PersonOf, personsOf } from '../../ceremony/people/signer-lines.js';
import { type SshVerdict, verifyDetached, verifyUnattributed } from '../../ceremony/people/ssh-signature.js';
import { CeremonyError } from '../../common/errors.js';
import { MAX_CREDENTIAL_FILE } from '../../common/files.js';
import type { FinishedTranscript } from './finished.js';

/** `unchecked`: it is over this very file, in its namespace, but there is no allowed_signers to say by whom. */
type WitnessState = 'valid' | 'invalid' | 'missing' | 'unchecked';

export interface Witness {
  readonly principal: string;
  readonly state: WitnessState;
  /** Whether the end names this person. */
  readonly declared: boolean;
  /** Absolute; undefined if it is missing. */
  readonly file?: string;
  /** The fingerprint of the key, as ssh-keygen shows it. */
  readonly fingerprint?: string;
  /** Why it is not valid, or does not count. */
  readonly why?: string;
  /** Whether it counts when a number of people is required. */
  readonly counts: boolean;
}

/** Returns the witnesses, from every signature beside the transcript. Errors: `no-ssh-keygen`, `ssh-keygen`. */
export function witnessesOf(
  transcript: Pick<FinishedTranscript, 'path' | 'bytes' | 'namespace' | 'endSeconds' | 'toSign'>,
  allowedSigners: Uint8Array | undefined,
): readonly Witness[] {
  const { path, toSign } = transcript;
  const beside = signaturesBeside(path);
  const found = beside.map(({ principal, path: file }): Witness => {
    const declared = toSign.includes(principal);
    const verdict = verdictOf(transcript, principal, file, allowedSigners);
    return { principal, declared, file, counts: false, ...verdict };
  });
  const signed = new Set(beside.map(({ principal }) => principal));
  const missing = toSign
    .filter((principal) => !signed.has(principal))
    .map((principal): Witness => ({ principal, state: 'missing', declared: true, counts: false }));
  // Those named at the end first, in its order.
  const places = new Map(toSign.map((principal, i) => [principal, i]));
  const place = ({ principal }: Witness): number => places.get(principal) ?? toSign.length;
  return counted(
    [...found, ...missing].sort((a, b) => place(a) - place(b)),
    personsOf(allowedSigners ?? new Uint8Array()),
  );
}

function verdictOf(
  { bytes: content, namespace, endSeconds: atSeconds }: Parameters<typeof witnessesOf>[0],
  principal: string,
  file: string,
  allowedSigners: Uint8Array | undefined,
): Pick<Witness, 'state' | 'why' | 'fingerprint'> {
  if (!isPrincipal(principal)) return { state: 'invalid', why: 'its name holds no principal (FILE.<principal>.sig)' };
  let signature: Uint8Array;
  try {
    signature = readAnywhere(file, MAX_CREDENTIAL_FILE);
  } catch (error) {
    if (!(error instanceof CeremonyError)) throw error;
    return { state: 'invalid', why: error.message };
  }
  const question = { content, signature, namespace };
  if (allowedSigners !== undefined) return verifyDetached({ ...question, principal, allowedSigners, atSeconds });
  const verdict: SshVerdict = verifyUnattributed(question);
  if (verdict.state === 'invalid') return verdict;
  return { ...verdict, state: 'unchecked', why: 'there is no allowed_signers file that says whose key it is' };
}

/** Counts a person or a key that signs under two names as one witness, and says so. */
function counted(witnesses: readonly Witness[], personOf: PersonOf): readonly Witness[] {
  const valid = witnesses.flatMap((one) =>
    one.state === 'valid' && one.fingerprint !== undefined ? [{ ...one, fingerprint: one.fingerprint }] : [],
  );
  const counting = [...countedOf(valid, personOf)];
  return witnesses.map((witness) => {
    if (witness.state !== 'valid') return witness;
    if (counting.some(({ principal }) => principal === witness.principal)) return { ...witness, counts: true };
    const twin = counting.find(({ fingerprint }) => fingerprint === witness.fingerprint);
    const why =
      twin === undefined
        ? 'it is by somebody who is counted already: in allowed_signers the two names are one person'
        : `it is by the same key as that of ${twin.principal}`;
    return { ...witness, why };
  });
}
