/** What was signed, what was written, and the keys in HSMs that were at work. */
import { html, type Html } from '../../paper/html.js';
import { facts, htmlTable } from '../../paper/html-table.js';
import { hexCode, time } from '../../paper/values.js';
import type { TranscriptEntry } from '../../authority/formats/transcript.js';
import type { Proceedings } from '../reading/proceedings.js';
import { groupField, shown, textsField } from '../reading/fields.js';

export function signedBody({ entries, report }: Proceedings): Html {
  const events = entries.filter(({ event }) => event === 'sign');
  if (events.length === 0) return html`<p>Nothing was signed.</p>`;
  const states = new Map(report.signEvents.map((one) => [one.seq, one]));
  return htmlTable({
    caption: 'Each signature, and the file in which it was found and verified by two implementations',
    head: ['What', 'Time', 'SHA-256 of the signed bytes', 'Signed by', 'Found in'],
    rows: events.map(({ seq, atSeconds, fields }) => {
      const state = states.get(seq);
      return [
        `${shown(fields, 'what')}${shown(fields, 'sequence') === '' ? '' : ` ${shown(fields, 'sequence')}`}`,
        time(atSeconds),
        hexCode(shown(fields, 'signed_sha256')),
        signer(fields),
        state?.file ?? html`<span class="loud">not found in a file at hand</span>`,
      ];
    }),
  });
}

function signer(fields: TranscriptEntry['fields']): Html {
  const [key, kid, root] = ['public_key_sha256', 'kid', 'signer'].map((name) => shown(fields, name));
  const parts = [
    ...(root === undefined || root === '' ? [] : [html`root ${hexCode(root)} `]),
    ...(kid === undefined || kid === '' ? [] : [html`root ${hexCode(kid)} `]),
    ...(key === undefined || key === '' ? [] : [html`public key (SHA-256) ${hexCode(key)}`]),
  ];
  return html`${parts}`;
}

export function filesBody({ report }: Proceedings): Html {
  const { files } = report;
  if (files.length === 0) return html`<p>No files are on record.</p>`;
  const says: Readonly<Record<string, string>> = {
    same: 'there, as recorded',
    missing: 'not there',
    'may-change': 'may change later',
    unchecked: 'not looked at',
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

/** Every use of a key in an HSM, as token and key were read back. */
export function devicesBody({ entries }: Proceedings): Html {
  const keys = entries.filter(({ event }) => event === 'key');
  if (keys.length === 0) return html`<p>No key in an HSM was used.</p>`;
  return html`${keys.map(({ seq, fields }) => {
    const hsm = groupField(fields, 'hsm') ?? {};
    const attributes = Object.entries(groupField(hsm, 'attributes') ?? {}).map(
      ([name, value]) =>
        `${name} ${value === null ? 'unknown' : typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    const unproven = textsField(hsm, 'unproven');
    return html`<h3>Key ${shown(fields, 'what')}: ${shown(fields, 'key')} (line ${seq + 1})</h3>
      ${facts([
        ...['manufacturer', 'model', 'serial', 'firmware', 'token', 'label', 'id', 'mechanism', 'origin', 'backup']
          .filter((name) => shown(hsm, name) !== '')
          .map((name) => [name, shown(hsm, name)] as const),
        ...(shown(hsm, 'public_key_sha256') === ''
          ? []
          : ([['SHA-256 of the public key', hexCode(shown(hsm, 'public_key_sha256'))]] as const)),
        ...(attributes.length === 0 ? [] : ([['attributes, read back', attributes.join(', ')]] as const)),
        ...unproven.map((one) => ['to be believed', one] as const),
      ])}`;
  })}`;
}
