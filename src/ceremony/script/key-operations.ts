/** Steps that look after keys and tokens. None of them signs a credential or a bundle. */
import { chooseCiphersuite } from '../../operations/context/operation-context.js';
import { acceptToken, tryKey } from '../../operations/keys/accept-token.js';
import { proveFromBackup } from '../../operations/keys/prove-backup.js';
import { verifyKey } from '../../operations/keys/verify-key.js';
import type { RunOperation } from './operation.js';
import { needed, ScriptOptions } from './script-options.js';

const NOTHING = { files: [] };

export const KEY_OPERATIONS = {
  'key verify': async (context, values) => {
    const options = new ScriptOptions(values);
    const key = needed(options, 'key');
    const from = options.text('from');
    if (from === undefined) await verifyKey(context, key);
    else await proveFromBackup(context, key, from);
    return NOTHING;
  },
  'key trial': async (context, values) => {
    const options = new ScriptOptions(values);
    const suite = chooseCiphersuite(context.authority, options.text('ciphersuite'));
    await tryKey(context, needed(options, 'key'), suite);
    return NOTHING;
  },
  'hsm check': async (context, values) => {
    const options = new ScriptOptions(values);
    await acceptToken(context, needed(options, 'key'), options.text('serial'));
    return NOTHING;
  },
} as const satisfies Readonly<Record<string, RunOperation>>;
