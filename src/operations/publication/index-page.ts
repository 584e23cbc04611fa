/** The web page for people: it shows what the bundle says, and nothing else. */
import { decodeBundle } from '../../bundle/bundle.js';
import { type BundlePayload, payloadHash } from '../../bundle/payload.js';
import { toHex } from '../../common/bytes.js';
import type { FolderFile } from '../../common/new-folder.js';
import { formatTime } from '../../common/time.js';
import type { AsCredential } from '../../credential/as-credential.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import type { IntermediateAsCredential } from '../../credential/intermediate-as-credential.js';
import { ciphersuiteName } from '../../crypto/ciphersuite.js';
import { hash } from '../../crypto/hash.js';
import { fingerprintCard } from '../../paper/fingerprint-card.js';
import { type Html, html } from '../../paper/html.js';
import { facts, htmlTable } from '../../paper/html-table.js';
import { timeLine } from '../../paper/html-time-line.js';
import { pageBytes } from '../../paper/page.js';
import { commandLines, hexCode, time } from '../../paper/values.js';
import type { Issue } from './choose.js';
import { BUNDLE, EARLIER_PURPOSE, FINGERPRINTS, JSON_VIEW, PURPOSES, SIGNER_PURPOSE, SUMS } from './names.js';
import { freshCommand, heldCommands, type InWords, pinsFor, whosePins } from './texts.js';

type Listed = AsCredential | IntermediateAsCredential;

const hexOf = (one: Listed): string => toHex(fingerprintOf(one));
const short = (one: Listed): string => hexOf(one).slice(0, 16);

/** Returns the page. `files` are those beside it. */
export async function indexPage(issue: Issue, files: readonly FolderFile[], inWords: InWords): Promise<Uint8Array> {
  const { bundle } = issue;
  const { payload } = bundle;
  const { asDomain, sequence, issuedAt, expiresAt } = payload;
  return pageBytes({
    title: `AS credentials of ${asDomain}`,
    lede: html`Bundle ${sequence}. Clients accept it from ${time(issuedAt)} until ${time(expiresAt)}.`,
    sections: [
      { id: 'roots', heading: 'Root fingerprints', body: await rootsBody(payload) },
      { id: 'hierarchy', heading: 'Hierarchy', body: hierarchyBody(payload) },
      { id: 'time-line', heading: 'Time line', body: timeLineBody(payload) },
      { id: 'credentials', heading: 'All credentials', body: credentialsBody(payload) },
      { id: 'revoked', heading: 'Revoked', body: revokedBody(payload) },
      { id: 'bundle', heading: 'The bundle', body: bundleBody(issue) },
      { id: 'files', heading: 'Files', body: filesBody(issue, files) },
      { id: 'verify', heading: 'How to verify', body: verifyBody(issue, inWords) },
    ],
    footer: html`<p>
      Made by as-ceremony from the signed bundle. All times are UTC. This page loads nothing and runs nothing.
    </p> `,
  });
}

async function rootsBody({ asCredentials }: BundlePayload): Promise<Html> {
  const cards = await Promise.all(
    asCredentials.map((root, i) => {
      const hex = hexOf(root);
      const { notBefore, notAfter } = root.payload.expirationData;
      const title = asCredentials.length === 1 ? 'Root' : `Root ${String(i + 1)} of ${String(asCredentials.length)}`;
      return fingerprintCard({
        title,
        hex,
        what: 'the fingerprint',
        note: html`Valid from ${time(notBefore)} until ${time(notAfter)}; ${ciphersuiteName(root.payload.ciphersuite)}.`,
      });
    }),
  );
  return html`<p class="warning">
      Whoever can change this page can change what it shows. Compare a root's fingerprint with one that you learnt by
      another way: every digit, every word, or by the QR code.
    </p>
    ${cards}`;
}

function hierarchyBody({ asCredentials, asIntermediateCredentials }: BundlePayload): Html {
  const line = (one: Listed, name: string): Html => {
    const { notBefore, notAfter } = one.payload.expirationData;
    return html`${name} <code>${short(one)}</code> <span class="when">${time(notBefore)} to ${time(notAfter)}</span>`;
  };
  const roots = asCredentials.map((root) => {
    const children = asIntermediateCredentials
      .filter(({ payload: { signerFingerprint } }) => toHex(signerFingerprint) === hexOf(root))
      .map((one) => html`<li>${line(one, 'Intermediate')}</li> `);
    const below =
      children.length === 0
        ? html`<p class="note">No intermediate in this bundle.</p>`
        : html`<ul>
            ${children}
          </ul>`;
    return html`<li>${line(root, 'Root')} ${below}</li> `;
  });
  return html`<ul class="tree">
    ${roots}
  </ul> `;
}

function timeLineBody({ asCredentials, asIntermediateCredentials, issuedAt, expiresAt }: BundlePayload): Html {
  const byTime = (a: Listed, b: Listed): number =>
    a.payload.expirationData.notBefore - b.payload.expirationData.notBefore ||
    a.payload.expirationData.notAfter - b.payload.expirationData.notAfter;
  const row = (one: Listed) => {
    const { notBefore, notAfter } = one.payload.expirationData;
    const main = one.kind === 'as_credential';
    return { label: html`${main ? 'root' : 'intermediate'} ${short(one)}`, from: notBefore, to: notAfter, main };
  };
  const rows = [...[...asCredentials].sort(byTime), ...[...asIntermediateCredentials].sort(byTime)].map(row);
  return html`<p class="note">When each credential is valid. The shaded time is that of this bundle.</p>
    ${timeLine({ title: 'Validities', rows, band: { from: issuedAt, to: expiresAt } })}`;
}

function credentialsBody({ asCredentials, asIntermediateCredentials }: BundlePayload): Html {
  return htmlTable({
    caption: `${String(asCredentials.length)} AS root credentials and ${String(asIntermediateCredentials.length)} intermediate AS credentials`,
    head: ['Fingerprint', 'Kind', 'Valid from', 'Valid until', 'Ciphersuite'],
    rows: [...asCredentials, ...asIntermediateCredentials].map((one) => {
      const { expirationData, ciphersuite } = one.payload;
      return [
        hexCode(hexOf(one)),
        one.kind === 'as_credential' ? 'root' : 'intermediate',
        time(expirationData.notBefore),
        time(expirationData.notAfter),
        html`<span class="name">${ciphersuiteName(ciphersuite)}</span>`,
      ];
    }),
  });
}

function revokedBody({ revokedCerts }: BundlePayload): Html {
  if (revokedCerts.length === 0) return html`<p>Nothing is revoked.</p> `;
  return htmlTable({
    caption: 'Revoked for good; nothing is ever unrevoked',
    head: ['Fingerprint', 'Revoked at', 'Reason'],
    rows: revokedCerts.map(({ fingerprint, revokedAt, reason }) => [
      hexCode(toHex(fingerprint)),
      time(revokedAt),
      reason,
    ]),
  });
}

function bundleBody({ bundle: { payload, payloadBytes, encoded } }: Issue): Html {
  const { sequence, issuedAt, expiresAt, previous, threshold, nextRoots, asCredentials } = payload;
  return facts([
    ['Domain', payload.asDomain],
    ['Sequence', sequence],
    ['Issued at', time(issuedAt)],
    ['Expires at', time(expiresAt)],
    ['Roots that must sign the next', `${String(threshold)} of ${String(asCredentials.length)}`],
    ...(nextRoots.length === 0
      ? [['Commitments to next roots', 'none'] as const]
      : nextRoots.map((one) => ['Commitment to a next root', hexCode(toHex(one))] as const)),
    ...decodeBundle(encoded).signatures.map(
      ({ kid, scheme }) => ['Signed by', html`${hexCode(toHex(kid))} (${scheme.name})`] as const,
    ),
    ['SHA-256 of its payload', hexCode(toHex(payloadHash(payloadBytes)))],
    ['SHA-256 of the payload before', previous === null ? 'none: it is the first' : hexCode(toHex(previous))],
  ]);
}

function filesBody({ earlier }: Issue, files: readonly FolderFile[]): Html {
  const purposes = new Map(PURPOSES);
  return html`${htmlTable({
    caption: `Their SHA-256 are in ${SUMS} too`,
    head: ['File', 'What it is', 'Bytes', 'SHA-256'],
    rows: files.map(({ path, bytes }) => [
      html`<a href="${path}">${path}</a>`,
      purposes.get(path) ?? (path.startsWith('signers/') ? SIGNER_PURPOSE : EARLIER_PURPOSE),
      bytes.length,
      hexCode(toHex(hash('sha256', bytes))),
    ]),
  })}${earlier.length === 0 ? [] : [html`<p class="note">The earlier bundles are for clients that hold one from before a change of the roots, and for those who compare.</p> `]}`;
}

function verifyBody(issue: Issue, inWords: InWords): Html {
  const { payload } = issue.bundle;
  const [root] = payload.asCredentials;
  const algorithm = root?.payload.ciphersuite.hash.name ?? 'sha256';
  const stepping = issue.earlier.length > 0;
  return html`<p>Were all files copied whole:</p>
    ${commandLines([`sha256sum -c ${SUMS}`])}
    <p>
      The bundle, as a new client accepts it, with ${whosePins(payload)} that you learnt from another source (whole, in
      hex or in words):
    </p>
    ${commandLines([inWords(freshCommand(issue))])}
    <p>
      As a client that holds an earlier bundle accepts it
      (<code>HELD.cose</code>)${stepping ? ', and as one that must step through changes of the roots first: name those of earlier/ that are numbered above the one held, in their order, each by an option of its own' : ''}:
    </p>
    ${commandLines(heldCommands(issue).map(inWords))}
    <p>
      A root's fingerprint without as-ceremony: the hash of its encoding. What this prints must be what you learnt by
      another way, and what is in ${FINGERPRINTS}:
    </p>
    ${commandLines([`jq -r '.as_credentials[0].encoded' ${JSON_VIEW} | base64 -d | ${algorithm}sum`])}
    <p>An intermediate or a client credential, under this bundle:</p>
    ${commandLines([
      inWords({ command: 'verify', args: ['CREDENTIAL.pem'], options: { bundle: BUNDLE, ...pinsFor(payload) } }),
    ])}
    <p class="note">
      The bundle expires ${formatTime(payload.expiresAt)}. A client refuses it from then on, so that nobody can keep an
      old one before it forever.
    </p> `;
}
