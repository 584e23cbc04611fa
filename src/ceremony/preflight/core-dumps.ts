import { bad, type Check, fine, onLinux, unseen } from './machine-check.js';

/** Matches a handler that throws the dump away. */
const NOBODY = /^\|\s*\/(usr\/)?bin\/(false|true)(\s|$)/;

export const coreDumps: Check = {
  id: 'core-dumps',
  source: '/proc/self/limits, /proc/sys/kernel/core_pattern; core(5)',
  reason: 'A program that crashes can leave its memory in a file, with an open key in it.',
  look: onLinux(({ machine }) => {
    const limit = /^Max core file size\s+(\S+)/m.exec(machine.text('/proc/self/limits') ?? '')?.[1];
    const pattern = machine.text('/proc/sys/kernel/core_pattern')?.trim();
    if (limit === undefined || pattern === undefined)
      return unseen('the limit or the pattern of core dumps is not shown');
    if (NOBODY.test(pattern)) return fine(`whoever gets a dump throws it away (${pattern})`);
    if (pattern.startsWith('|')) {
      return bad(
        `a program gets each dump, whatever the limit is: ${pattern}`,
        'Give it nothing: sysctl -w kernel.core_pattern="|/bin/false".',
      );
    }
    if (limit === '0') return fine('the largest that may be written is 0 bytes');
    return bad(
      `one of ${limit === 'unlimited' ? 'any size' : `up to ${limit} bytes`} may be written`,
      'Run: ulimit -c 0, and start the program from that shell.',
    );
  }),
};
