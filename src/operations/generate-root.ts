import { utf8 } from '../common/bytes.js';
import { refused } from '../common/errors.js';
import type { HeldCredential } from '../authority/authority.js';
import { applyChange } from '../authority/store.js';
import { decodeAsCredential, encodeAsCredentialPayload, type AsCredential } from '../credential/as-credential.js';
import { encodeCredentialFile } from '../credential/credential-file.js';
import type { ExpirationData } from '../credential/expiration-data.js';
import type { CredentialCiphersuite } from '../crypto/ciphersuite.js';
import { checkPolicy, type Checked } from '../policy/index.js';
import type { Predecessor, RootProposal } from '../policy/rule.js';
import { mustBePlanned, policyContext, type Desk } from './desk.js';
import { checkKeyIsNew, keyWarnings, makeKey, newKeyChange, newKeyRow } from './keys.js';
import { usingKey, type KeyWish } from './ready-key.js';
import { suiteRow, validityRows } from './preview.js';
import { lastRoot, predecessorOf, successionRows } from './succession.js';
import { signRoot } from './sign-checked.js';
import { standInPublicKey, trialSelfSign } from './trial.js';
import { resolveValidity, type WantedValidity } from './validity.js';

export interface RootWish extends WantedValidity, KeyWish {
  /** `file:keys/root-N.age` with the next free N where it isn't given. */
  readonly keyUri?: string;
  readonly ciphersuite: CredentialCiphersuite;
  /** A successor of a root that is there; else it is the first. */
  readonly succeeds?: boolean;
}

export interface GeneratedRoot {
  readonly credential: AsCredential;
  /** Relative to the authority. */
  readonly file: string;
  readonly transcript: string;
}

/**
 * Makes a key and an AS root credential signed by it. Errors: `root-exists`, `no-predecessor`, `policy` and the wire format's codes (with findings),
 * `file-exists`, and those of the key.
 */
export async function generateRoot(desk: Desk, wish: RootWish): Promise<GeneratedRoot> {
  mustBePlanned(desk);
  const { authority, atSeconds } = desk;
  const { settings } = authority;
  const predecessor = checkPlace(desk, wish.succeeds === true);
  const number = authority.nextNumber('root');
  const file = `credentials/root-${String(number)}.pem`;
  const key = checkKeyIsNew(authority, wish.keyUri ?? `file:keys/root-${String(number)}.age`, wish);
  const policy = { atSeconds, backdating: settings.backdating, lifetime: settings.lifetimes.root };
  const expirationData = resolveValidity(wish, policy);

  // First with a stand-in for the key, so that nobody types a passphrase for what will be refused.
  const succeeded = predecessor && predecessorOf(authority, predecessor);
  const propose = (publicKey: Uint8Array): Checked<RootProposal> =>
    proposeRoot(desk, expirationData, wish.ciphersuite, publicKey, succeeded);
  propose(standInPublicKey(wish.ciphersuite.scheme, desk.random));
  await desk.confirm({
    title: 'New AS root credential, signed by its own new key',
    rows: [
      ['domain', settings.domain],
      ...validityRows(expirationData),
      suiteRow(wish.ciphersuite),
      ['key', newKeyRow(key, wish)],
      ...(predecessor === undefined ? [] : successionRows(authority, predecessor)),
    ],
    changes: [
      newKeyChange(key, wish),
      `${file} is written`,
      ...(predecessor === undefined
        ? []
        : ['clients know it once a bundle is published that the roots before it sign too: bundle export']),
    ],
    warnings: keyWarnings(authority, key),
  });

  return usingKey(await makeKey(desk, key, wish.ciphersuite.scheme, wish), async ({ signer, files, events, keep }) => {
    const proposal = propose(signer.publicKey);
    const { credential, signature } = await signRoot(proposal, signer, desk.engines);
    keep();
    const { transcript } = applyChange(authority, {
      operation: wish.succeeds === true ? 'root rotate' : 'root generate',
      files: [...files, { path: file, bytes: utf8(encodeCredentialFile(credential)) }],
      events: [
        ...events,
        {
          event: 'sign',
          fields: {
            what: 'AsCredential',
            public_key_sha256: signature.publicKeySha256,
            signed_sha256: signature.signedSha256,
          },
        },
      ],
      atSeconds,
      writer: desk.writer,
    });
    return { credential, file, transcript };
  });
}

function proposeRoot(
  desk: Desk,
  expirationData: ExpirationData,
  ciphersuite: CredentialCiphersuite,
  publicKey: Uint8Array,
  predecessor: Predecessor | undefined,
): Checked<RootProposal> {
  const asDomain = desk.authority.settings.domain;
  const payloadBytes = encodeAsCredentialPayload({ asDomain, expirationData, ciphersuite, publicKey });
  const candidate = decodeAsCredential(trialSelfSign('AsCredential', ciphersuite.scheme, payloadBytes, desk));
  const succeeds = predecessor === undefined ? {} : { predecessor };
  return checkPolicy({ act: 'self-sign-root', candidate, ...succeeds }, policyContext(desk));
}

/** The root that the new one succeeds, where it is to succeed one. Errors: `root-exists`, `no-predecessor`. */
function checkPlace({ authority, atSeconds }: Desk, succeeds: boolean): HeldCredential<AsCredential> | undefined {
  const files = authority.roots.map(({ file }) => file).join(', ');
  if (!succeeds && files !== '') {
    throw refused('root-exists', `the authority has a root already: ${files}`, {
      hint: 'Its successor is made by root rotate.',
    });
  }
  if (succeeds && files === '') {
    throw refused('no-predecessor', 'the authority has no root that a new one could succeed', {
      hint: 'Make the first with root generate.',
    });
  }
  return succeeds ? lastRoot(authority, atSeconds) : undefined;
}
