import { resolve } from 'node:path';
import { minutesPage } from '../../../audit/minutes/minutes-page.js';
import { proceedingsOf } from '../../../audit/proceedings/proceedings.js';
import { titleOf } from '../../../audit/proceedings/title.js';
import { usage } from '../../../common/errors.js';
import { createFile } from '../../../common/new-files.js';
import { addPaperOptions, checkPaper, paperQuestion } from '../../options/transcript-papers.js';
import type { CommandModule } from '../../program/command.js';
import { result } from '../../terminal/output.js';
import { fields } from '../../terminal/render.js';

export const { define, run }: CommandModule = {
  define: (command) => {
    addPaperOptions(command, 'the page (.html)').addHelpText(
      'after',
      '\nMakes one page that needs no other file, for people to read, print and sign by hand; only from a transcript that verifies.',
    );
  },
  run: async (context, args, options) => {
    const out = options.text('out');
    if (out === undefined)
      throw usage('--out is missing: where the page goes', { hint: 'Name a file, such as --out minutes.html.' });
    const path = resolve(out);
    const question = await paperQuestion(context, args, options);
    const proceedings = await proceedingsOf(question);
    checkPaper(proceedings.report.dir, path);
    createFile(path, await minutesPage(proceedings));
    const { transcript, counted } = proceedings.report;
    const deviations = proceedings.departures.filter(({ kind }) => kind === 'deviation').length;
    const json = {
      file: path,
      transcript: resolve(transcript.path),
      head: transcript.head,
      mode: transcript.rehearsal ? 'REHEARSAL' : 'real',
      steps: proceedings.steps.length,
      deviations,
      counted,
    };
    result(context.options, json, () =>
      fields([
        ['minutes', path],
        ['of', titleOf(proceedings)],
        ...(transcript.rehearsal ? ([['mode', 'REHEARSAL: nothing in it is real']] as const) : []),
        ['deviations', String(deviations)],
        ['valid signatures', String(counted)],
        ['head', transcript.head],
      ]),
    );
  },
};
