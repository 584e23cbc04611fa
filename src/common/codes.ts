/**
 * Every code that an error, a finding or a JSON document can carry, with its meaning. Codes are stable; messages are
 * not. The codes of the wire format and of the bundle format come first.
 */
/**
 * The kind of a failure, from which the command line's exit code follows. `refused`: a check said no (1). `usage`: the
 * command line was wrong (2). `could-not`: a file, a device or a secret failed (3). `interrupted`: the person stopped
 * the program (130).
 */
export type ErrorKind = 'refused' | 'usage' | 'could-not' | 'interrupted';

/** Codes for bytes that cannot be decoded. */
const DECODING = {
  truncated: 'the bytes end too early',
  'trailing-bytes': 'bytes follow the end',
  'non-minimal-length': 'a length is written longer than need be',
  'bad-length': 'a length prefix that the format reserves',
  'bad-domain': 'not a domain as in DNS, in lower case',
  'bad-validity': 'it ends before it begins, or after year 9999',
  'unsupported-hash': 'an unknown hash',
  'unsupported-signature-scheme': 'an unknown signature scheme',
  'bad-public-key': 'a wrong length, or not a point that can be a key',
  'bad-fingerprint': 'not a whole fingerprint',
  'bad-signature-encoding': 'a signature of the wrong form',
  'bad-client-id': 'a client ID of the wrong form',
  'bad-pem': 'not one strict PEM block, or raw bytes whose kind is not named',
  'wrong-kind': 'another kind of credential than the one that is needed',
} as const;

/** Codes for a chain, a bundle or a message that is not valid. */
const VERIFYING = {
  'bad-self-signature': 'not signed by the key in it',
  'bad-signature': 'not signed by the signer that it names',
  'non-canonical-signature': 'ECDSA with the larger of the two values of S',
  'unknown-signer': 'the signer that it names is not at hand',
  'validity-not-nested': 'it begins before its signer, or ends after it',
  'not-yet-valid': 'it begins later',
  expired: 'it has ended',
  revoked: 'it is revoked',
  'domain-mismatch': 'it belongs to another domain',
  untrusted: 'nobody who is trusted vouches for it',
} as const;

/** Codes that only the acceptance of a bundle uses. */
const BUNDLE = {
  'bundle-malformed': 'not a bundle of this format, or it would not be one, as with a number above its time',
  rollback: 'an older bundle than the one that is held',
  'broken-history': "the bundle doesn't follow from the one that is held",
  'bundle-expired': 'the bundle has ended',
} as const;

/** Codes for a check of this program that said no. */
const REFUSED = {
  'bundle-too-large':
    'the next bundle would have more than 1 MiB, 32 roots, 32 signatures or 1,024 intermediates; nothing was signed',
  policy: 'a rule of policy objects; `findings` says which',
  due: 'something is overdue, or due within the time that was asked about',
  unfit: 'this machine is not fit for a ceremony; `findings` says which checks refuse',
  'root-exists': 'the authority has a root already',
  'no-predecessor': 'there is no root or no intermediate that a new one could succeed',
  'already-revoked': 'it is revoked, for good',
  'clients-would-refuse': 'clients would refuse the bundle; `findings` says which, and why',
  'not-newest':
    'the bundle that clients are said to hold is not the newest here, or not on record: an old copy, or a stolen root',
  'own-bundle': 'a bundle that this authority signed itself, and nobody else',
  'signed-otherwise': 'a root has signed another bundle with this number already',
  'prepared-malformed': 'not a prepared bundle of this format',
  'signatures-malformed': 'not a file of signatures of this format',
  'prepared-stale': 'a prepared bundle follows another bundle than the newest here, or is dated after this clock',
  'prepared-differs': 'a prepared bundle is not what this copy of the authority would sign; `findings` says how',
  'not-asked': 'a root that must not sign the prepared bundle',
  'signature-of-another': 'the signature is of another prepared file',
  'signature-missing': 'a root that must sign has not',
  'unknown-bundle': 'the authority holds no such bundle',
  'bundle-marked': 'what became of the bundle is already on record',
  'no-bundle': 'the authority has no bundle that clients would take now',
  'same-passphrase': 'the new passphrase of a key is the old one',
  'nothing-new': "the other site's copy, or a bundle that somebody else signed, is on record already",
  'other-head': "the other site's copy is not the one whose head was given",
  'sites-differ': 'two sites made different things under one name, or what came does not verify by what is here',
  'no-ceremony': 'the newest transcript has its end: there is nothing to resume',
  'not-a-root-key': 'a bundle would commit to a key that no root can have',
  'no-root': 'the authority has no root that is valid now',
  clock: "the clock is before the program's build, or before what was last recorded",
  'clock-is-right': 'nothing on record is later than the clock: there is nothing to recover',
  'two-people': 'recovering from a wrong clock needs the names of two people',
  'record-unvouched': 'roots, keys or revocations are on record that nothing but the folder vouches for',
  'history-rewritten': 'the record is not the one that is remembered here: an older copy, or rewritten',
  'head-differs': 'the head of the newest transcript is not the one that was given',
  declined: 'the answer was not `yes`, or not the required sentence',
  'unknown-credential': 'the authority holds no credential of that name',
  'ambiguous-name': 'several fingerprints begin like that',
  'unknown-key': 'the authority has no key of that name, or no record of it',
  'key-mismatch': "the key file holds another key than the credential's",
  'key-needed': 'something still needs the key that is to be destroyed; `findings` says what',
  'key-destroyed': 'the key was destroyed, or that was begun',
  'key-on-record': 'the key has a record already',
  'engines-disagree': 'two implementations disagree about a signature: trust neither, and have it examined',
  'bad-verdict': 'an engine returned neither true nor false, but a promise or another value (library)',
  'signature-check-failed': "a new signature didn't verify and was thrown away: sign nothing more on this machine",
  'signed-bytes-differ': 'what was signed is not what was checked: a fault of this program',
  'bad-script': 'a script of a ceremony has mistakes; `findings` lists them by line',
  'bad-plan': 'not a plan, or not the one that a transcript names',
  'plan-outdated': 'the plan is no longer what its script produces in this authority',
  'plan-required': '`authority.yaml` requires a plan, and there is none',
  'outside-window': 'the plan may not run at this time',
  'bad-people': 'too few people for a role, or one in two roles that exclude each other',
  'wrong-state': 'the authority is not in the state that the ceremony needs',
  'bad-approval': 'an approval beside a plan is not valid, or is the second by one person or key',
  'wildcard-principal': 'a name in `allowed_signers` is a pattern (`*`, `?`, `!`): its key could sign for everybody',
  'bad-signer-line':
    'a line of `allowed_signers` is not one person with a key of their own: `cert-authority`, a certificate, a weak key, another option, or no such line at all',
  'too-many-signatures': 'more signatures are beside a file than any ceremony has people',
  'too-few-approvals': 'fewer people approved the plan than `approvals` says',
  'differs-from-plan': 'what was about to be signed is not what the plan says',
  'not-a-backup':
    'it is the key itself, by whatever name, or is inside the authority; name the copy on another medium or in another token',
  'wrong-token': 'a device with another serial number than its papers say',
  'rehearsal-key': 'the key of a rehearsal, outside of one',
  'real-key': 'a real key in a rehearsal',
  'no-request': 'a ceremony must issue a request, and none is named',
  held: 'the ceremony stopped at a step, and can be resumed',
  aborted: 'the ceremony was ended for good',
  'key-missing': 'a key file that is on record is not there',
  'bad-transcript': 'not a transcript, or changed after it was written',
  'broken-link': "the transcript doesn't follow from the one before it in the authority",
  'files-changed': 'a file that the transcript names was changed, or is gone',
  'bad-witness-signature': 'a signature beside a transcript is not valid',
  'witnesses-missing': 'fewer valid signatures than required',
  'broken-transcript': 'something is wrong with what a witness was to sign; nothing was signed',
  'not-allowed-signer': 'by `allowed_signers` the signature would not count; it was thrown away',
  'bad-principal': "a name that can't be part of a file's name",
  'ledger-broken': 'transcripts or recorded files are missing, changed, forked or not on record; `findings` lists them',
  identity: "an identity hash can't be made of these credentials (library)",
  'ambiguous-key-uri': "several modules, tokens or keys fit a key's URI; the hint lists them",
  'hsm-key-exists': 'the token holds a key of that label or ID already; the message says what it is',
  'key-attributes': 'a key in a token can do too much, or can leave it; nothing was signed with it',
  'token-exists': 'there is a token of that label already',
  'untrusted-module':
    'users other than root could have put the PKCS#11 module there, and nobody named it; or it was replaced after it was checked',
} as const;

/** Codes for a file, a device or a secret that failed. */
const COULD_NOT = {
  'file-not-found': "the file doesn't exist",
  'file-changed': 'somebody else wrote to a file while the program was adding to it',
  'file-exists': 'the name is taken, and nothing is overwritten',
  'file-too-large': 'more bytes than such a file can have',
  file: 'another problem with a file: permissions, a full disk, a device',
  output: 'stdout could not be written; the work itself may be done',
  'bad-path': "a name that the authority doesn't write",
  'secret-file-exposed': 'others can read the file with the secret, or it belongs to another user',
  'bad-secret-file': 'not one line with a secret',
  'bad-passphrase': 'empty, too long, or with control characters',
  'wrong-passphrase': "it doesn't open the key",
  'bad-key-file': 'not a key file of this kind, or damaged',
  'bad-key-path': 'keys of the authority lie in `keys/`',
  'key-file-unreadable': "a key that was just encrypted doesn't open; nothing was written",
  'key-closed': 'a key was used after it was closed: a fault of this program',
  'no-softhsm': 'a rehearsal with a key in a token needs SoftHSM',
  'hsm-unavailable': '`pkcs11js` (or `koffi`, for a PIN at the device) is not installed',
  'hsm-module': "the PKCS#11 module isn't there, or can't be loaded",
  'hsm-token-not-found': "no token fits the key's URI; the hint lists those that are there",
  'hsm-key-not-found': 'the token has no such private key',
  'token-not-initialized': 'the token was never initialised',
  'hsm-unsupported': "the token can't hold or use a key of that kind",
  'hsm-crashed': 'the module crashed; nothing was written',
  'hsm-timeout': 'the module took longer than `hsm_timeout`, and was ended',
  'hsm-removed': 'the token was pulled out, or its session lost',
  'hsm-canceled': 'cancelled at the device',
  'hsm-full': 'the token has no room left',
  'hsm-write-protected': 'the token is write-protected',
  'hsm-data-length': 'the token accepts no message this long',
  'hsm-error': 'another failure of the module, with its CKR code',
  'wrong-pin': 'tried once, and not again automatically',
  'pin-locked': 'too many wrong PINs',
  'pin-not-set': 'the token has no user PIN',
  'pin-expired': 'the token wants a new PIN',
  'out-of-memory': 'scrypt needs more memory than there is',
  'random-failed': "the system's random generator gave too little",
  'self-test-failed': 'a known-answer test failed: sign nothing with this installation',
  'not-built': 'the clone has no program yet; `npm run setup` builds it',
  'no-ssh-keygen': 'there is no `ssh-keygen` on this machine',
  'ssh-keygen': '`ssh-keygen` reached no verdict: it is too old, or it failed',
  'ssh-signing-failed': '`ssh-keygen` did not sign',
  'no-allowed-signers': 'signatures are required, and nothing says whose keys count',
  'no-authority': 'the folder is not an authority',
  'authority-exists': 'the folder is one already',
  'authority-locked': 'another command is at work there',
  'authority-damaged': "files there are damaged, or don't belong there",
  'not-your-authority': 'the folder belongs to another user',
  'authority-unfinished': 'an earlier change is not complete yet; the hint says what to do',
  'transcript-full': "a ceremony's transcript has no room for another event",
  'transcript-unfinished': 'the newest transcript has no end: a ceremony is under way, or was interrupted',
  'bad-manifest': 'not a list of hashes as `sha256sum` prints it',
  'bad-settings': 'mistakes in `authority.yaml`',
  'bad-time': 'a time outside 1970 to 9999',
  'qr-too-long': 'too much for one QR code',
  internal: 'a fault of this program; `AS_CEREMONY_DEBUG=1` shows where',
} as const;

export type DecodingCode = keyof typeof DECODING;
export type VerifyingCode = keyof typeof VERIFYING;
export type BundleCode = keyof typeof BUNDLE;
export type WireCode = DecodingCode | VerifyingCode | BundleCode;
export type RefusedCode = WireCode | keyof typeof REFUSED;
export type CouldNotCode = keyof typeof COULD_NOT;
export type Code = RefusedCode | CouldNotCode | 'usage' | 'interrupted';

export const DECODING_CODES = codesOf(DECODING);
export const VERIFYING_CODES = codesOf(VERIFYING);
export const BUNDLE_CODES = codesOf(BUNDLE);

/** The meaning of each code, grouped by the kind of failure that carries it. */
export const MEANINGS: Readonly<Record<ErrorKind, Readonly<Record<string, string>>>> = {
  refused: { ...DECODING, ...VERIFYING, ...BUNDLE, ...REFUSED },
  usage: {
    usage:
      'the command line is wrong, or there is no terminal to answer; in the library: an argument is not what the function takes',
  },
  'could-not': COULD_NOT,
  interrupted: {
    interrupted:
      'stopped at a question, or while a token was working; the authority was not changed, and a key that a token was making is found by its label next time',
  },
};

const WIRE_CODES: ReadonlySet<string> = new Set([...DECODING_CODES, ...VERIFYING_CODES, ...BUNDLE_CODES]);

export function isWireCode(code: string): code is WireCode {
  return WIRE_CODES.has(code);
}

function codesOf<const T extends Readonly<Record<string, string>>>(table: T): readonly (keyof T)[] {
  return Object.freeze(Object.keys(table));
}
