/** Which mount holds a path, from `/proc/self/mountinfo` (proc(5)). */
import type { Machine } from './machine.js';

export interface Mount {
  readonly point: string;
  /** `ext4`, `overlay`, … */
  readonly type: string;
  /** The device, or a name that stands for one. */
  readonly source: string;
  readonly options: ReadonlyMap<string, string>;
}

/** The mount in which `path` (without links) lies: of several at one point the last, which hides the others. Undefined where that can't be seen. */
export function mountOf(machine: Machine, path: string): Mount | undefined {
  let best: Mount | undefined;
  for (const mount of mountsOf(machine)) {
    const { point } = mount;
    const holds = path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`);
    if (holds && point.length >= (best?.point.length ?? 0)) best = mount;
  }
  return best;
}

export function mountsOf(machine: Machine): Mount[] {
  const lines = machine.text('/proc/self/mountinfo')?.split('\n') ?? [];
  return lines.flatMap((line) => {
    const [before, after] = line.split(' - ');
    const point = before?.split(' ')[4];
    const [type, source, options] = after?.split(' ') ?? [];
    if (point === undefined || type === undefined || source === undefined) return [];
    const pairs = (options ?? '').split(',').map((option): [string, string] => {
      const at = option.indexOf('=');
      return at < 0 ? [option, ''] : [option.slice(0, at), unescaped(option.slice(at + 1))];
    });
    return [{ point: unescaped(point), type, source: unescaped(source), options: new Map(pairs) }];
  });
}

/** Blanks and backslashes are written in octal. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
