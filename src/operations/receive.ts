/** Brings this copy of an authority up to date from the copy of another site: what is there and not here is taken over, on record. */
import { equalBytes, toHex } from '../common/bytes.js';
import { refused } from '../common/errors.js';
import { exists, MAX_BUNDLE_FILE, readFile } from '../common/files.js';
import type { Authority } from '../authority/authority.js';
import { inAuthority } from '../authority/layout.js';
import { applyChange, type ChangeFile } from '../authority/store.js';
import { lastingFiles } from '../authority/unrecorded.js';
import { hash } from '../crypto/hash.js';
import type { Desk } from './desk.js';

/**
 * Takes over credentials, revocations, bundles and their marks, and records of keys. `from` was opened: its own transcripts name every file of it. Returns the
 * files, relative to the authority. Errors: `domain-mismatch`, `nothing-new`, `sites-differ`, `declined`.
 */
export async function receive(desk: Desk, from: Authority): Promise<readonly string[]> {
  const { authority, atSeconds, writer } = desk;
  if (from.settings.domain !== authority.settings.domain) {
    throw refused(
      'domain-mismatch',
      `${from.dir} is of ${from.settings.domain}, and this one of ${authority.settings.domain}`,
      {
        hint: 'Name the copy of another site of the same authority.',
      },
    );
  }
  const theirs = lastingFiles(from.dir).map((path) => ({
    path,
    bytes: readFile(inAuthority(from.dir, path), MAX_BUNDLE_FILE),
  }));
  const here = (path: string): string => inAuthority(authority.dir, path);
  const differing = theirs.filter(
    ({ path, bytes }) => exists(here(path)) && !equalBytes(readFile(here(path), MAX_BUNDLE_FILE), bytes),
  );
  if (differing.length > 0) {
    throw refused(
      'sites-differ',
      `the sites hold other things under one name: ${differing.map(({ path }) => path).join(', ')}`,
      {
        hint: 'Two sites made something without each other. Find out which of both clients know, and withdraw or revoke the other there.',
      },
    );
  }
  const files: readonly ChangeFile[] = theirs.filter(({ path }) => !exists(here(path)));
  if (files.length === 0) {
    throw refused('nothing-new', `${from.dir} holds nothing that is not here`, { hint: 'Nothing is left to do.' });
  }
  await desk.confirm({
    title: 'What another site made',
    rows: [
      ['from', from.dir],
      ['head of its record', from.transcripts.head],
      ...files.map(({ path, bytes }) => [path, `SHA-256 ${toHex(hash('sha256', bytes))}`] as const),
    ],
    changes: files.map(({ path }) => `${path} is written`),
    warnings: [
      'The next bundle lists these credentials and revocations, and nothing is ever unrevoked. Compare the head with what the other site says.',
    ],
  });
  applyChange(authority, {
    operation: 'ledger receive',
    files,
    events: [{ event: 'received', fields: { head: from.transcripts.head } }],
    atSeconds,
    writer,
  });
  return files.map(({ path }) => path);
}
