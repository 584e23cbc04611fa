/** Ctrl-C between questions, and the end that a system asks for: the lock is given back, and nothing is half done. */
import { interrupted } from './prompt.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `action` until it ends or a signal comes, which is error `interrupted`. Changes are written in one go that no
 * signal comes between. After an interruption the action still stands where it waited: the caller ends the process at once.
 */
export async function untilInterrupted<T>(action: () => Promise<T>): Promise<T> {
  let stop: () => void = () => undefined;
  const stopped = new Promise<never>((_resolve, reject) => {
    stop = () => {
      reject(interrupted());
    };
  });
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    return await Promise.race([action(), stopped]);
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, stop);
  }
}
