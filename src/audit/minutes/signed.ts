/** What was signed, what was written, and which keys in HSMs were used. */
import type { EventFields, HsmFields } from '../../authority/events/event.js';
import { eventsOf } from '../../authority/formats/transcript.js';
import { type Html, html, type HtmlPart } from '../../paper/html.js';
import { facts, htmlTable } from '../../paper/html-table.js';
import { hexCode, time } from '../../paper/values.js';
import type { Proceedings } from '../proceedings/proceedings.js';

export function signedBody({ entries, report }: Proceedings): Html {
  const events = eventsOf(entries, 'sign');
  if (events.length === 0) return html`<p>Nothing was signed.</p>`;
  const states = new Map(report.signEvents.map((one) => [one.seq, one]));
  return htmlTable({
    caption: 'Each signature, and the file in which it was found and verified by two implementations',
    head: ['What', 'Time', 'SHA-256 of the signed bytes', 'Signed by', 'Found in'],
    rows: events.map(({ seq, atSeconds, fields }) => {
      const state = states.get(seq);
      return [
        fields.what === 'bundle' ? `bundle ${String(fields.sequence)}` : fields.what,
        time(atSeconds),
        hexCode(fields.signed_sha256),
        signer(fields),
        state?.file ?? html`<span class="loud">not found in a file at hand</span>`,
      ];
    }),
  });
}

function signer(fields: EventFields<'sign'>): Html {
  if (fields.what === 'bundle') return html`root ${hexCode(fields.kid)}`;
  const root = fields.what === 'IntermediateAsCredential' ? [html`root ${hexCode(fields.signer)} `] : [];
  return html`${root}public key (SHA-256) ${hexCode(fields.public_key_sha256)}`;
}

export function filesBody({ report }: Proceedings): Html {
  const { files } = report;
  if (files.length === 0) return html`<p>No files are on record.</p>`;
  const says: Readonly<Record<string, string>> = {
    same: 'there, as recorded',
    missing: 'not there',
    'may-change': 'may change later',
    unchecked: 'not checked',
  };
  return htmlTable({
    caption: 'Files on record, relative to the authority. Key files are secret, and are in no transcript',
    head: ['File', 'SHA-256', 'Now'],
    rows: files.map(({ path, sha256, state, why }) => [
      path,
      hexCode(sha256),
      `${says[state] ?? state}${why === undefined ? '' : `: ${why}`}`,
    ]),
  });
}

/** Shows every use of a key in an HSM, as token and key were read back. */
export function devicesBody({ entries }: Proceedings): Html {
  const keys = eventsOf(entries, 'key');
  if (keys.length === 0) return html`<p>No key in an HSM was used.</p>`;
  return html`${keys.map(({ seq, fields }) => {
    return html`<h3>Key ${fields.what}: ${fields.key} (line ${seq + 1})</h3>
      ${facts('hsm' in fields ? hsmRows(fields.hsm) : [])}`;
  })}`;
}

const DEVICE = [
  'manufacturer',
  'model',
  'serial',
  'firmware',
  'token',
  'label',
  'id',
  'mechanism',
  'origin',
  'backup',
] as const;

function hsmRows(hsm: HsmFields): readonly (readonly [string, HtmlPart])[] {
  const attributes = Object.entries(hsm.attributes).map(([name, value]) => `${name} ${String(value ?? 'unknown')}`);
  return [
    ...DEVICE.filter((name) => hsm[name] !== '').map((name) => [name, hsm[name]] as const),
    ['SHA-256 of the public key', hexCode(hsm.public_key_sha256)],
    ['attributes, read back', attributes.join(', ')],
    ...hsm.unproven.map((one) => ['to be believed', one] as const),
  ];
}
