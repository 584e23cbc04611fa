/**
 * Acceptance tests for a token, or for a place for key files: what it can do, and a key that is made, tried and
 * destroyed again.
 */
import type { NewEvent } from '../../authority/events/event.js';
import { applyChange } from '../../authority/store.js';
import { parseKeyUri } from '../../codec/key-uri.js';
import { couldNot, refused } from '../../common/errors.js';
import { ciphersuiteName, type CredentialCiphersuite } from '../../crypto/ciphersuite.js';
import { moduleUse } from '../../signer/pkcs11/use.js';
import type { OperationContext } from '../context/operation-context.js';
import { suiteRow } from '../context/preview-rows.js';
import { keyUsed } from '../signing/ready-key.js';
import { checkToken } from './hsm-inventory.js';
import { keyWarnings, moduleRows } from './key-rows.js';
import { checkKeyIsNew } from './new-key-name.js';
import { makeKeyForTrial } from './open-key.js';
import { testMessage } from './verify-key.js';

/**
 * Checks the token of a key's URI, and has a session key of each kind sign there. A software key has no token, so
 * nothing is checked. `serial` is the serial number that it must have. Errors: `wrong-token`, `hsm-unsupported`, and
 * those of the token.
 */
export async function acceptToken(context: OperationContext, uri: string, serial: string | undefined): Promise<void> {
  const key = parseKeyUri(uri);
  if (key.kind === 'file') {
    putOnRecord(context, 'hsm check', [{ event: 'token', fields: { what: 'none: the key is a file', key: key.uri } }]);
    return;
  }
  const { random, secrets, hsm, authority } = context;
  const { found, suites } = await checkToken(key, hsm, { login: true, pins: secrets, random });
  const { label, manufacturer, model, firmware } = found.token;
  putOnRecord(context, 'hsm check', [
    {
      event: 'token',
      fields: {
        what: 'tried',
        ...moduleUse(found.agreed),
        token: label,
        serial: found.token.serial,
        manufacturer,
        model,
        firmware,
        ciphersuites: suites.map(({ ciphersuite, possible, why }) => ({ ciphersuite, possible, why })),
      },
    },
  ]);
  if (serial !== undefined && serial !== found.token.serial) {
    throw refused('wrong-token', `the serial number of ${label} is ${found.token.serial}, and not ${serial}`, {
      hint: 'Compare it with the papers of the device. Accept no other device in its place.',
    });
  }
  const wanted = ciphersuiteName(authority.settings.ciphersuite);
  const suite = suites.find(({ ciphersuite }) => ciphersuite === wanted);
  if (suite?.possible === true) return;
  throw couldNot('hsm-unsupported', `${label} cannot do ${wanted}: ${suite?.why ?? 'it is not among its suites'}`, {
    hint: 'Choose another device, or a ciphersuite that it can do; see which.',
    remedies: [{ command: 'hsm check', args: ['TOKEN-URI'] }],
  });
}

/**
 * Makes a key as a ceremony makes one, has it sign a test message, and destroys it. Nothing of it remains in the token
 * or on the disk. Errors: `file-exists`, `hsm-key-exists`, `declined`, and those of the key.
 */
export async function tryKey(context: OperationContext, uri: string, suite: CredentialCiphersuite): Promise<void> {
  const key = checkKeyIsNew(context.authority, uri);
  await context.confirm({
    title: 'A key for trial',
    rows: [['key', `${key.uri} (new, for trial)`], ...moduleRows(context, key), suiteRow(suite)],
    changes: ['it is made, signs a test message that no protocol has a use for, and is destroyed'],
    warnings: keyWarnings(context.authority, key),
  });
  const { signer } = await makeKeyForTrial(context, key, suite.scheme);
  try {
    await signer.sign(testMessage(context.random));
  } finally {
    await signer.close();
  }
  const used = keyUsed(signer, 'tried and destroyed');
  const tried: NewEvent = { event: 'key', fields: { what: 'tried and destroyed', key: key.uri } };
  const events = used.length > 0 ? used : [tried];
  putOnRecord(context, 'key trial', events);
}

function putOnRecord(
  { authority, atSeconds, recordIn }: OperationContext,
  operation: 'hsm check' | 'key trial',
  events: readonly NewEvent[],
): void {
  applyChange(authority, { operation, files: [], events, atSeconds, recordIn });
}
