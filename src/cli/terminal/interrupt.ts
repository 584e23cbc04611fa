/**
 * Ctrl-C between questions, the end that a system asks for, a terminal that is gone: the lock is given back, and
 * nothing is half done.
 */
import { CeremonyError, systemCode } from '../../common/errors.js';

/** How a system ends a process; Ctrl-C is a person's. */
export const ENDS = ['SIGTERM', 'SIGHUP'] as const;

const SIGNALS = ['SIGINT', ...ENDS] as const;

/** Runs a part of what is done under signals until it ends, or a signal comes or came before. */
export type Until = <T>(part: () => Promise<T>) => Promise<T>;

/**
 * Runs `action`, in which no signal ends the process: a lock that it takes is given back. In the parts that it hands to
 * `until` a signal is error `interrupted`. Changes are written in one go that no signal comes between. After an
 * interruption the part still stands where it waited: the caller ends the process at once.
 */
export async function underSignals<T>(action: (until: Until) => Promise<T>): Promise<T> {
  let came = false;
  let stop: () => void = () => undefined;
  const onSignal = (): void => {
    came = true;
    stop();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await action(async (part) => {
      // Signals that came meanwhile are told in a turn of their own.
      await new Promise((resolve) => setImmediate(resolve));
      if (came) throw interrupted();
      let fail: (error: Error) => void = () => undefined;
      const stopped = new Promise<never>((_resolve, reject) => {
        stop = () => {
          reject(interrupted());
        };
        fail = (error) => {
          // A closed terminal fails inside the prompts, where nobody can catch it.
          reject(systemCode(error) === 'EIO' ? interrupted(error) : error);
        };
      });
      process.on('uncaughtException', fail);
      try {
        return await Promise.race([part(), stopped]);
      } finally {
        stop = () => undefined;
        process.removeListener('uncaughtException', fail);
      }
    });
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, onSignal);
  }
}

/** Runs `action` until it ends, fails where nobody catches it, or a signal comes, which is error `interrupted`. */
export async function untilInterrupted<T>(action: () => Promise<T>): Promise<T> {
  return underSignals((until) => until(action));
}

/** Somebody ended the command, at a question or between two. */
export function interrupted(cause?: unknown): CeremonyError {
  return new CeremonyError('interrupted', 'interrupted', 'interrupted; the authority was not changed', {
    hint: 'Run the command again when you are ready. It finds a key that a token was just making by its label.',
    cause,
  });
}

/**
 * Waits for an answer, but not when a signal ends the process. `onEnd` runs at the signal itself, and in every other
 * ending. Error: kind `interrupted`.
 */
export async function unlessEnded<T>(
  answer: () => Promise<T>,
  { signals = ENDS, onEnd }: { readonly signals?: readonly NodeJS.Signals[]; readonly onEnd?: () => void } = {},
): Promise<T> {
  let end: () => void = () => undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    end = () => {
      onEnd?.();
      reject(interrupted());
    };
  });
  for (const signal of signals) process.on(signal, end);
  try {
    return await Promise.race([answer(), ended]);
  } finally {
    for (const signal of signals) process.removeListener(signal, end);
    onEnd?.();
  }
}
