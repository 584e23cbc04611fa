import type { Authority } from '../../authority/authority.js';
import { existsInside } from '../../authority/ground/inside.js';
import { inAuthority } from '../../authority/ground/layout.js';
import { applyChange, type ChangeFile } from '../../authority/store.js';
import { parseKeyUri } from '../../codec/key-uri.js';
import { toHex, utf8 } from '../../common/bytes.js';
import { usage } from '../../common/errors.js';
import { fileError } from '../../common/files.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { encodeCredentialFile } from '../../credential/credential-file.js';
import type { ExpirationData } from '../../credential/expiration-data.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import {
  decodeIntermediateAsCredentialRequest,
  encodeIntermediateAsCredentialPayload,
  type IntermediateAsCredentialRequest,
} from '../../credential/intermediate-as-credential.js';
import type { CredentialCiphersuite } from '../../crypto/ciphersuite.js';
import { hash } from '../../crypto/hash.js';
import { type Checked, checkPolicy } from '../../policy/all-rules.js';
import type { Predecessor, RequestProposal } from '../../policy/rule.js';
import { mustBePlanned, type OperationContext, policyContext } from '../context/operation-context.js';
import { signerRows, suiteRow, validityRows } from '../context/preview-rows.js';
import { resolveValidity, type ValidityOptions } from '../context/validity.js';
import { keyWarnings, moduleRows, newKeyChange, newKeyRow, recordedKey, rowAsNew } from '../keys/key-rows.js';
import { checkKeyIsNew } from '../keys/new-key-name.js';
import { makeKey, readyKeyAt, recordNamed } from '../keys/open-key.js';
import { dryRunSelfSign, standInPublicKey } from '../signing/dry-run-signature.js';
import { type KeyOptions, usingKey } from '../signing/ready-key.js';
import { signRequest } from '../signing/sign-credential.js';
import { checkHeld } from './roots.js';

export interface RequestOptions extends ValidityOptions, KeyOptions {
  readonly keyUri: string;
  readonly ciphersuite: CredentialCiphersuite;
  /** The root that will be asked to sign, of this authority or from a file. */
  readonly signer: AsCredential;
  readonly predecessor?: Predecessor;
}

export interface MadeRequest {
  readonly request: IntermediateAsCredentialRequest;
  /** Relative to the authority. */
  readonly file: string;
}

/**
 * Makes a key (or uses one of the authority's that has no credential yet) and a request for an intermediate, signed by
 * it. Errors: `policy` and the wire format's codes (with findings), `file-exists`, and those of the key.
 */
export async function requestIntermediate(context: OperationContext, wanted: RequestOptions): Promise<MadeRequest> {
  mustBePlanned(context);
  checkHeld(context);
  const { authority, atSeconds } = context;
  const { settings } = authority;
  const signer = wanted.signer.payload.expirationData;
  const { backdating, lifetimes } = settings;
  // An earlier one might be a request that was answered before the record began again.
  const earliest = authority.rebuiltSeconds;
  const policy = { atSeconds, backdating, lifetime: lifetimes.intermediate, signer, earliest };
  const expirationData = resolveValidity(wanted, policy);
  const record = recordNamed(authority, wanted.keyUri);
  if (record !== undefined && (wanted.existing !== undefined || wanted.backup !== undefined)) {
    throw usage(`${record.uri} is on record already (${record.file})`, {
      hint: 'Leave out what is for a new key.',
      remedies: [{ option: 'adopt' }, { option: 'destroy-orphan' }, { option: 'backup' }],
    });
  }
  const key = record === undefined ? checkKeyIsNew(authority, wanted.keyUri, wanted) : undefined;
  const file = requestFile(authority, key?.name ?? record?.name ?? '');

  // First with a stand-in if the key is not made yet, so that nobody types a passphrase for something that will be
  // refused.
  propose(
    context,
    wanted,
    expirationData,
    record?.publicKey ?? standInPublicKey(wanted.ciphersuite.scheme, context.random),
  );
  await context.confirm({
    title: 'Request for an intermediate AS credential, signed by the key in it',
    rows: [
      ['domain', settings.domain],
      ...validityRows(expirationData),
      suiteRow(wanted.ciphersuite),
      [
        'key',
        key === undefined
          ? (recordedKey(authority, record?.publicKey ?? new Uint8Array()) ?? wanted.keyUri)
          : newKeyRow(key, wanted),
      ],
      ...moduleRows(context, key ?? parseKeyUri(record?.uri ?? wanted.keyUri)),
      ...signerRows(wanted.signer).map(
        ([label, value]) => [label.replace('signed by', 'to be signed by'), value] as const,
      ),
    ],
    ...(key === undefined ? {} : { asNew: { key: rowAsNew(key, wanted) } }),
    changes: [...(key === undefined ? [] : [newKeyChange(key, wanted)]), `${file} is written`],
    warnings: key === undefined ? [] : keyWarnings(authority, key),
  });

  const ready = await (key === undefined
    ? readyKeyAt(context, record?.uri ?? wanted.keyUri, record?.publicKey)
    : makeKey(context, key, wanted.ciphersuite.scheme, wanted));
  return usingKey(ready, async ({ signer, files, events, keep }) => {
    const proposal = propose(context, wanted, expirationData, signer.publicKey);
    const { credential: request, signature } = await signRequest(proposal, signer, context);
    const written: ChangeFile = { path: file, bytes: utf8(encodeCredentialFile(request)) };
    keep();
    applyChange(authority, {
      operation: 'intermediate request',
      files: [...files, written],
      events: [
        ...events,
        {
          event: 'sign',
          fields: {
            what: 'IntermediateAsCredential request',
            request_sha256: toHex(hash('sha256', request.encoded)),
            public_key_sha256: signature.publicKeySha256,
            signed_sha256: signature.signedSha256,
          },
        },
      ],
      atSeconds,
      recordIn: context.recordIn,
    });
    return { request, file };
  });
}

function propose(
  context: OperationContext,
  wanted: RequestOptions,
  expirationData: ExpirationData,
  publicKey: Uint8Array,
): Checked<RequestProposal> {
  const { ciphersuite, signer, predecessor } = wanted;
  const signerFingerprint = fingerprintOf(signer);
  const payloadBytes = encodeIntermediateAsCredentialPayload({
    expirationData,
    ciphersuite,
    publicKey,
    signerFingerprint,
  });
  const candidate = decodeIntermediateAsCredentialRequest(
    dryRunSelfSign('IntermediateAsCredential', ciphersuite.scheme, payloadBytes, context),
  );
  const succeeds = predecessor === undefined ? {} : { predecessor };
  return checkPolicy({ act: 'self-sign-request', candidate, signer, ...succeeds }, policyContext(context));
}

/** Returns `requests/NAME.pem`, with a number added if there is already a request by that key. */
function requestFile(authority: Authority, name: string): string {
  for (let n = 1; n < 1000; n++) {
    const file = `requests/${name}${n === 1 ? '' : `-again-${String(n)}`}.pem`;
    if (!existsInside(authority.dir, file)) return file;
  }
  throw fileError(inAuthority(authority.dir, `requests/${name}.pem`), { code: 'EEXIST' });
}
