/**
 * The way out if somebody else has revoked a root in reserve: its key, which is committed to, signs for itself once
 * more.
 */
import type { Authority, HeldRoot } from '../../authority/authority.js';
import { findCredential } from '../../authority/find-credential.js';
import { applyChange } from '../../authority/store.js';
import { equalBytes, toHex, utf8 } from '../../common/bytes.js';
import { usage } from '../../common/errors.js';
import { type AsCredential, decodeAsCredential, encodeAsCredentialPayload } from '../../credential/as-credential.js';
import { encodeCredentialFile } from '../../credential/credential-file.js';
import { hash } from '../../crypto/hash.js';
import { checkPolicy } from '../../policy/all-rules.js';
import { mustBePlanned, type OperationContext, policyContext } from '../context/operation-context.js';
import { suiteRow, validityRows } from '../context/preview-rows.js';
import { resolveValidity, type ValidityOptions } from '../context/validity.js';
import { signingKeyRows } from '../keys/key-rows.js';
import { openKeyOf } from '../keys/open-key.js';
import { forgeriesOf } from '../lifecycle/bundle-history.js';
import { commitmentTo } from '../lifecycle/reserve.js';
import { dryRunSelfSign } from '../signing/dry-run-signature.js';
import { keyUsed } from '../signing/ready-key.js';
import { signRoot } from '../signing/sign-credential.js';
import { checkHeld } from './roots.js';

export interface AgainOptions extends ValidityOptions {
  /** The root whose credential somebody else has revoked, as a person names it. */
  readonly root: string;
}

export interface SignedAgain {
  readonly credential: AsCredential;
  /** Relative to the authority. */
  readonly file: string;
  readonly transcript: string;
}

const WORDS = 'the same key once more';

/**
 * Makes another AS credential for a committed key, which needs no new commitment: clients that hold the bundle which
 * revokes the first one accept the roots of the next bundle through it. Errors: `policy` (`fresh-key` says what is
 * missing), `usage`, `declined`, those of the key.
 */
export async function signAgain(
  context: OperationContext,
  { root: name, ...wanted }: AgainOptions,
): Promise<SignedAgain> {
  mustBePlanned(context);
  checkHeld(context);
  const { authority, atSeconds } = context;
  const { settings } = authority;
  const first = rootIn(authority, name);
  const { ciphersuite, publicKey } = first.credential.payload;
  const policy = { atSeconds, backdating: settings.backdating, lifetime: settings.lifetimes.root };
  const expirationData = resolveValidity(wanted, policy);
  const payloadBytes = encodeAsCredentialPayload({ asDomain: settings.domain, expirationData, ciphersuite, publicKey });
  const candidate = decodeAsCredential(dryRunSelfSign('AsCredential', ciphersuite.scheme, payloadBytes, context));
  const proposal = checkPolicy({ act: 'self-sign-root', candidate, again: true }, policyContext(context));
  if (authority.roots.some(({ credential }) => equalBytes(credential.payloadBytes, payloadBytes))) {
    throw usage(`with that validity it would equal ${first.file}, whose fingerprint is revoked`, {
      hint: 'Give another start or end.',
      remedies: [{ option: 'not-before' }, { option: 'not-after' }, { option: 'lifetime' }],
    });
  }
  const file = `credentials/root-${String(authority.nextNumber('root'))}.pem`;
  const forgeries = forgeriesOf(authority).filter(({ payload }) =>
    payload.revokedCerts.some(({ fingerprint }) => toHex(fingerprint) === first.fingerprint),
  );
  await context.confirm({
    title: `The AS root credential of ${first.file} again: the same key, and another fingerprint`,
    rows: [
      ['domain', settings.domain],
      ['the first, which is revoked', `${first.fingerprint} (${first.file})`],
      ...forgeries.map((one) => ['revoked by', `${one.file}, bundle ${String(one.payload.sequence)}`] as const),
      ['commitment to its key', toHex(commitmentTo(first.credential))],
      ...validityRows(expirationData),
      suiteRow(ciphersuite),
      ...signingKeyRows(authority, publicKey),
    ],
    changes: [`${file} is written`, 'the next bundle lists it, and every holder accepts it'],
    warnings: [
      'One key for two credentials is allowed here alone: clients that hold the bundle that revokes the first accept other roots from no other key.',
    ],
    words: WORDS,
    typed: true,
  });
  const signer = await openKeyOf(context, publicKey, first.file);
  try {
    const { credential, signature } = await signRoot(proposal, signer, context);
    const { transcript } = applyChange(authority, {
      operation: 'root rotate',
      files: [{ path: file, bytes: utf8(encodeCredentialFile(credential)) }],
      events: [
        ...keyUsed(signer),
        {
          event: 'sign',
          fields: {
            what: 'AsCredential',
            public_key_sha256: signature.publicKeySha256,
            signed_sha256: signature.signedSha256,
          },
        },
        {
          event: 'again',
          fields: {
            what: 'a committed key signed for itself once more, because somebody else had revoked its first credential',
            first: first.fingerprint,
            revoked_by: forgeries.map(({ encoded }) => toHex(hash('sha256', encoded))),
          },
        },
      ],
      atSeconds,
      recordIn: context.recordIn,
    });
    return { credential, file, transcript };
  } finally {
    await signer.close();
  }
}

/** Returns the root that a person names. Errors: `unknown-credential`, `ambiguous-name`, `usage`. */
function rootIn(authority: Authority, name: string): HeldRoot {
  const held = findCredential(authority, name);
  const root = authority.roots.find(({ fingerprint }) => fingerprint === held.fingerprint);
  if (root !== undefined) return root;
  throw usage(`${name} is an intermediate, and no root that could sign again`, { hint: 'Name a root.' });
}
