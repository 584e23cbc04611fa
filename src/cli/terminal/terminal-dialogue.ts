/**
 * A ceremony's people at a terminal: one step on the screen at a time, plain letters, every line short enough to be
 * read aloud.
 */
import type { Dialogue, StepView } from '../../ceremony/people/dialogue.js';
import type { OutcomeOfNo } from '../../ceremony/script/script.js';
import type { Remark } from '../../common/remedy.js';
import { formatTime } from '../../common/time.js';
import type { CommandContext } from '../program/context.js';
import { fingerprintScreen } from './fingerprint-screen.js';
import { ENDS, interrupted } from './interrupt.js';
import { note } from './output.js';
import { explainPreview } from './preview-text.js';
import { remarkText } from './remedy-text.js';
import { painter, printable } from './render.js';
import { err, type OutStream } from './streams.js';

const CHOICES: Readonly<Record<OutcomeOfNo, string>> = {
  retry: 'repeat this step',
  deviation: 'go on without it, and record what is done instead and who accepts that',
  hold: 'stop here, and resume another time',
  abort: 'end the ceremony for good',
};

/** `present` is false with --yes: then nobody is asked anything. It listens to signals until `close`. */
export function terminalDialogue(
  { options, terminal }: CommandContext,
  rehearsal: boolean,
): Dialogue & { readonly close: () => void } {
  const present = options.yes !== true;
  let stop = false;
  // A person who pressed Ctrl-C is asked; a system that ends the process, or a terminal that is gone, is not.
  let ended = false;
  const onStop = (): void => {
    stop = true;
  };
  const onEnd = (): void => {
    stop = true;
    ended = true;
  };
  process.on('SIGINT', onStop);
  for (const signal of ENDS) process.on(signal, onEnd);
  if (present) terminal.keyboard.hold();
  const show = (text: (stream: OutStream) => string): void => {
    if (present) terminal.explain(text);
    else note(options, text(err));
  };
  const say = (remark: Remark): void => {
    show(() => printable(remarkText(remark, options)));
  };
  const stopAsked = (): boolean => {
    const asked = stop;
    stop = ended;
    return asked;
  };
  const askWhereNobodyStops = async (question: string): Promise<string> => {
    // Ctrl-C that was typed while the program worked is among what is dropped, and counts.
    if (terminal.isPresent) await terminal.keyboard.dropTypedAhead();
    if (stopAsked()) throw interrupted();
    return terminal.askLine(question);
  };
  return {
    present,
    atTerminal: terminal.isPresent,
    say,
    showStep: (view) => {
      show((stream) => stepLines(painter(stream, options.color !== false), view, rehearsal));
    },
    ask: (question) => askWhereNobodyStops(printable(question)),
    agree: async (preview, question) => {
      explainPreview(terminal, options, preview);
      return askWhereNobodyStops(
        `${question} (${preview.words === undefined ? 'type yes' : `type: ${preview.words}`})`,
      );
    },
    choose: async (question, among) => {
      for (const one of among) say(`  ${one}: ${CHOICES[one]}`);
      for (;;) {
        const answer = (await askWhereNobodyStops(`${question} (${among.join(', ')})`)).trim().toLowerCase();
        const chosen = among.find((one) => one === answer);
        if (chosen !== undefined) return chosen;
      }
    },
    showFingerprint: async (hex, { digits }) => {
      // As it is: a line of a QR code is full of spaces, and must not be wrapped.
      const screen = terminal.isPresent ? terminal.screen : err;
      screen.write(`${await fingerprintScreen(options, screen, hex, digits)}\n`);
    },
    clear: () => {
      if (terminal.isPresent) terminal.screen.clear();
    },
    stopAsked,
    close: () => {
      terminal.flush();
      process.removeListener('SIGINT', onStop);
      for (const signal of ENDS) process.removeListener(signal, onEnd);
    },
  };
}

function stepLines(style: ReturnType<typeof painter>, view: StepView, rehearsal: boolean): string {
  const { n, of, who, text, startedAt, atSeconds, kind } = view;
  const elapsed = atSeconds - startedAt;
  const local = new Date(atSeconds * 1000).toTimeString().slice(0, 17);
  const head = `${rehearsal ? 'REHEARSAL | ' : ''}Step ${String(n)} of ${String(of)} | ${kind} | ${who}`;
  const clock = `${formatTime(atSeconds)} (local ${local}), ${String(Math.floor(elapsed / 60))} min ${String(elapsed % 60)} s since the start`;
  return `\n${style('bold', printable(head))}\n${clock}\n\n${text.split('\n').map(printable).join('\n')}\n`;
}
