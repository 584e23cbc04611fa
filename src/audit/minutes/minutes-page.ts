/** The minutes of a ceremony or of a single command: one page for people, to be printed and signed by hand. */
import { basename } from 'node:path';
import { type EventFields, REHEARSAL } from '../../authority/events/event.js';
import { eventsOf } from '../../authority/formats/transcript.js';
import { fingerprintCard } from '../../paper/fingerprint-card.js';
import { type Html, html, type HtmlPart } from '../../paper/html.js';
import { facts, htmlTable } from '../../paper/html-table.js';
import { inkLines } from '../../paper/ink.js';
import { pageBytes, type Section } from '../../paper/page.js';
import { paperStyles } from '../../paper/paper-styles.js';
import { hexCode, time } from '../../paper/values.js';
import type { Departure } from '../proceedings/departures.js';
import type { Present } from '../proceedings/people-present.js';
import type { Proceedings } from '../proceedings/proceedings.js';
import { titleOf } from '../proceedings/title.js';
import type { Witness } from '../verify/witnesses.js';
import { fingerprintsBody, hierarchyBody } from './hierarchy.js';
import { stepsBody } from './minutes-steps.js';
import { devicesBody, filesBody, signedBody } from './signed.js';

/** Returns the whole file. The same transcript, beside the same files, gives the same bytes. */
export async function minutesPage(proceedings: Proceedings): Promise<Uint8Array> {
  const { report, domain, steps } = proceedings;
  const { rehearsal, head } = report.transcript;
  const what = titleOf(proceedings);
  const sections: readonly Section[] = [
    { id: 'short', heading: 'In short', body: shortBody(proceedings) },
    { id: 'people', heading: 'People', body: peopleBody(proceedings) },
    { id: 'deviations', heading: 'Deviations', body: deviationsBody(proceedings) },
    {
      id: 'steps',
      heading: steps.length === 0 ? 'What happened' : 'Plan and fact, step by step',
      body: stepsBody(proceedings),
    },
    { id: 'signed', heading: 'What was signed', body: signedBody(proceedings) },
    { id: 'fingerprints', heading: 'Fingerprints', body: await fingerprintsBody(proceedings) },
    { id: 'hierarchy', heading: 'The hierarchy', body: hierarchyBody(proceedings) },
    { id: 'devices', heading: 'Keys in HSMs', body: devicesBody(proceedings) },
    { id: 'files', heading: 'Files', body: filesBody(proceedings) },
    { id: 'program', heading: 'The program', body: programBody(proceedings) },
    { id: 'head', heading: 'The head', body: await headBody(head) },
    { id: 'limits', heading: 'What this cannot vouch for', body: sentences(report.caveats) },
    { id: 'signatures', heading: 'Signatures by hand', body: inkBody(proceedings) },
  ];
  return pageBytes({
    title: `${rehearsal ? `${REHEARSAL}: ` : ''}Minutes: ${what}`,
    lede: html`${domain ?? 'An authority that is not at hand'}, ${time(proceedings.start.atSeconds)} to
    ${time(proceedings.end.atSeconds)}.`,
    ...(rehearsal
      ? {
          mark: { word: REHEARSAL, says: 'nothing in it is real, and no signature on it counts for a real ceremony' },
        }
      : {}),
    sheet: paperStyles({ foot: `${what}, head ${head.slice(0, 16)}`, ...(rehearsal ? { mark: REHEARSAL } : {}) }),
    sections,
    footer: html`<p>
      Made by as-ceremony from the transcript, after it was verified. The transcript is the record; this page only shows
      it. All times are UTC. This page loads nothing and runs nothing.
    </p> `,
  });
}

function shortBody(proceedings: Proceedings): Html {
  const { report, start, end, script, planned, plan, domain, outcome, entries, steps } = proceedings;
  const { transcript, link } = report;
  const rows: (readonly [string, HtmlPart])[] = [
    ['What', titleOf(proceedings)],
    ['Real or not', transcript.rehearsal ? html`<span class="loud">${REHEARSAL}</span>` : 'real'],
    ['Domain', domain ?? 'not at hand'],
    ['Machine', start.fields.machine],
    ['Place', inkLines(['*place and room'])],
    ['Began', time(start.atSeconds)],
    ['Ended', time(end.atSeconds)],
    ...(outcome === undefined
      ? []
      : [['Outcome', html`<span class="${outcome === 'completed' ? 'good' : 'loud'}">${outcome}</span>`] as const]),
    ...(steps.length === 0 ? [] : [['Steps', stepCount(steps)] as const]),
    ['Command', `${start.fields.command}, by ${start.fields.tool} ${start.fields.tool_version}`],
    ...(script === undefined
      ? []
      : [['Script', script.fields.name] as const, ['SHA-256 of the script', hexCode(script.fields.sha256)] as const]),
    ...(planned === undefined ? [] : planRows(planned.fields, plan !== undefined)),
    ['Transcript', basename(transcript.path)],
    ['Lines', String(entries.length)],
    ['Head', hexCode(transcript.head)],
    ['Follows the transcript with head', hexCode(transcript.previousTranscript)],
    [
      'Verified',
      link.state === 'linked'
        ? 'each line follows from the one before; it follows the transcript before it; every file at hand is as recorded'
        : `each line follows from the one before; the transcript before it was not checked (${link.why})`,
    ],
  ];
  return facts(rows);
}

/** Returns `7 of 9 done, 2 not done`. */
function stepCount(steps: Proceedings['steps']): Html {
  const done = steps.filter(({ outcome }) => outcome === 'done').length;
  const others = [...new Set(steps.map(({ outcome }) => outcome))].filter((one) => one !== 'done');
  const count = (one: string): string =>
    `, ${String(steps.filter(({ outcome }) => outcome === one).length)} ${one.replaceAll('-', ' ')}`;
  const planned = others.filter((one) => one === 'left-out').map(count);
  const counts = others.filter((one) => one !== 'left-out').map(count);
  return html`${done} of ${steps.length} done${planned.join('')}<span class="loud">${counts.join('')}</span>`;
}

function planRows(
  { sha256, window, approvals }: EventFields<'plan'>,
  atHand: boolean,
): readonly (readonly [string, HtmlPart])[] {
  return [
    ['SHA-256 of the plan', html`${hexCode(sha256)}${atHand ? '' : ' (it is not at hand)'}`],
    ['Window', `${window.from} until ${window.until}`],
    [
      'Approved before',
      approvals.length === 0
        ? 'by nobody'
        : html`${approvals.map(({ principal, key }) => html`<div>${principal} <code>${key}</code></div>`)}`,
    ],
  ];
}

function peopleBody({ people, report }: Proceedings): Html {
  const states = new Map(report.witnesses.map((one) => [one.principal, one]));
  if (people.length === 0) return html`<p>Nobody is named in the transcript.</p>`;
  return htmlTable({
    caption: 'Who was there, as the transcript has it, and whose digital signature is on the transcript',
    head: ['Name', 'Role', 'Signs as', 'Signature', 'In place of'],
    rows: people.map((person) => {
      const { name, role, principal = '', substituteFor = '' } = person;
      return [name, role, principal, signatureText(person, states.get(principal)), substituteFor];
    }),
  });
}

/** Whether the signature under somebody's principal counts as theirs; if it doesn't, why. */
function signatureText({ signsAlsoAs }: Present, witness: Witness | undefined): Html {
  if (witness === undefined) return html`<span class="quiet">none asked for</span>`;
  const { state, counts } = witness;
  if (state !== 'valid') return html`<span class="quiet">${state}</span>`;
  if (counts && signsAlsoAs.length === 0) return html`<span class="good">${state}</span>`;
  const shared = signsAlsoAs.length === 0 ? [] : [`it is also that of ${signsAlsoAs.join(' and ')}`];
  const why = [witness.why, ...shared].filter((one) => one !== undefined).join('; ');
  return html`<span class="loud">${state}, and does not count: ${why}</span>`;
}

function deviationsBody({ departures, steps }: Proceedings): Html {
  const accepted = departures.filter(({ kind }) => kind === 'deviation');
  const warnings = departures.filter(({ kind }) => kind === 'warning');
  const others = departures.filter(({ kind }) => kind !== 'deviation' && kind !== 'warning');
  const none =
    steps.length === 0
      ? 'A single command has no plan to deviate from.'
      : 'No deviation that somebody accepted is on record.';
  return html`${accepted.length === 0 ? html`<p>${none}</p>` : departureTable('Deviations, and who accepted each', accepted, true)}
    ${others.length === 0 ? [] : [departureTable('What else did not go as planned', others, false)]}
    ${warnings.length === 0 ? [] : [departureTable('What the checks of the machine objected to', warnings, false)]}
    <p class="note">Line numbers are those of the transcript, from 1.</p>`;
}

function departureTable(caption: string, departures: readonly Departure[], accepted: boolean): Html {
  return htmlTable({
    caption,
    head: ['Step', 'What', ...(accepted ? ['Accepted by'] : []), 'Time', 'Line'],
    rows: departures.map(({ step, what, acceptedBy, atSeconds, line }) => [
      step === '' ? 'none' : step,
      html`<span class="${accepted ? 'loud' : ''}">${what}</span>`,
      ...(accepted ? [acceptedBy ?? ''] : []),
      atSeconds === undefined ? '' : time(atSeconds),
      line === undefined ? '' : String(line),
    ]),
  });
}

function programBody({ entries, start }: Proceedings): Html {
  const [program] = eventsOf(entries, 'program');
  if (program === undefined)
    return html`<p>${start.fields.tool} ${start.fields.tool_version}; a single command records no hashes.</p>`;
  const { version, node, hashes } = program.fields;
  const own = hashes.filter(({ name }) => !name.startsWith('node_modules/'));
  return html`<p>
      Version ${version}, run by Node ${node}. ${hashes.length - own.length} more files, of packages, are in line
      ${program.seq + 1} of the transcript.
    </p>
    ${htmlTable({
      caption: 'Its own files as they ran: compare them with a copy from elsewhere',
      head: ['File', 'SHA-256'],
      rows: own.map(({ name, sha256 }) => [name, hexCode(sha256)]),
    })}`;
}

async function headBody(head: string): Promise<Html> {
  return html`${await fingerprintCard({
      title: 'SHA-256 of the last line of the transcript',
      hex: head,
      what: 'the head',
      note: html`Without this program: <code>tail -1 FILE | tr -d '\\n' | sha256sum</code>`,
    })}
    <p class="note">
      Whoever keeps this hash can tell later whether the transcript, or any transcript before it, was changed.
    </p>`;
}

function sentences(all: readonly string[]): Html {
  return html`<ul class="plain">
    ${all.map((one) => html`<li>${one}</li> `)}
  </ul>`;
}

function inkBody({ people, report }: Proceedings): Html {
  const principals = report.transcript.toSign.filter((one) => !people.some(({ principal }) => principal === one));
  const names = [
    ...people.map(({ name, role }) => html`<strong>${name}</strong>, ${role}`),
    ...principals.map((one) => html`<strong>${one}</strong>`),
  ];
  return html`<div class="whole">
    <p>I was there, I have read these minutes, and they are right.</p>
    <ul class="signers">
      ${names.map((name) => html`<li>${name} ${inkLines(['*signature', 'date', 'place'])}</li> `)}
      ${Array.from({ length: names.length === 0 ? 3 : 1 }, () => html`<li>${inkLines(['*name', 'role', '*signature', 'date'])}</li> `)}
    </ul>
  </div>`;
}
