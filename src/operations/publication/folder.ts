/**
 * The folder for a web server, as files: one web root for the current bundle, and one for each that was signed ahead.
 */
import { publishedSet } from '../../bundle/published-set.js';
import { utf8 } from '../../common/bytes.js';
import type { FolderContent, FolderFile } from '../../common/new-folder.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { encodeAsCredentialsResponse } from '../../credential/as-credentials-response.js';
import { encodeCredentialFile } from '../../credential/credential-file.js';
import type { PastBundle } from '../lifecycle/bundle-history.js';
import { type Issue, publicationAt } from './choose.js';
import { indexPage } from './index-page.js';
import { jsonView } from './json-view.js';
import {
  BUNDLE,
  earlierName,
  FINGERPRINTS,
  INDEX,
  JSON_VIEW,
  LATER,
  laterName,
  README,
  RESPONSE,
  signerName,
  SUMS,
} from './names.js';
import { fingerprintsText, type InWords, readmeText, scheduleText, sums } from './texts.js';

export interface PublishedBundle {
  readonly sequence: number;
  /** Relative to the folder. */
  readonly file: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface PublicationFolder {
  readonly content: FolderContent;
  readonly current: PublishedBundle;
  /** In rising order of sequence. */
  readonly later: readonly PublishedBundle[];
  readonly earlier: readonly PublishedBundle[];
  /**
   * The authority's files of bundles above the current one that have begun, and are on record as withdrawn. None of
   * them is in the folder.
   */
  readonly withdrawn: readonly string[];
}

/**
 * Returns the folder. The same bundles and roots, with the same current bundle, give the same bytes. `inWords` words a
 * command as strangers type it. Errors: those of `publicationAt`.
 */
export async function publicationFolder(
  history: readonly PastBundle[],
  roots: readonly AsCredential[],
  atSeconds: number,
  inWords: InWords,
): Promise<PublicationFolder> {
  const { current, later } = publicationAt(history, roots, atSeconds);
  const files = [...(await webRoot(current, inWords))];
  for (const issue of later) {
    const folder = laterName(issue.bundle);
    files.push(...(await webRoot(issue, inWords)).map(({ path, bytes }) => ({ path: `${folder}/${path}`, bytes })));
  }
  if (later.length > 0) files.push({ path: `${LATER}/${README}`, bytes: scheduleText(current, later, inWords) });
  return {
    content: { files, closed: later.length > 0 ? [LATER] : [] },
    current: published(current.bundle, BUNDLE),
    later: later.map(({ bundle }) => published(bundle, `${laterName(bundle)}/${BUNDLE}`)),
    earlier: current.earlier.map((bundle) => published(bundle, earlierName(bundle))),
    withdrawn: history.flatMap(({ file, mark, payload: { sequence, issuedAt } }) =>
      mark?.state === 'withdrawn' && sequence > current.bundle.payload.sequence && issuedAt <= atSeconds ? [file] : [],
    ),
  };
}

function published({ payload: { sequence, issuedAt, expiresAt } }: PastBundle, file: string): PublishedBundle {
  return { sequence, file, issuedAt, expiresAt };
}

async function webRoot(issue: Issue, inWords: InWords): Promise<readonly FolderFile[]> {
  const { bundle, earlier, signers } = issue;
  const files: FolderFile[] = [
    { path: BUNDLE, bytes: bundle.encoded },
    { path: RESPONSE, bytes: encodeAsCredentialsResponse(publishedSet(bundle.payload)) },
    { path: JSON_VIEW, bytes: jsonView(bundle) },
    { path: FINGERPRINTS, bytes: fingerprintsText(issue) },
    { path: README, bytes: readmeText(issue, inWords) },
    ...earlier.map((one) => ({ path: earlierName(one), bytes: one.encoded })),
    ...signers.map((root) => ({ path: signerName(root), bytes: utf8(encodeCredentialFile(root)) })),
  ];
  const withPage = [...files, { path: INDEX, bytes: await indexPage(issue, files, inWords) }];
  return [...withPage, { path: SUMS, bytes: sums(withPage) }];
}
