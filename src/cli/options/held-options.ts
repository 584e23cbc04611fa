/**
 * Options for what is trusted before a bundle is verified: pins with the number of those that must have signed, or the
 * last accepted bundle.
 */
import { looksLikePem } from '../../codec/pem.js';
import { refused, usage } from '../../common/errors.js';
import { MAX_BUNDLE_FILE, readFile } from '../../common/files.js';
import { numberIn } from '../../operations/context/text-options.js';
import type { BundleQuestion } from '../../verify/accept-bundle.js';
import { collect, type Command, type Options } from '../program/command.js';

export function addHeldOptions(command: Command): Command {
  return addThreshold(command)
    .option('--last <file>', 'the last bundle that you accepted; replaces pins')
    .option('--via <file>', 'a bundle between that one and this one, in order (repeatable)', collect);
}

function addThreshold(command: Command): Command {
  return command.option(
    '--threshold <n>',
    'how many of the trusted roots must have signed the bundle; required with two or more',
  );
}

/** Reads a bundle's file. Errors: `bundle-malformed` for PEM, those of reading. */
export function bundleFile(path: string): Uint8Array {
  const bytes = readFile(path, MAX_BUNDLE_FILE);
  if (!looksLikePem(bytes)) return bytes;
  throw refused('bundle-malformed', `${path} is a PEM file, not a signed bundle`, {
    hint: 'Name the .cose file; for a credential, use verify.',
  });
}

/** Returns what the client holds; `pins` are those of --trust. Errors: `usage`, those of `bundleFile`. */
export function heldIn(options: Options, pins: readonly Uint8Array[]): Pick<BundleQuestion, 'held' | 'via'> {
  const last = options.text('last');
  const threshold = numberIn(options, 'threshold');
  if (last === undefined) {
    if (options.texts('via').length > 0) throw usage('--via goes with --last');
    return { held: { pins, threshold } };
  }
  if (threshold !== undefined) {
    throw usage('--threshold goes with --trust', { hint: 'With --last, that bundle says how many must sign.' });
  }
  return { held: { last: bundleFile(last) }, via: options.texts('via').map(bundleFile) };
}
