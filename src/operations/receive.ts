/** Brings this copy of an authority up to date from the copy of another site: what is there and not here is taken over, on record. */
import { equalBytes, toHex } from '../common/bytes.js';
import { CeremonyError, refused } from '../common/errors.js';
import { MAX_BUNDLE_FILE } from '../common/files.js';
import { openAuthority, type Authority } from '../authority/authority.js';
import { existsInside, listInside, readInside } from '../authority/inside.js';
import { withScratchCopy } from '../authority/scratch-copy.js';
import { applyChange, type Change } from '../authority/store.js';
import { lastingFiles } from '../authority/unrecorded.js';
import { checkNesting, checkSelfSignature, checkSignature } from '../credential/checks.js';
import type { VerificationEngine } from '../crypto/engine.js';
import { hash } from '../crypto/hash.js';
import type { Desk } from './desk.js';
import { verifiedHistory } from './history.js';
import { checkRoots } from './roots.js';

/**
 * Takes over credentials, revocations, bundles and their marks. Where keys lie, and which were destroyed, is each site's own business: nothing of that is
 * taken. `from` was opened: its own transcripts name every file of it, and nothing else of it is believed: what the two are together is tried out in a copy,
 * and verified, before it counts. Returns the files, relative to the authority.
 * Errors: `domain-mismatch`, `nothing-new`, `sites-differ`, `declined`.
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
  const theirs = lastingFiles((folder) => listInside(from.dir, folder))
    .filter((path) => !path.startsWith('keys/'))
    .map((path) => ({ path, bytes: readInside(from.dir, path, MAX_BUNDLE_FILE) }));
  const isHere = (path: string): boolean => existsInside(authority.dir, path);
  const differing = theirs.filter(
    ({ path, bytes }) => isHere(path) && !equalBytes(readInside(authority.dir, path, MAX_BUNDLE_FILE), bytes),
  );
  // Both sites revoked it, each in its own words: it is revoked, and what a bundle says of it counts in the end.
  const agreed = differing.filter(({ path }) => path.startsWith('revocations/'));
  if (differing.length > agreed.length) {
    throw sitesDiffer(
      `the sites hold other things under one name: ${differing.flatMap((one) => (agreed.includes(one) ? [] : [one.path])).join(', ')}`,
    );
  }
  const files = theirs.filter(({ path }) => !isHere(path));
  if (files.length === 0) {
    throw refused('nothing-new', `${from.dir} holds nothing that is not here`, { hint: 'Nothing is left to do.' });
  }
  const change: Change = {
    operation: 'ledger receive',
    files,
    events: [{ event: 'received', fields: { head: from.transcripts.head } }],
    atSeconds,
    writer,
  };
  await checkTogether(desk, change);
  await desk.confirm({
    title: 'What another site made',
    rows: [
      ['from', from.dir],
      ['head of its record', from.transcripts.head],
      ...files.map(({ path, bytes }) => [path, `SHA-256 ${toHex(hash('sha256', bytes))}`] as const),
    ],
    changes: files.map(({ path }) => `${path} is written`),
    warnings: [
      ...agreed.map(({ path }) => `${path} has another time or reason there; it stays as it is here`),
      'The next bundle lists these credentials and revocations, and nothing is ever unrevoked. Compare the head with what the other site says.',
    ],
  });
  applyChange(authority, change);
  return files.map(({ path }) => path);
}

/** Opens and verifies what the two sites hold together, in a copy. Error: `sites-differ`. */
async function checkTogether({ authority, engines, atSeconds }: Desk, change: Change): Promise<void> {
  await withScratchCopy(authority.dir, async (copy) => {
    applyChange(await openAuthority(copy), change);
    try {
      const together = await openAuthority(copy);
      checkRoots(together, engines);
      checkIntermediates(together, engines);
      verifiedHistory(together, engines, atSeconds);
    } catch (error) {
      if (!(error instanceof CeremonyError) || error.code === 'engines-disagree') throw error;
      const what = error.message.replaceAll(`${copy}/`, '');
      throw sitesDiffer(`what is there does not go together with what is here: ${what}`, error);
    }
  });
}

/** Those whose root is here; another's is listed by no bundle. Errors: the wire format's codes. */
function checkIntermediates({ roots, intermediates }: Authority, engines: readonly VerificationEngine[]): void {
  for (const { credential } of intermediates) {
    const signer = toHex(credential.payload.signerFingerprint);
    const root = roots.find(({ fingerprint }) => fingerprint === signer)?.credential;
    if (root === undefined) continue;
    checkSelfSignature(credential, engines);
    checkSignature(credential, root, engines);
    checkNesting(credential, root);
  }
}

function sitesDiffer(message: string, cause?: CeremonyError): CeremonyError {
  return refused('sites-differ', message, {
    hint: 'Two sites made something without each other, or one of them is not to be believed. Nothing was taken over. Find out which of both clients know, and put the other right at its site.',
    ...(cause === undefined ? {} : { findings: cause.findings, cause }),
  });
}
