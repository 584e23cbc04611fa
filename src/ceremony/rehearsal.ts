/** A rehearsal's authority: a domain that does not exist, throw-away keys, and the hierarchy that its script needs. */
import { utf8 } from '../common/bytes.js';
import { couldNot, refused } from '../common/errors.js';
import { checkFqdn, rehearsalDomain } from '../credential/fqdn.js';
import { openAuthority } from '../authority/authority.js';
import { initAuthority } from '../authority/store.js';
import type { CredentialCiphersuite } from '../crypto/ciphersuite.js';
import type { Desk, Secrets } from '../operations/desk.js';
import type { World } from './ceremony.js';
import type { Script } from './script.js';
import { operationNamed, type OptionValues } from './step-operations.js';

/** Begins it in a new folder, up to what the script needs. Errors: `bad-domain`, those of the operations. */
export async function prepareRehearsal(
  dir: string,
  domain: string,
  ciphersuite: CredentialCiphersuite,
  script: Script,
  world: World,
): Promise<void> {
  const own = rehearsalDomain(domain);
  const reason = checkFqdn(own);
  if (reason !== undefined) {
    throw refused('bad-domain', `${own} can not be the domain of a rehearsal: ${reason}`, {
      hint: 'Rehearse in an authority with a shorter domain.',
    });
  }
  const { writer, random } = world;
  const atSeconds = world.now();
  const identity = { hostName: writer.hostName, atSeconds, random };
  initAuthority(dir, { domain: own, ciphersuite, files: [], events: [], atSeconds, writer }, identity);
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
    const { files } = (await operationNamed(name)?.run(await throwAwayDesk(dir, world), options, made)) ?? {
      files: [],
    };
    made.push(...files);
  }
}

async function throwAwayDesk(dir: string, world: World): Promise<Desk> {
  const { buildSeconds, random, engines, writer, hsm, secrets } = world;
  return {
    authority: await openAuthority(dir),
    atSeconds: world.now(),
    rehearsal: true,
    planned: true,
    buildSeconds,
    random,
    engines,
    writer,
    secrets,
    hsm,
    confirm: () => Promise.resolve(),
  };
}

/** One passphrase for every key of a rehearsal, which nobody needs to know. Tokens are not for rehearsals. */
export function throwAwaySecrets(random: (length: number) => Uint8Array, announce: (text: string) => void): Secrets {
  const passphrase = Array.from(random(16), (byte) => byte.toString(16).padStart(2, '0')).join('');
  return {
    passphrase: () => Promise.resolve(utf8(passphrase)),
    pin: () =>
      Promise.reject(
        couldNot('hsm-in-rehearsal', 'a rehearsal uses software keys', {
          hint: 'Leave the key in its token: rehearse with a file: key.',
        }),
      ),
    mayAskAgain: () => false,
    announce,
  };
}
