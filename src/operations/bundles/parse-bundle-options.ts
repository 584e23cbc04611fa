/** Reads from options what the next bundle is to say. */
import { basename } from 'node:path';
import type { Authority } from '../../authority/authority.js';
import { findCredential } from '../../authority/find-credential.js';
import { COMMITMENT_LENGTH, commitmentOf } from '../../bundle/commitment.js';
import { equalBytes, fromHex } from '../../common/bytes.js';
import { usage } from '../../common/errors.js';
import { MAX_BUNDLE_FILE, readFile } from '../../common/files.js';
import { parseDuration } from '../../common/time.js';
import { numberIn, type TextOptions } from '../context/text-options.js';
import { recordNamed } from '../keys/open-key.js';
import { commitmentTo } from '../lifecycle/reserve.js';
import type { BundleOptions } from './next-bundle.js';

/** Returns all options except the number of bundles. Errors: `usage`, `unknown-credential`, `ambiguous-name`. */
export function bundleOptionsIn(authority: Authority, options: TextOptions): BundleOptions {
  const lifetime = options.text('lifetime');
  const last = options.text('last');
  const threshold = numberIn(options, 'threshold');
  const commitments = options.texts('next-root').map((text) => commitment(authority, options, text));
  const nextRoots = commitments.filter((one, i) => commitments.findIndex((other) => equalBytes(one, other)) === i);
  const rootsIn = (name: string): string[] =>
    options.texts(name).map((text) => rootNamed(authority, options, name, text));
  const [retire, lost, list] = [rootsIn('retire'), rootsIn('lost'), rootsIn('list')];
  const both = list.find((one) => retire.includes(one) || lost.includes(one));
  if (both !== undefined)
    throw usage(`${options.written('list')} and the end of one root, ${both}, in one bundle`, {
      hint: 'A bundle lists a root, or lists it no longer.',
    });
  return {
    ...(lifetime === undefined ? {} : { lifetime: parseDuration(lifetime) }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(nextRoots.length === 0 ? {} : { nextRoots }),
    retire,
    lost,
    list,
    repin: options.flag('repin'),
    ...(last === undefined ? {} : { last: { name: last, bytes: readFile(last, MAX_BUNDLE_FILE) } }),
  };
}

/** Returns how many bundles are wanted, or undefined if not given. Error: `usage`. */
export function seriesIn(options: TextOptions): number | undefined {
  return numberIn(options, 'series');
}

/** Returns a commitment: given in hex, or as a key or a root of this authority. */
function commitment(authority: Authority, options: TextOptions, text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes?.length === COMMITMENT_LENGTH) return bytes;
  const record = recordNamed(authority, text);
  if (record !== undefined) return commitmentOf(record.scheme, record.publicKey);
  const root = authority.roots.find(({ file, fingerprint }) =>
    [file, basename(file), basename(file, '.pem'), fingerprint].includes(text),
  );
  if (root !== undefined) return commitmentTo(root.credential);
  const what = `${options.written('next-root')} ${JSON.stringify(text)}`;
  throw usage(`${what} is neither a commitment (64 hex digits) nor a key or a root of this authority`, {
    hint: 'Name the key by its URI or name (keys/NAME.json), or give the commitment that was shown where its root in reserve was made.',
  });
}

function rootNamed(authority: Authority, options: TextOptions, name: string, text: string): string {
  const { credential, fingerprint } = findCredential(authority, text);
  if (credential.kind === 'as_credential') return fingerprint;
  throw usage(`${options.written(name)} ${text} is an intermediate`, { hint: 'Name a root.' });
}
