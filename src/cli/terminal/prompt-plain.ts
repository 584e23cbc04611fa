/** Questions on a terminal that knows no escape sequences (TERM=dumb): the question, the answer, and nothing else. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';

/**
 * The line that was typed, which is shown only where `hidden` is false; undefined after Ctrl-C, Ctrl-D or the
 * terminal's end.
 */
export function askPlainly(message: string, hidden: boolean): Promise<string | undefined> {
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  // First the terminal stops to echo, then the question: whoever answers at once is not shown either.
  const lines = createInterface({ input: process.stdin, output: hidden ? nowhere : process.stderr, terminal: true });
  process.stderr.write(`? ${message} ${hidden ? '(hidden) ' : ''}`);
  return new Promise<string | undefined>((resolve) => {
    lines.once('line', (line) => {
      resolve(line);
      // At once: what follows in the same breath is neither shown nor taken.
      lines.close();
    });
    lines.once('SIGINT', () => {
      lines.close();
    });
    lines.once('close', () => {
      resolve(undefined);
    });
  }).then((answer) => {
    lines.close();
    if (hidden || answer === undefined) process.stderr.write('\n');
    return answer;
  });
}
