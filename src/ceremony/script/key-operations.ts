/** Steps that look after keys and tokens. No credential and no bundle is signed by any of them. */
import { acceptToken, tryKey } from '../../operations/keys/accept-token.js';
import { chooseCiphersuite } from '../../operations/desk/desk.js';
import { verifyKey } from '../../operations/keys/verify-key.js';
import { proveFromBackup } from '../../operations/keys/prove-backup.js';
import type { RunOperation } from './operation.js';
import { needed, ScriptOptions } from './script-options.js';

const NOTHING = { files: [] };

export const KEY_OPERATIONS = {
  'key verify': async (desk, values) => {
    const options = new ScriptOptions(values);
    const key = needed(options, 'key');
    const from = options.text('from');
    if (from === undefined) await verifyKey(desk, key);
    else await proveFromBackup(desk, key, from);
    return NOTHING;
  },
  'key trial': async (desk, values) => {
    const options = new ScriptOptions(values);
    const suite = chooseCiphersuite(desk.authority, options.text('ciphersuite'));
    await tryKey(desk, needed(options, 'key'), suite);
    return NOTHING;
  },
  'hsm check': async (desk, values) => {
    const options = new ScriptOptions(values);
    await acceptToken(desk, needed(options, 'key'), options.text('serial'));
    return NOTHING;
  },
} as const satisfies Readonly<Record<string, RunOperation>>;
