import { resolve } from 'node:path';
import { DOCUMENTS, OUT_OF_REACH } from '../../../audit/evidence/document-evidence.js';
import { clausesText, evidencePage, linesText, NOT_EVIDENCED } from '../../../audit/evidence/evidence-page.js';
import { inventoryOf } from '../../../audit/evidence/key-evidence.js';
import { evidenceOf } from '../../../audit/evidence/list.js';
import type { JudgedRow } from '../../../audit/evidence/row.js';
import { proceedingsOf } from '../../../audit/proceedings/proceedings.js';
import { titleOf } from '../../../audit/proceedings/title.js';
import { wrapped } from '../../../common/groups.js';
import { createFile } from '../../../common/new-files.js';
import { addPaperOptions, checkPaper, paperQuestion } from '../../options/transcript-papers.js';
import type { CommandModule } from '../../program/command.js';
import { paint, result } from '../../terminal/output.js';
import { columnsOf, fields, printable } from '../../terminal/render.js';
import { out as stdout } from '../../terminal/streams.js';

function rowJson({ id, title, evidenced, clauses, shows, lacks }: JudgedRow) {
  return {
    id,
    title,
    evidenced,
    clauses: { etsi: clauses.etsi ?? [], br: clauses.br ?? [], webtrust: clauses.webtrust ?? [] },
    lines: [...new Set(shows.flatMap(({ lines }) => lines))].sort((a, b) => a - b),
    shows: shows.map(({ what, lines }) => ({ what, lines: [...lines] })),
    lacks: [...lacks],
  };
}

/** Returns a paragraph, wrapped after its mark. */
function item(mark: string, text: string): string {
  const columns = columnsOf(stdout);
  const room = columns === undefined ? undefined : Math.max(columns - 6, 16);
  return `    ${mark} ${wrapped(printable(text), room).join('\n      ')}\n`;
}

export const { define, run }: CommandModule = {
  define: (command) => {
    addPaperOptions(command, 'write the list as a page (.html) instead of showing it').addHelpText(
      'after',
      '\nA row is evidenced only if the transcript and the files beside it show it. Whether a requirement is met is for the auditor to say.',
    );
  },
  run: async (context, args, options) => {
    const out = options.text('out');
    const path = out === undefined ? undefined : resolve(out);
    const proceedings = await proceedingsOf(await paperQuestion(context, args, options));
    if (path !== undefined) checkPaper(proceedings.report.dir, path);
    const rows = evidenceOf(proceedings);
    if (path !== undefined) createFile(path, evidencePage(proceedings, rows));
    const { transcript, caveats } = proceedings.report;
    const evidenced = rows.filter((row) => row.evidenced).length;
    const keys = inventoryOf(proceedings);
    const json = {
      ...(path === undefined ? {} : { file: path }),
      transcript: resolve(transcript.path),
      head: transcript.head,
      mode: transcript.rehearsal ? 'REHEARSAL' : 'real',
      evidenced,
      not_evidenced: rows.length - evidenced,
      rows: rows.map(rowJson),
      keys: keys.map(({ uri, use, ciphersuite, publicKeySha256, fingerprint, path: file, lines }) => ({
        key: uri === '' ? null : uri,
        use,
        ciphersuite,
        public_key_sha256: publicKeySha256,
        file,
        fingerprint,
        lines: [...lines],
      })),
      documents: DOCUMENTS.map(({ id, edition, numbers }) => ({ id, edition, numbers })),
      out_of_reach: OUT_OF_REACH.map(({ what, clauses }) => ({ what, clauses: { ...clauses } })),
      not_vouched: [...caveats],
    };
    result(context.options, json, () => {
      const style = paint(context.options);
      const lines = rows.map(({ id, title, clauses, shows, lacks, evidenced: good }) =>
        [
          `\n${good ? style('green', 'evidenced') : style('red', NOT_EVIDENCED)}  ${id}\n`,
          item(' ', title),
          item(' ', clausesText(clauses)),
          ...lacks.map((one) => item('!', one)),
          ...shows.map((one) => item('-', `${one.what} (${linesText(one.lines)})`)),
        ].join(''),
      );
      return [
        ...(transcript.rehearsal
          ? [`${style('yellow', 'REHEARSAL. Nothing in it is real, and it is evidence of nothing.')}\n\n`]
          : []),
        fields([
          ['of', titleOf(proceedings)],
          ['transcript', transcript.path],
          ['head', transcript.head],
          ['evidenced', `${String(evidenced)} of ${String(rows.length)} rows`],
          ...(path === undefined ? [] : ([['page', path]] as const)),
        ]),
        ...(path === undefined
          ? [
              ...lines,
              '\nNo transcript can show:\n',
              ...OUT_OF_REACH.map(({ what, clauses }) => item('-', `${what} (${clausesText(clauses)})`)),
              ...caveats.map((one) => item('-', one)),
              '\nNumbers are those of:\n',
              ...DOCUMENTS.map(({ edition, numbers }) => item('-', `${edition}: ${numbers}`)),
            ]
          : []),
      ].join('');
    });
  },
};
