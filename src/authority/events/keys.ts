/** What was done with keys, and with the tokens that hold some. */
import {
  count,
  each,
  flag,
  form,
  group,
  list,
  nullable,
  object,
  only,
  optional,
  sha256,
  text,
  texts,
} from './shape.js';

const MODULE = { ...each(text, 'module', 'module_agreed'), module_sha256: sha256 };
const KEY = { key: text, public_key_sha256: sha256 };

/** Token and key, as they were read back. */
const HSM = group({
  ...MODULE,
  ...each(text, 'library', 'manufacturer', 'model', 'serial', 'firmware', 'token', 'label', 'id', 'mechanism'),
  public_key_sha256: sha256,
  ...each(text, 'origin', 'backup'),
  attributes: group({
    ...each(nullable(flag), 'token', 'private', 'sensitive', 'extractable', 'modifiable', 'sign', 'sign_recover'),
    ...each(nullable(flag), 'decrypt', 'unwrap', 'derive', 'local', 'always_sensitive', 'never_extractable'),
    wrap_with_trusted: nullable(flag),
    key_gen_mechanism: nullable(text),
  }),
  unproven: texts,
});

/** The first wording of this. Whatever is on record must remain readable. */
const UNUSED_BEFORE = 'destroyed again: nothing was done with it';

const KEY_SENTENCE = 'a key was {what}: {key}';

export const KEYS = {
  key: [
    form({ what: only('used', 'generated', 'adopted', 'tried and destroyed'), key: text, hsm: HSM }, KEY_SENTENCE),
    form({ what: only('tried and destroyed'), key: text }, KEY_SENTENCE),
    form(
      { what: only('attached'), ...KEY, ...each(text, 'scheme', 'belongs_to') },
      'a key was {what}: {key}, which belongs to {belongs_to}',
    ),
    form({ what: only('new passphrase'), key: text }, 'a key has a {what}: {key}'),
    form(
      { what: only('proven from a backup'), ...KEY, from: text, medium: optional(object), hsm: optional(HSM) },
      'a key was {what}: {key}, from {from}',
    ),
    form(
      {
        what: only('found in its token'),
        ...each(text, 'key', 'token', 'serial', 'model'),
        ...MODULE,
        keys: list(group({ named: text, attributes: object })),
      },
      KEY_SENTENCE,
    ),
    form(
      {
        what: only('to be destroyed'),
        ...KEY,
        proved: flag,
        end_of_service: optional(flag),
        still_needed: optional(texts),
      },
      'a key is {what}: {key}',
    ),
    form({ what: only('destroyed'), ...KEY, how: text }, 'a key was {what}: {key}; {how}'),
    // A key that its step made, and that was not used in the end.
    form({ step: count, what: only('destroyed again: it was not used', UNUSED_BEFORE), key: text }, KEY_SENTENCE),
  ],
  token: [
    form({ what: only('none: the key is a file'), key: text }, 'a token: {what}'),
    form(
      {
        what: only('tried'),
        ...MODULE,
        ...each(text, 'token', 'serial', 'manufacturer', 'model', 'firmware'),
        ciphersuites: list(group({ ciphersuite: text, possible: flag, why: text })),
      },
      'a token was {what}: {token} (serial {serial})',
    ),
  ],
};
