/** A plan as a page for print: what people follow on paper, with the step numbers of the screen, and lines for ink. */
import { REHEARSAL } from '../../authority/events/event.js';
import { isRehearsalDomain } from '../../credential/fqdn.js';
import { fingerprintCard } from '../../paper/fingerprint-card.js';
import { type Html, html, type HtmlPart } from '../../paper/html.js';
import { facts, htmlTable } from '../../paper/html-table.js';
import { inkLines } from '../../paper/ink.js';
import { pageBytes } from '../../paper/page.js';
import { paperStyles } from '../../paper/paper-styles.js';
import { hexCode } from '../../paper/values.js';
import type { Plan, PlannedPreview, PlannedStep } from './ceremony-plan.js';

export const KNOWN_ON_THE_DAY = 'known on the day';

/** Returns the whole file. `sha256` (hex) is that of the plan's own file. The same plan gives the same bytes. */
export async function planPage(plan: Plan, sha256: string): Promise<Uint8Array> {
  const { title, purpose, domain, window, steps } = plan;
  const rehearsal = isRehearsalDomain(domain);
  return pageBytes({
    title: `${rehearsal ? `${REHEARSAL}: ` : ''}${title}`,
    lede: html`Plan for ${domain}. It may run from ${clock(window.from)} until ${clock(window.until)}.`,
    ...(rehearsal ? { mark: { word: REHEARSAL, says: 'nothing in this plan is real' } } : {}),
    sheet: paperStyles({ foot: `Plan ${sha256.slice(0, 16)}, ${domain}`, ...(rehearsal ? { mark: REHEARSAL } : {}) }),
    sections: [
      {
        id: 'plan',
        heading: 'The plan',
        body: html`<p>${purpose}</p>
          ${planFacts(plan)}`,
      },
      { id: 'hash', heading: 'Its SHA-256', body: await hashBody(sha256) },
      { id: 'people', heading: 'People', body: peopleBody(plan) },
      { id: 'steps', heading: 'Steps', body: html`${steps.map((step) => stepBody(step, steps.length))}` },
      { id: 'end', heading: 'End of the ceremony', body: endBody() },
    ],
    footer: html`<p>
      Made by as-ceremony from the plan. All times are UTC. This page loads nothing and runs nothing.
    </p> `,
  });
}

/** Shows a time from a plan. */
function clock(text: string): Html {
  return html`<time datetime="${text}">${text.replace('T', ' ')}</time>`;
}

function planFacts({ domain, ceremony, script, made_at: madeAt, window, parameters }: Plan): Html {
  return facts([
    ['Domain', domain],
    ['Window', html`${clock(window.from)} until ${clock(window.until)}`],
    ['Made at', clock(madeAt)],
    ['Script', ceremony],
    ['SHA-256 of the script', hexCode(script.sha256)],
    ...Object.entries(parameters).map(
      ([name, value]) => [`Parameter ${name}`, value === '' ? '(left out)' : value] as const,
    ),
    ['Place', inkLines(['*place and room'])],
  ]);
}

async function hashBody(sha256: string): Promise<Html> {
  return fingerprintCard({
    title: 'SHA-256 of the file',
    hex: sha256,
    what: 'the SHA-256 of the plan',
    note: 'It must be what the program shows, and what the approvers signed.',
  });
}

function peopleBody({ people }: Plan): Html {
  const rows: readonly { readonly role: string; readonly name: string }[] =
    people.length === 0 ? Array.from({ length: 5 }, () => ({ role: '', name: '' })) : people;
  return html`<ul class="signers">
    ${rows.map(
      ({ role, name }) =>
        html`<li>
          ${name === '' ? [] : [html`<strong>${name}</strong>, ${role}`]}
          ${inkLines(name === '' ? ['*name', 'role', '*signature'] : ['*signature', 'initials, as used below', 'substitute, if any'])}
        </li> `,
    )}
  </ul> `;
}

function stepBody(step: PlannedStep, of: number): Html {
  return html`<article class="step">
    <h3>Step ${step.n} of ${of} <span>${step.kind}: ${step.id}; ${step.by}</span></h3>
    ${plannedText(step)}
    <p class="note">On No: ${step.no.join(', or ')}.</p>
    ${inkLines(['initials', 'time (UTC)', '*exceptions'])}
  </article> `;
}

function plannedText(step: PlannedStep): Html {
  return html`<p class="spoken">${step.text}</p>
    ${(step.previews ?? []).map(previewTable)} ${plannedEffects(step)}`;
}

/** Shows what a step signs and writes. */
export function plannedEffects({ signs = [], writes = [] }: PlannedStep): Html {
  return html`${signs.map(
    ({ what, signed_sha256: hash }) =>
      html`<p>
        Signs: ${what}, SHA-256 of the signed bytes
        ${hash === null ? html`<em>${KNOWN_ON_THE_DAY}</em>` : hexCode(hash)}
      </p> `,
  )}
  ${writes.length === 0 ? [] : [html`<p>Writes: ${writes.join(', ')}</p> `]}`;
}

function previewTable({ title, rows, changes, warnings, words }: PlannedPreview): Html {
  const cell = (value: string | null): HtmlPart => value ?? html`<em>${KNOWN_ON_THE_DAY}</em> ______________`;
  return html`${htmlTable({ caption: title, head: ['Line', 'What it says'], rows: rows.map(([label, value]) => [label, cell(value)]) })}
  ${
    changes.length === 0
      ? []
      : [
          html`<ul class="plain">
            ${changes.map((one) => html`<li>then: ${one}</li> `)}
          </ul> `,
        ]
  }
  ${warnings.map((one) => html`<p class="warning">Warning: ${one}</p> `)}
  ${words === null ? [] : [html`<p>To be typed: <code>${words}</code></p> `]}`;
}

function endBody(): Html {
  return html`<div class="whole">
    <p>Write down the first and the last groups of the transcript's head from the screen, before anybody leaves.</p>
    ${inkLines(['time (UTC)', '*head of the transcript: first four groups', '*last four groups'])}
    ${inkLines(['*exceptions, in words'])} ${inkLines(['*'])} ${inkLines(['*'])}
  </div>`;
}
