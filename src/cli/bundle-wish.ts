/** Options of `bundle export` and `bundle prepare`: what the next bundle is to say. */
import { basename } from 'node:path';
import { fromHex } from '../common/bytes.js';
import { usage } from '../common/errors.js';
import { parseDuration } from '../common/time.js';
import type { Authority } from '../authority/authority.js';
import { findCredential } from '../authority/find-credential.js';
import { commitmentOf, COMMITMENT_LENGTH } from '../bundle/commitment.js';
import { recordNamed } from '../operations/keys.js';
import type { BundleWish } from '../operations/next-bundle.js';
import { commitmentTo } from '../operations/reserve.js';
import { collect, type Command, type Options } from './command.js';

export function addBundleOptions(command: Command): Command {
  return command
    .option('--lifetime <duration>', "how long it lasts, such as 120d (the policy's if not given)")
    .option('--series <n>', 'sign so many ahead, one every bundle_every (the policy says: 90 days)')
    .option('--threshold <n>', 'how many roots must sign the next one (as the last bundle says, if not given)')
    .option('--next-root <key|commitment>', 'a key that alone may change the roots (repeats)', collect)
    .option('--list <root>', 'list this root, which was in reserve (repeats)', collect)
    .option('--retire <root>', 'list this root no more (repeats)', collect)
    .option('--lost <root>', 'the key of this root is lost: neither list it nor ask it to sign (repeats)', collect)
    .option('--repin', 'although clients that hold an earlier bundle will refuse it, and must pin anew');
}

/** A number from 1 to 9999. Error: `usage`. */
export function numberOf(options: Options, name: string): number | undefined {
  const text = options.text(name);
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]{0,3}$/.test(text)) throw usage(`--${name} ${text} is not a number from 1`);
  return Number(text);
}

/** A commitment in hex, or the key or the root of this authority whose commitment it is. */
function commitment(authority: Authority, text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes?.length === COMMITMENT_LENGTH) return bytes;
  const record = recordNamed(authority, text);
  if (record !== undefined) return commitmentOf(record.scheme, record.publicKey);
  const root = authority.roots.find(({ file, fingerprint }) =>
    [file, basename(file), basename(file, '.pem'), fingerprint].includes(text),
  );
  if (root !== undefined) return commitmentTo(root.credential);
  throw usage(
    `--next-root ${JSON.stringify(text)} is neither a commitment (64 hex digits) nor a key or a root of this authority`,
    {
      hint: 'Name the key by its URI or name (keys/NAME.json), or give the commitment that key verify shows at its own site.',
    },
  );
}

export function bundleWish(authority: Authority, options: Options): BundleWish {
  const lifetime = options.text('lifetime');
  const threshold = numberOf(options, 'threshold');
  const nextRoots = options.texts('nextRoot').map((text) => commitment(authority, text));
  const rootsIn = (name: string): string[] =>
    options.texts(name).map((text) => {
      const { credential, fingerprint } = findCredential(authority, text);
      if (credential.kind !== 'as_credential')
        throw usage(`--${name} ${text} is an intermediate`, { hint: 'Name a root.' });
      return fingerprint;
    });
  return {
    ...(lifetime === undefined ? {} : { lifetime: parseDuration(lifetime) }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(nextRoots.length === 0 ? {} : { nextRoots }),
    retire: rootsIn('retire'),
    lost: rootsIn('lost'),
    list: rootsIn('list'),
    repin: options.flag('repin'),
  };
}
