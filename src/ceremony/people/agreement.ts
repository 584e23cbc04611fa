/** Asks for a yes, or for words in its place, before something is signed, changed or ended. */
import { type Advice, refused } from '../../common/errors.js';
import type { Preview } from '../../operations/context/operation-context.js';
import type { Dialogue } from './dialogue.js';

/** What was typed, and by whom, for transcripts; there is no answer if nobody was asked. */
export type Agreement =
  { readonly answer: string; readonly by: string } | { readonly answer?: undefined; readonly by: 'nobody' };

const QUESTION = 'Is every line right, and should this go ahead';
/** With the words that are to be typed it fits a line of 80 columns. */
const QUESTION_IN_WORDS = 'Is all of it right, and should it go ahead';

/**
 * Asks the people in the room. If --yes answers for them, whoever is at the terminal must still type the words. Without
 * a terminal nobody is asked, which goes on record, and anything that only a person can confirm is not done. `who` are
 * those who answer there. Error: `declined`.
 */
export async function agreementOf(dialogue: Dialogue, preview: Preview, who: string): Promise<Agreement> {
  const { words, typed = false } = preview;
  if (!dialogue.present && (words === undefined || !dialogue.atTerminal)) {
    if (!typed) return { by: 'nobody' };
    throw refused(
      'declined',
      `${preview.title}: nobody was there to type ${words ?? ''}; nothing was signed or written`,
      {
        hint: 'Run it at a terminal, where somebody types it.',
      },
    );
  }
  const answer = await dialogue.agree(preview, words === undefined ? QUESTION : QUESTION_IN_WORDS);
  return { answer: answer.trim(), by: dialogue.present ? who : 'whoever sits at the terminal' };
}

/** Checks the answer. Error: `declined`. */
export function mustAgree({ words }: Preview, answer: Agreement['answer'], advice: Advice): void {
  const wanted = words ?? 'yes';
  if (answer === undefined || answer === wanted) return;
  throw refused('declined', `the answer was not ${wanted}; nothing was signed or written`, advice);
}
