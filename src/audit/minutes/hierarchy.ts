/** Fingerprints of what was made, and its place among all credentials. */
import { eventsOf } from '../../authority/formats/transcript.js';
import { toHex } from '../../common/bytes.js';
import { ciphersuiteName } from '../../crypto/ciphersuite.js';
import { fingerprintCard } from '../../paper/fingerprint-card.js';
import { type Html, html } from '../../paper/html.js';
import { timeLine } from '../../paper/html-time-line.js';
import { hexCode, time } from '../../paper/values.js';
import { type Credential, fingerprintHex } from '../proceedings/made.js';
import type { Proceedings } from '../proceedings/proceedings.js';

/** More would take long to draw, and nobody compares so many. */
const MOST_CARDS = 40;

const nameOf = (one: Credential): string => (one.kind === 'as_credential' ? 'Root' : 'Intermediate');
const short = (one: Credential): string => fingerprintHex(one).slice(0, 16);

export async function fingerprintsBody({ made, entries }: Proceedings): Promise<Html> {
  const here = made.credentials.map(({ path, holds }) => {
    const { notBefore, notAfter } = holds.payload.expirationData;
    const suite = ciphersuiteName(holds.payload.ciphersuite);
    return {
      hex: fingerprintHex(holds),
      title: `${nameOf(holds)}: ${path}`,
      note: html`Valid from ${time(notBefore)} until ${time(notAfter)}; ${suite}.`,
    };
  });
  const told = eventsOf(entries, 'done')
    .flatMap(({ seq, fields }) => {
      const hex = fields.result?.fingerprint;
      return hex === undefined || here.some((one) => one.hex === hex) ? [] : [{ hex, line: seq + 1 }];
    })
    .map(({ hex, line }) => ({
      hex,
      title: `Made in line ${String(line)}`,
      note: html`As the transcript says; the credential itself is not at hand.`,
    }));
  const all = [...new Map([...here, ...told].map((one) => [one.hex, one])).values()];
  if (all.length === 0) return html`<p>No credential was made.</p>`;
  const cards = await Promise.all(
    all.slice(0, MOST_CARDS).map((one) => fingerprintCard({ ...one, what: 'the fingerprint' })),
  );
  return html`${cards}${all.slice(MOST_CARDS).map(({ title, hex }) => html`<p>${title}: ${hexCode(hex)}</p> `)}`;
}

export function hierarchyBody({ made, start, end }: Proceedings): Html {
  if (made.hierarchy.length === 0) return html`<p>No credential is at hand.</p>`;
  const own = new Set(made.credentials.map(({ holds }) => fingerprintHex(holds)));
  const rows = made.hierarchy.map((one) => {
    const { notBefore, notAfter } = one.payload.expirationData;
    const main = one.kind === 'as_credential';
    return { label: html`${nameOf(one).toLowerCase()} ${short(one)}`, from: notBefore, to: notAfter, main };
  });
  const list = made.hierarchy.map((one) => {
    const signer =
      one.kind === 'as_credential'
        ? 'signed by itself'
        : `signed by ${toHex(one.payload.signerFingerprint).slice(0, 16)}`;
    return html`<li>
      ${nameOf(one)} <code>${short(one)}</code>, ${signer}${own.has(fingerprintHex(one)) ? ', made here' : ''}
    </li> `;
  });
  return html`<ul class="plain">
      ${list}
    </ul>
    <p class="note">When each is valid. The ceremony was from ${time(start.atSeconds)} to ${time(end.atSeconds)}.</p>
    ${timeLine({ title: 'Validities', rows })}`;
}
