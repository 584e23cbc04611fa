/** Tests that need a program or a right of this machine: skipped in one visible line, or failing with REQUIRE_ALL=1. */
import { spawnSync } from 'node:child_process';
import { test } from '@jest/globals';

export function hasTool(tool: string): boolean {
  return spawnSync('sh', ['-c', 'command -v "$1" >/dev/null', 'sh', tool]).status === 0;
}

/** Defines a test that needs `what`, which is there or not. */
export function testWhere(
  there: boolean,
  what: string,
  name: string,
  run: () => void | Promise<void>,
  timeout?: number,
): void {
  if (there) {
    test(name, run, timeout);
  } else if (process.env.REQUIRE_ALL === '1') {
    test(name, () => {
      throw new Error(`REQUIRE_ALL=1, and ${what} is not here`);
    });
  } else {
    test.skip(`SKIPPED, no ${what}: ${name}`, () => undefined);
  }
}

/** Defines a test that needs one program on the PATH. */
export function toolTest(tool: string, name: string, run: () => void | Promise<void>, timeout?: number): void {
  testWhere(hasTool(tool), tool, name, run, timeout);
}
