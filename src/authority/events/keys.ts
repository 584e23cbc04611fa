/** What was done with keys, and with the tokens that hold some. */
import { form } from './define.js';
import { count, flag, group, list, nullable, only, optional, record, sha256, text, texts } from './shape.js';

const MODULE = { module: text, module_sha256: sha256, module_agreed: text };
const MARK = nullable(flag);

/** Token and key, as they were read back. */
const HSM = group({
  ...MODULE,
  library: text,
  manufacturer: text,
  model: text,
  serial: text,
  firmware: text,
  token: text,
  label: text,
  id: text,
  mechanism: text,
  public_key_sha256: sha256,
  origin: text,
  backup: text,
  attributes: group({
    token: MARK,
    private: MARK,
    sensitive: MARK,
    extractable: MARK,
    modifiable: MARK,
    sign: MARK,
    sign_recover: MARK,
    decrypt: MARK,
    unwrap: MARK,
    derive: MARK,
    local: MARK,
    always_sensitive: MARK,
    never_extractable: MARK,
    wrap_with_trusted: MARK,
    key_gen_mechanism: nullable(text),
  }),
  unproven: texts,
});

const KEY_SENTENCE = 'a key was {what}: {key}';
const key = text;

export const KEYS = {
  key: [
    form({ what: only('used', 'generated', 'adopted', 'tried and destroyed'), key, hsm: HSM }, KEY_SENTENCE),
    form({ what: only('tried and destroyed'), key }, KEY_SENTENCE),
    form(
      { what: only('attached'), key, scheme: text, public_key_sha256: sha256, belongs_to: text },
      'a key was {what}: {key}, which belongs to {belongs_to}',
    ),
    form({ what: only('new passphrase'), key }, 'a key has a {what}: {key}'),
    form(
      {
        what: only('proven from a backup'),
        key,
        from: text,
        public_key_sha256: sha256,
        medium: optional(record),
        hsm: optional(HSM),
      },
      'a key was {what}: {key}, from {from}',
    ),
    form(
      {
        what: only('found in its token'),
        key,
        token: text,
        serial: text,
        model: text,
        ...MODULE,
        keys: list(group({ named: text, attributes: record })),
      },
      KEY_SENTENCE,
    ),
    form(
      {
        key,
        public_key_sha256: sha256,
        what: only('to be destroyed'),
        proved: flag,
        end_of_service: optional(flag),
        still_needed: optional(texts),
      },
      'a key is {what}: {key}',
    ),
    form({ key, public_key_sha256: sha256, what: only('destroyed'), how: text }, 'a key was {what}: {key}; {how}'),
    // One that its step made, and that came to nothing.
    form({ step: count, what: only('destroyed again: nothing was done with it'), key }, 'a key was {what}: {key}'),
  ],
  token: [
    form({ what: only('none: the key is a file'), key }, 'a token: {what}'),
    form(
      {
        what: only('tried'),
        ...MODULE,
        token: text,
        serial: text,
        manufacturer: text,
        model: text,
        firmware: text,
        ciphersuites: list(group({ ciphersuite: text, possible: flag, why: text })),
      },
      'a token was {what}: {token} (serial {serial})',
    ),
  ],
};
