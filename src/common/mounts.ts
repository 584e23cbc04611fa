/** Which mount holds a path, from the text of `/proc/self/mountinfo` (proc(5)). */

export interface Mount {
  readonly point: string;
  /** The device's numbers, `8:17`. */
  readonly numbers: string;
  /** `ext4`, `overlay`, … */
  readonly type: string;
  /** The device, or a name that stands for one. */
  readonly source: string;
  /** Of the file system. */
  readonly options: ReadonlyMap<string, string>;
  /** Of this mount: `ro`, `nosuid`, … */
  readonly flags: readonly string[];
}

/**
 * The mount in which `path` (without links) lies: of several at one point the last, which hides the others. Undefined
 * where that can't be seen.
 */
export function mountHolding(mounts: readonly Mount[], path: string): Mount | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    const { point } = mount;
    const holds = path === point || path.startsWith(point.endsWith('/') ? point : `${point}/`);
    if (holds && point.length >= (best?.point.length ?? 0)) best = mount;
  }
  return best;
}

export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [before, after] = line.split(' - ');
    const [, , numbers, , point, flags = ''] = before?.split(' ') ?? [];
    const [type, source, options] = after?.split(' ') ?? [];
    if (numbers === undefined || point === undefined || type === undefined || source === undefined) return [];
    const pairs = (options ?? '').split(',').map((option): [string, string] => {
      const at = option.indexOf('=');
      return at < 0 ? [option, ''] : [option.slice(0, at), unescaped(option.slice(at + 1))];
    });
    // What stands there twice (`lowerdir+`) is a list, as the layers of an overlay are.
    const values = new Map<string, string>();
    for (const [name, value] of pairs) values.set(name, [values.get(name) ?? [], value].flat().join(':'));
    const shown = { point: unescaped(point), numbers, type, source: unescaped(source) };
    return [{ ...shown, options: values, flags: flags.split(',') }];
  });
}

/** Blanks and backslashes are written in octal. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
