/** Everything that auditors are told of an authority's record, as JSON: what is compared with what was told before. */
import { join } from 'node:path';
import { evidenceOf } from '../../src/audit/evidence/list.js';
import type { JudgedRow } from '../../src/audit/evidence/row.js';
import { minutesPage } from '../../src/audit/minutes/minutes-page.js';
import { proceedingsOf } from '../../src/audit/proceedings/proceedings.js';
import { summaryOf } from '../../src/audit/verify/summary.js';
import { verifyLedger } from '../../src/audit/verify/verify-ledger.js';
import { nobleEngine } from '../../src/crypto/noble-engine.js';

const ENGINES = [nobleEngine];

export async function described(dir: string): Promise<unknown> {
  const { domain, transcripts, highestSequence, findings } = await verifyLedger(dir, undefined);
  const ended = transcripts.incomplete ? transcripts.files.slice(0, -1) : transcripts.files;
  return {
    ledger: { domain, incomplete: transcripts.incomplete, highestSequence, findings },
    transcripts: await Promise.all(ended.map((file) => told(dir, file))),
  };
}

async function told(dir: string, file: string): Promise<unknown> {
  const proceedings = await proceedingsOf({ path: join(dir, file), dir, fallbackDir: dir, engines: ENGINES });
  const { report, steps, people, departures } = proceedings;
  const { transcript, files, signEvents, link } = report;
  const page = Buffer.from(await minutesPage(proceedings)).toString();
  return {
    file,
    head: transcript.head,
    link: link.state,
    summary: summaryOf(transcript).map((row) => row.join(': ')),
    files: files.map(({ path, state }) => `${path}: ${state}`),
    signed: signEvents.map(({ seq, what, state }) => `line ${String(seq + 1)}: ${what}, ${state}`),
    people: people.map(({ signsAlsoAs, ...one }) => (signsAlsoAs.length === 0 ? one : { ...one, signsAlsoAs })),
    steps: steps.map(({ n, kind, id, who, outcome, attempts }) =>
      [n, kind, id, who, outcome, attempts.length].join(' '),
    ),
    departures: departures.map(({ kind, line, step, what, acceptedBy }) =>
      [kind, line, step, what, acceptedBy].join('|'),
    ),
    // Of commands, which have no steps, minutes and evidence say little else.
    ...(steps.length === 0 ? {} : { evidence: evidenceOf(proceedings).map(rowOf), minutes: textOf(page) }),
  };
}

function rowOf({ id, evidenced, shows, lacks }: JudgedRow): unknown {
  const shown = shows.map(({ what, lines }) => `${what} (${lines.join(', ')})`);
  return { row: `${id}: ${String(evidenced)}`, shown, lacks };
}

/** The lines of a page's body without its tags. */
function textOf(page: string): readonly string[] {
  return (page.split('<body>')[1] ?? '')
    .replace(/<svg[^]*?<\/svg>/g, '')
    .replace(/<(?:wbr|b|\/b|span[^>]*|\/span|strong[^>]*|\/strong|code|\/code) ?\/?>/g, '')
    .replace(/\s+/g, ' ')
    .split(/<[^>]*>/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
