/** One event within a step, for people: what was said, asked, answered, seen. */
import { html, type Html, type HtmlPart } from '../../paper/html.js';
import { hexCode } from '../../paper/values.js';
import type { TranscriptEntry } from '../../authority/formats/transcript.js';
import { groupsField, listField, shown, textsField } from '../reading/fields.js';
import { narrate } from '../reading/narration.js';

/** Undefined where it says nothing that isn't elsewhere on the page. */
export function eventText(entry: TranscriptEntry): HtmlPart | undefined {
  const { event, fields } = entry;
  const of = (key: string): string => shown(fields, key);
  const answer = of('answer') === '' ? 'Enter' : html`&ldquo;${of('answer')}&rdquo;`;
  switch (event) {
    case 'say':
      return html`read aloud; answer ${answer}${by(of('by'))}`;
    case 'confirm':
    case 'ask':
      return html`answer ${answer}${by(of('by'))}`;
    case 'agree':
      return fields.answer === undefined
        ? html`&ldquo;${of('title')}&rdquo; was shown; ${loud('nobody was asked')}`
        : html`&ldquo;${of('title')}&rdquo; was shown; answer ${answer}${by(of('by'))}`;
    case 'compare':
      return html`groups ${listField(fields, 'groups').map(String).join(', ')}, from ${of('source')}:
      ${verdict(of('equal') === 'true', 'equal', 'NOT EQUAL')}${by(of('by'))}`;
    case 'check':
      return html`${of('id')}: ${verdict(['ok', 'ignored'].includes(of('verdict')), of('verdict'), of('verdict'))},
      ${of('saw')}`;
    case 'seal':
      return html`${of('action')}: bag ${of('bag')}, seal
      ${of('seal')}${of('as_sealed') === '' ? '' : verdict(of('as_sealed') === 'true', ', as it was sealed', ', NOT AS IT WAS SEALED')}${by(of('by'))}`;
    case 'media': {
      const counts = [
        ...(of('device') === '' ? [] : [`${of('file_system')} on ${of('device')}`]),
        ...(of('same_disk') === 'true' ? ['on the disk of the authority'] : []),
        ...(of('in_memory') === 'true' ? ['in memory, gone with the power'] : []),
        ...(of('files_copied') === '' ? [] : [`${of('files_copied')} files copied`]),
        ...(of('files_read') === ''
          ? []
          : [
              `${of('files_read')} files read again${of('uncached') === 'true' ? ", not from the system's cache" : ''}`,
            ]),
        ...(fields.differing === undefined
          ? []
          : [`differing or missing: ${listField(fields, 'differing').map(String).join(', ') || 'none'}`]),
        ...(of('sums_sha256') === '' ? [] : [`SHA-256 of the list of files ${of('sums_sha256')}`]),
        ...(fields.holds === undefined ? [] : [`it holds ${textsField(fields, 'holds').join(', ') || 'nothing'}`]),
        ...(fields.answer === undefined ? [] : [`answer ${of('answer') || 'Enter'}`]),
      ];
      return html`${of('action')}, ${of('medium')}${of('path') === '' ? '' : ` (${of('path')})`}:
      ${counts.join('; ')}${by(of('by'))}`;
    }
    case 'fingerprint':
      return html`the fingerprint of ${of('file')} was shown, to be written down:
      ${hexCode(of('fingerprint'))}${by(of('by'))}`;
    case 'break':
      return html`${of('what')}${of('answer') === '' ? '' : html`: &ldquo;${of('answer')}&rdquo;`}${by(of('by'))}`;
    case 'settings':
      return html`the settings of the authority, whole, in line ${entry.seq + 1} of the transcript`;
    case 'no':
      return loud(`NO: ${of('why')}; then ${of('choice')}`);
    case 'refusal':
      return loud(`REFUSED: ${of('message')} (${of('code')})`);
    case 'deviation':
      return loud(`DEVIATION: ${of('what')}; accepted by ${of('accepted_by')}`);
    case 'stop-asked':
      return html`Ctrl-C was pressed, and they went on`;
    case 'interrupted':
      return loud('STOPPED, to go on later');
    case 'collect':
      return html`to sign: ${textsField(fields, 'to_sign').join(', ') || 'nobody'}`;
    case 'sign':
      return html`signed: ${of('what')}, SHA-256 of the signed bytes ${hexCode(of('signed_sha256'))}`;
    case 'files':
      return html`written:
      ${groupsField(fields, 'files')
        .map((file) => shown(file, 'path'))
        .join(', ')}`;
    case 'done': {
      const outcome = of('outcome');
      const why = of('why') === '' ? of('note') : of('why');
      return verdict(
        outcome === 'done' || outcome === 'left-out',
        outcome,
        `${outcome.toUpperCase().replaceAll('-', ' ')}${why === '' ? '' : `: ${why}`}`,
      );
    }
    case 'step':
    case 'intent':
      return undefined;
    default:
      return narrated(entry);
  }
}

/** Whatever is in an event, named. */
export function narrated(entry: TranscriptEntry): Html {
  const { text, rest } = narrate(entry);
  const more = rest.filter(([name]) => name !== 'step').map(([name, value]) => `${name}: ${value}`);
  return html`${[text, ...more].join('; ')}`;
}

function by(who: string): Html {
  if (who === '') return html``;
  return who === 'nobody' ? html`, <span class="loud">by nobody</span>` : html`, ${who}`;
}

function verdict(good: boolean, yes: string, no: string): Html {
  return good ? html`<span class="good">${yes}</span>` : loud(no);
}

function loud(text: string): Html {
  return html`<span class="loud">${text}</span>`;
}
