/** What was signed, revoked, published, or received from elsewhere. */
import { REVOCATION_REASONS } from '../../bundle/revocation.js';
import { count, fingerprint, flag, form, list, only, optional, sha256, text, texts } from './shape.js';

const SIGNED = { public_key_sha256: sha256, signed_sha256: sha256 };
const BYTES = ', SHA-256 of the signed bytes {signed_sha256}';

export const CHANGES = {
  /** A signature that was made here: what it is on, and the hash of the signed bytes. */
  sign: [
    form({ what: only('AsCredential'), ...SIGNED }, `signed: {what}${BYTES}`),
    form(
      { what: only('IntermediateAsCredential request'), request_sha256: sha256, ...SIGNED },
      `signed: {what}${BYTES}`,
    ),
    form(
      { what: only('IntermediateAsCredential'), request_sha256: sha256, signer: fingerprint, ...SIGNED },
      `signed: {what}, by root {signer}${BYTES}`,
    ),
    form(
      { what: only('bundle'), sequence: count, kid: fingerprint, signed_sha256: sha256 },
      `signed: {what} {sequence}, by root {kid}${BYTES}`,
    ),
  ],
  stage: [
    form(
      {
        prepared_sha256: sha256,
        signatures_sha256: sha256,
        /** False if there was nothing of the authority to compare it with. */
        compared: optional(flag),
      },
      'signed at this site what was prepared at another (SHA-256 {prepared_sha256})',
    ),
  ],
  /** A signature that was made at another site. */
  signature: [
    form(
      { what: only('bundle'), kid: fingerprint, prepared_sha256: sha256, signatures_sha256: sha256 },
      'a signature came back from its site: {what}, by {kid}',
    ),
  ],
  again: [form({ what: text, first: fingerprint, revoked_by: list(sha256) }, '{what}')],
  revoke: [
    form({ fingerprints: list(fingerprint), reason: only(...REVOCATION_REASONS) }, 'revoked: {fingerprints}, {reason}'),
  ],
  bundle: [
    form(
      { state: only('published', 'withdrawn'), sequence: count, sha256 },
      'bundle {sequence} was {state} (SHA-256 {sha256})',
    ),
  ],
  /** What clients hold, which the next bundle follows; or why a ceremony waits. */
  held: [
    form(
      { what: only('bundle'), sequence: count, bundle_sha256: sha256, payload_sha256: sha256 },
      'clients hold {what} {sequence} (SHA-256 {bundle_sha256})',
    ),
    form({ why: text }, 'HELD: {why}'),
  ],
  forged: [
    form(
      {
        what: text,
        bundle_sha256: sha256,
        payload_sha256: sha256,
        sequence: count,
        signed_by: list(fingerprint),
        revokes: list(fingerprint),
      },
      '{what} (SHA-256 {bundle_sha256})',
    ),
  ],
  received: [
    form(
      { head: sha256, vouched: optional(text), trusted: optional(list(fingerprint)), repinned: optional(list(count)) },
      'taken over from another site, whose record has the head {head}',
    ),
  ],
  rebuild: [
    form(
      {
        what: text,
        bundle_sha256: sha256,
        sequence: count,
        sequence_floor: count,
        trusted: list(fingerprint),
        clients_say: optional(text),
        vouched_to_be_newest: flag,
      },
      'rebuilt from bundle {sequence} (SHA-256 {bundle_sha256}): {what}',
    ),
  ],
  clock: [
    form(
      { newest_record: text, vouched_for_by: texts },
      'the clock goes back from {newest_record}; {vouched_for_by} vouch for it',
    ),
  ],
};
