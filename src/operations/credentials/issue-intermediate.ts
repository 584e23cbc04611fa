import type { Authority, HeldCredential } from '../../authority/authority.js';
import { applyChange } from '../../authority/store.js';
import { toHex, utf8 } from '../../common/bytes.js';
import { refused } from '../../common/errors.js';
import { addDuration, formatTime } from '../../common/time.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { encodeCredentialFile } from '../../credential/credential-file.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import {
  decodeIntermediateAsCredential,
  type IntermediateAsCredential,
  type IntermediateAsCredentialRequest,
} from '../../credential/intermediate-as-credential.js';
import { hash } from '../../crypto/hash.js';
import { type Checked, checkPolicy } from '../../policy/all-rules.js';
import type { IssueProposal, Predecessor } from '../../policy/rule.js';
import { mustBePlanned, type OperationContext, policyContext } from '../context/operation-context.js';
import { signerRows, suiteRow, validityRows } from '../context/preview-rows.js';
import { recordedKey, signingKeyRows } from '../keys/key-rows.js';
import { openKeyOf } from '../keys/open-key.js';
import { dryRunSign } from '../signing/dry-run-signature.js';
import { keyUsed } from '../signing/ready-key.js';
import { signIntermediate } from '../signing/sign-credential.js';
import { checkHeld, rootNamed } from './roots.js';
import { predecessorOf, successionRows } from './succession.js';

export interface IssuedIntermediate {
  readonly credential: IntermediateAsCredential;
  /** Relative to the authority. */
  readonly file: string;
}

/** A validity that begins later than this gets a remark. */
const FAR_AHEAD = { months: 0, days: 30, seconds: 0 };

/** What checking a request needs: no secrets, and nobody to agree. */
export type CheckingContext = Omit<OperationContext, 'secrets' | 'confirm' | 'hsm' | 'recordIn'>;

/**
 * Checks whether a request would be issued now: the whole dry run, with a throw-away key in place of the root's. The
 * request has been decoded strictly. Errors: `unknown-signer`, `policy` and the wire format's codes, with all findings.
 */
export function checkRequest(
  context: CheckingContext,
  request: IntermediateAsCredentialRequest,
  predecessor?: Predecessor,
): { readonly proposal: Checked<IssueProposal>; readonly root: HeldCredential<AsCredential> } {
  checkHeld(context);
  const root = rootNamed(context.authority, request.payload.signerFingerprint);
  if (root === undefined) {
    throw refused(
      'unknown-signer',
      `the request names the root ${toHex(request.payload.signerFingerprint)}, which is not this authority's`,
      {
        hint: 'Check which root it was made for, and which authority is named.',
        remedies: [{ option: 'dir' }],
      },
    );
  }
  const signer = root.credential;
  const dryRun = dryRunSign('IntermediateAsCredential', signer.payload.ciphersuite.scheme, request.encoded, context);
  const candidate = decodeIntermediateAsCredential(dryRun);
  const succeeds = predecessor === undefined ? {} : { predecessor };
  const proposal = checkPolicy(
    { act: 'issue-intermediate', request, candidate, signer, ...succeeds },
    policyContext(context),
  );
  return { proposal, root };
}

/**
 * Signs a request with the root that it names, after the same dry run. Errors: those of `checkRequest`, and of the key.
 */
export async function issueIntermediate(
  context: OperationContext,
  request: IntermediateAsCredentialRequest,
  predecessor?: HeldCredential<IntermediateAsCredential>,
): Promise<IssuedIntermediate> {
  mustBePlanned(context);
  const { authority, atSeconds } = context;
  const succeeded = predecessor && predecessorOf(authority, predecessor);
  const { proposal, root } = checkRequest(context, request, succeeded);
  const { payload } = request;
  const file = `credentials/intermediate-${String(numberFor(authority, payload.publicKey))}.pem`;
  const held = recordedKey(authority, payload.publicKey);
  // A request that was made here was made since then.
  const { rebuiltSeconds } = authority;
  const since = held === undefined && rebuiltSeconds !== undefined ? formatTime(rebuiltSeconds) : undefined;
  await context.confirm({
    title: 'New intermediate AS credential',
    rows: [
      ['domain', root.credential.payload.asDomain],
      ...validityRows(payload.expirationData),
      suiteRow(payload.ciphersuite),
      ['public key', toHex(payload.publicKey)],
      ['key held', held ?? 'elsewhere'],
      ['request fingerprint', toHex(fingerprintOf(request))],
      ...(predecessor === undefined ? [] : successionRows(authority, predecessor)),
      ...signerRows(root.credential),
      ...signingKeyRows(authority, root.credential.payload.publicKey),
    ],
    changes: [`${file} is written`, 'clients see it once a bundle with it is published'],
    warnings: [
      ...(payload.expirationData.notBefore > addDuration(atSeconds, FAR_AHEAD)
        ? ['Its validity begins more than 30 days from now.']
        : []),
      ...(since === undefined
        ? []
        : [
            `This authority was rebuilt from a bundle at ${since}, and does not know which requests were issued, and revoked, before that. A validity that begins later does not show when a request was made: ask whoever made it.`,
          ]),
    ],
    ...(since === undefined ? {} : { words: `it was made after ${since}`, typed: true }),
  });

  const signer = await openKeyOf(context, root.credential.payload.publicKey, root.file);
  try {
    const { credential, signature } = await signIntermediate(proposal, signer, context);
    // A deterministic scheme would make exactly the credential that was revoked.
    checkNotRevoked(authority, toHex(fingerprintOf(credential)));
    applyChange(authority, {
      operation: predecessor === undefined ? 'intermediate issue' : 'intermediate rotate',
      files: [{ path: file, bytes: utf8(encodeCredentialFile(credential)) }],
      events: [
        ...keyUsed(signer),
        {
          event: 'sign',
          fields: {
            what: 'IntermediateAsCredential',
            request_sha256: toHex(hash('sha256', request.encoded)),
            signer: root.fingerprint,
            public_key_sha256: signature.publicKeySha256,
            signed_sha256: signature.signedSha256,
          },
        },
      ],
      atSeconds,
      recordIn: context.recordIn,
    });
    return { credential, file };
  } finally {
    await signer.close();
  }
}

/** Checks that the new credential is not revoked already. Error: `already-revoked`. */
function checkNotRevoked({ revocations }: Authority, fingerprint: string): void {
  if (!revocations.some((one) => toHex(one.fingerprint) === fingerprint)) return;
  throw refused(
    'already-revoked',
    `this request was issued before, as the intermediate ${fingerprint}, which is revoked`,
    {
      hint: 'Nothing was kept. Have a new request made, with a new key.',
    },
  );
}

/**
 * Returns the number of the key if it is held here (`intermediate-N`) and that number is free, or else the next free
 * one.
 */
function numberFor(authority: Authority, publicKey: Uint8Array): number {
  const named = /^intermediate-([1-9][0-9]{0,5})$/.exec(authority.keyRecordFor(publicKey)?.name ?? '')?.[1];
  const taken = authority.intermediates.some(({ number }) => number === Number(named));
  return named === undefined || taken ? authority.nextNumber('intermediate') : Number(named);
}
