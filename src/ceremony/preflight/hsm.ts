import { parseKeyUri, type Pkcs11KeyUri } from '../../codec/key-uri.js';
import { CeremonyError } from '../../common/errors.js';
import type { SchemeInfo } from '../../crypto/ciphersuite.js';
import { tokenHealth } from '../../operations/keys/hsm-health.js';
import { bad, type Check, fine, type Look, type Means, unseen } from './machine-check.js';

export const hsm: Check = {
  id: 'hsm',
  source:
    'each token that has a key of the authority, or is named: its module, token info, a session, mechanisms; without a PIN',
  reason:
    'It is better to notice a token that is missing, locked or broken before people have sworn to what comes next.',
  async look(means) {
    const tokens = tokensOf(means);
    if (tokens.length === 0) return fine('no key of the authority is in an HSM, and none was named');
    const seen: string[] = [];
    const faults: Look[] = [];
    for (const { uri, schemes } of tokens) {
      try {
        const health = await tokenHealth(uri, schemes, means.hsm);
        const about = `${health.name}${health.notes.length === 0 ? '' : ` (${health.notes.join(', ')})`}`;
        if (health.faults.length === 0) seen.push(about);
        else
          faults.push(
            bad(`${health.name}: ${health.faults.join(', ')}`, 'Look at the token.', { command: 'hsm list' }),
          );
      } catch (error) {
        if (!(error instanceof CeremonyError)) throw error;
        if (error.code === 'hsm-unavailable') return unseen(error.message, error.hint, ...error.remedies);
        faults.push(bad(error.message, error.hint ?? 'Look at the device.', ...error.remedies));
      }
    }
    const [first] = faults;
    if (first !== undefined) return { ...first, saw: faults.map(({ saw }) => saw).join('; ') };
    return fine(`reached without a PIN: ${seen.join('; ')}`);
  },
};

interface Token {
  readonly uri: Pkcs11KeyUri;
  /** The schemes of the authority's keys in it. */
  readonly schemes: SchemeInfo[];
}

/** Returns each token once, however many keys are in it. */
function tokensOf({ authority, hsmUris }: Means): Token[] {
  const tokens = new Map<string, Token>();
  const add = (text: string, scheme?: SchemeInfo): void => {
    const uri = parseKeyUri(text);
    if (uri.kind !== 'pkcs11') return;
    const { token, serial, manufacturer, model, modulePath, moduleName } = uri;
    const name = JSON.stringify([token, serial, manufacturer, model, uri['slot-id'], modulePath, moduleName]);
    const known = tokens.get(name) ?? { uri, schemes: [] };
    if (scheme !== undefined && !known.schemes.includes(scheme)) known.schemes.push(scheme);
    tokens.set(name, known);
  };
  for (const { uri, scheme, end } of authority?.keyRecords ?? []) if (end?.state !== 'destroyed') add(uri, scheme);
  for (const uri of hsmUris) add(uri);
  return [...tokens.values()];
}
