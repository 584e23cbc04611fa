/** What was planned and what was done in each step, side by side. */
import type { EventFields } from '../../authority/events/event.js';
import { eventsOf, type KnownEntry } from '../../authority/formats/transcript.js';
import type { PlannedPreview } from '../../ceremony/plan/ceremony-plan.js';
import { KNOWN_ON_THE_DAY, plannedEffects } from '../../ceremony/plan/plan-page.js';
import { formatTime } from '../../common/time.js';
import { type Html, html, type HtmlPart } from '../../paper/html.js';
import { htmlTable } from '../../paper/html-table.js';
import { hexCode, time } from '../../paper/values.js';
import type { Proceedings } from '../proceedings/proceedings.js';
import type { StepHistory } from '../proceedings/step-history.js';
import { eventText, narrated } from './event-text.js';

/** A step with more events may be split over two sheets: kept together, it could leave half of one empty. */
const MANY_EVENTS = 14;

export function stepsBody({ steps, apart, plan, entries }: Proceedings): Html {
  const before = apart.filter(({ event }) => !['program', 'people', 'script', 'plan', 'files'].includes(event));
  const of = plan?.steps.length ?? steps.at(-1)?.n ?? 0;
  return html`${steps.map((step) => stepBody(step, of, plan !== undefined))}
  ${steps.length > 0 ? [] : [eventsList(entries.slice(1, -1), (entry) => narrated(entry))]}
  ${
    steps.length === 0 || before.length === 0
      ? []
      : [
          html`<h3>Outside any step</h3>
            ${eventsList(before, (entry) => narrated(entry))}`,
        ]
  }`;
}

function stepBody(step: StepHistory, of: number, planAtHand: boolean): Html {
  const { n, kind, id, who, planned, attempts } = step;
  const events = attempts.flatMap((one) => one.events);
  return html`<article class="${events.length > MANY_EVENTS ? 'step loose' : 'step'}">
    <h3>Step ${n} of ${of} <span>${kind}: ${id}; ${who}</span></h3>
    <div class="sides">
      <div>
        <h4>Plan</h4>
        ${
          planned === undefined
            ? unplanned(step, planAtHand)
            : html`<p class="spoken">${planned.text}</p>
                ${plannedEffects(planned)}
                <p class="note">On No: ${planned.no.join(', or ')}.</p>`
        }
      </div>
      <div>
        <h4>Fact</h4>
        ${span(step, events)}
        ${attempts.map(
          ({ events: own }, i) =>
            html`${attempts.length === 1 ? [] : [html`<h4>Time ${i + 1} of ${attempts.length}</h4>`]}
            ${eventsList(own, eventText)}`,
        )}
      </div>
    </div>
    ${previews(step)}
  </article> `;
}

function unplanned({ title }: StepHistory, planAtHand: boolean): Html {
  const why = planAtHand ? 'The plan has no such step.' : 'The plan is not at hand; the transcript has:';
  return html`<p class="note">${why}</p>
    <p class="spoken">${title}</p>`;
}

function span({ outcome }: StepHistory, events: readonly KnownEntry[]): Html {
  const [first, last] = [events[0], events.at(-1)];
  if (first === undefined || last === undefined) return html`<p class="loud">NEVER BEGUN</p>`;
  const good = outcome === 'done' || outcome === 'left-out';
  return html`<p>
    <span class="${good ? 'good' : 'loud'}"
      >${outcome === 'done' ? 'Done' : outcome === 'left-out' ? 'Left out by the plan' : outcome.toUpperCase().replaceAll('-', ' ')}</span
    >, ${time(first.atSeconds)} to ${formatTime(last.atSeconds).slice(11)}
  </p>`;
}

function eventsList(entries: readonly KnownEntry[], text: (entry: KnownEntry) => Html | undefined): Html {
  const items = entries.flatMap((entry) => {
    const said = text(entry);
    return said === undefined
      ? []
      : [
          html`<li>
            <span title="line ${entry.seq + 1}">${formatTime(entry.atSeconds).slice(11)}</span> <span>${said}</span>
          </li> `,
        ];
  });
  return html`<ol class="events">
    ${items}
  </ol> `;
}

/** Shows what was displayed before something was signed or changed, beside what the plan has about it. */
function previews({ planned, attempts }: StepHistory): Html {
  const agreed = attempts.flatMap(({ events }) => eventsOf(events, 'agree'));
  const left = [...(planned?.previews ?? [])];
  // Shown again after a No, and unchanged: once is enough.
  const distinct = new Map(agreed.map(({ fields }) => [JSON.stringify([fields.title, fields.rows]), fields]));
  const tables = [...distinct.values()].map(({ title, rows }) => {
    const at = left.findIndex((one) => one.title === title);
    if (at >= 0) left.splice(at, 1);
    const plan = planned?.previews?.find((one) => one.title === title);
    return compared(title, plan, rows);
  });
  return html`${tables}${left.map((one) => compared(one.title, one, undefined))}`;
}

function compared(
  title: string,
  plan: PlannedPreview | undefined,
  fact: EventFields<'agree'>['rows'] | undefined,
): Html {
  const length = Math.max(plan?.rows.length ?? 0, fact?.length ?? 0);
  const rows = Array.from({ length }, (_, i): readonly HtmlPart[] => {
    const [planned, was] = [plan?.rows[i], fact?.[i]];
    const label = was?.[0] ?? planned?.[0] ?? '';
    const inPlan = planned?.[0] === label ? planned[1] : undefined;
    const differs = was === undefined || (inPlan !== null && inPlan !== undefined && inPlan !== was[1]);
    return [
      label,
      inPlan === undefined ? '' : inPlan === null ? html`<em>${KNOWN_ON_THE_DAY}</em>` : breakable(inPlan),
      was === undefined
        ? html`<span class="loud">not shown</span>`
        : differs
          ? html`<span class="loud">${was[1]}</span>`
          : breakable(was[1]),
    ];
  });
  return htmlTable({ caption: title, head: ['Line', 'Plan', 'Fact'], rows });
}

function breakable(value: string): HtmlPart {
  return /^[0-9a-f]{40,}$/.test(value) ? hexCode(value) : value;
}
