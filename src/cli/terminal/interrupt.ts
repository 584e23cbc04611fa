/** Ctrl-C between questions, the end that a system asks for, a terminal that is gone: the lock is given back, and nothing is half done. */
import { systemCode } from '../../common/errors.js';
import { interrupted } from './prompt.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Runs `action` until it ends, fails where nobody catches it, or a signal comes, which is error `interrupted`. Changes are written in one go that no
 * signal comes between. After an interruption the action still stands where it waited: the caller ends the process at once.
 */
export async function untilInterrupted<T>(action: () => Promise<T>): Promise<T> {
  let stop: () => void = () => undefined;
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
  for (const signal of SIGNALS) process.on(signal, stop);
  process.on('uncaughtException', fail);
  try {
    return await Promise.race([action(), stopped]);
  } finally {
    for (const signal of SIGNALS) process.removeListener(signal, stop);
    process.removeListener('uncaughtException', fail);
  }
}
