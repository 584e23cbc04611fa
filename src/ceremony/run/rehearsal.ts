/**
 * The authority of a rehearsal: a domain that does not exist, throw-away keys, and the hierarchy that its script needs.
 */
import { type Authority, openAuthority } from '../../authority/authority.js';
import { MAX_SETTINGS_FILE, type ReadSettings, readSettings } from '../../authority/formats/settings.js';
import { readInside } from '../../authority/ground/inside.js';
import { SETTINGS_FILE } from '../../authority/ground/layout.js';
import { initAuthority } from '../../authority/init-authority.js';
import { parseKeyUri } from '../../codec/key-uri.js';
import { formatPkcs11Uri } from '../../codec/pkcs11-uri.js';
import { fromUtf8, utf8 } from '../../common/bytes.js';
import { couldNot, refused } from '../../common/errors.js';
import { checkFqdn, rehearsalDomain } from '../../credential/fqdn.js';
import type { OperationContext, Secrets } from '../../operations/context/operation-context.js';
import type { FoundModule } from '../../signer/pkcs11/modules.js';
import type { Script } from '../script/script.js';
import { operationNamed, type OptionValues } from '../script/step-operations.js';
import type { CeremonyContext } from './begin-ceremony.js';

/**
 * Makes it in a new folder, by the real authority's settings, up to what the script needs. Errors: `bad-domain`,
 * `bad-settings`, those of the operations.
 */
export async function prepareRehearsal(
  dir: string,
  { dir: realDir, settings: { domain, ciphersuite } }: Pick<Authority, 'dir' | 'settings'>,
  script: Script,
  context: CeremonyContext,
): Promise<void> {
  const own = rehearsalDomain(domain);
  const reason = checkFqdn(own);
  if (reason !== undefined) {
    throw refused('bad-domain', `${own} cannot be the domain of a rehearsal: ${reason}`, {
      hint: 'Rehearse in an authority with a shorter domain.',
    });
  }
  const { writer, random } = context;
  const atSeconds = context.now();
  const identity = { hostName: writer.hostName, atSeconds, random };
  const settings = await rehearsalSettings(realDir, own);
  initAuthority(dir, { domain: own, ciphersuite, settings, files: [], events: [], atSeconds, writer }, identity);
  const { roots, intermediates, bundles } = script.needs;
  const deep = intermediates === 'some' || bundles === 'some';
  const steps: readonly (readonly [string, OptionValues])[] = [
    ...(roots === 'some' || deep ? ([['root generate', {}]] as const) : []),
    ...(deep
      ? ([
          ['intermediate request', { key: 'file:keys/intermediate-1.age' }],
          ['intermediate issue', {}],
        ] as const)
      : []),
    ...(bundles === 'some' ? ([['bundle export', {}]] as const) : []),
  ];
  const made: string[] = [];
  for (const [name, options] of steps) {
    const { files } = (await operationNamed(name)?.run(await throwAwayContext(dir, context), options, made)) ?? {
      files: [],
    };
    made.push(...files);
  }
}

/** Returns the real authority's settings, for the rehearsal's domain. */
async function rehearsalSettings(
  realDir: string,
  domain: string,
): Promise<ReadSettings & { readonly bytes: Uint8Array }> {
  const text = fromUtf8(readInside(realDir, SETTINGS_FILE, MAX_SETTINGS_FILE)) ?? '';
  const bytes = utf8(text.replace(/^domain:.*$/m, `domain: ${domain}`));
  const read = await readSettings(bytes);
  if (read.settings.domain === domain) return { ...read, bytes };
  throw couldNot('bad-settings', 'authority.yaml has no line of its own for the domain, which a rehearsal replaces', {
    hint: 'Write domain: NAME on one line.',
  });
}

async function throwAwayContext(dir: string, context: CeremonyContext): Promise<OperationContext> {
  const { buildSeconds, random, engines, writer, hsm, secrets } = context;
  return {
    authority: await openAuthority(dir),
    atSeconds: context.now(),
    rehearsal: true,
    planned: true,
    buildSeconds,
    random,
    engines,
    recordIn: { writer },
    secrets,
    hsm,
    confirm: () => Promise.resolve(),
  };
}

/** Known to everybody: it protects nothing of value, and an interrupted rehearsal must be able to continue. */
export const REHEARSAL_PIN = '20261231';
const REHEARSAL_PASSPHRASE = 'rehearsal';

/** Returns the secrets of every key of a rehearsal; nobody is asked for them. */
export function rehearsalSecrets(announce: (text: string) => void): Secrets {
  return {
    passphrase: () => Promise.resolve(utf8(REHEARSAL_PASSPHRASE)),
    pin: () => Promise.resolve(utf8(REHEARSAL_PIN)),
    mayAskAgain: () => false,
    announce,
  };
}

/** The label of the token of a rehearsal, in a store of its own. */
export const REHEARSAL_TOKEN = 'REHEARSAL';

/**
 * Returns the parameters with every key moved to where a rehearsal may make it: a file of the same name in its own
 * folder, or the same label in its own token, whose module is `token`.
 */
export function rehearsalParameters(
  { parameters }: Script,
  given: ReadonlyMap<string, string>,
  token: () => FoundModule,
): Map<string, string> {
  const keys = parameters.flatMap(({ name, type, default: usual }) =>
    type === 'key' ? [[name, given.get(name) ?? usual ?? ''] as const] : [],
  );
  const changed = keys.filter(([, value]) => value !== '').map(([name, value]) => [name, elsewhere(value, token)]);
  return new Map([...given, ...(changed as [string, string][])]);
}

function elsewhere(uri: string, token: () => FoundModule): string {
  const key = parseKeyUri(uri);
  if (key.kind === 'file') return `file:keys/${key.name}.age`;
  const { object, id } = key;
  return formatPkcs11Uri({
    token: REHEARSAL_TOKEN,
    ...(object === undefined ? {} : { object }),
    ...(id === undefined ? {} : { id }),
    modulePath: token().path,
  });
}
