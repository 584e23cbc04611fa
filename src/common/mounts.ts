/** Finds which mount holds a path, from the text of `/proc/self/mountinfo` (proc(5)). */

export interface Mount {
  readonly point: string;
  /** The device's numbers, such as `8:17`. */
  readonly numbers: string;
  /** The type of the file system: `ext4`, `overlay`, … */
  readonly type: string;
  /** The device, or the name used in its place. */
  readonly source: string;
  /** Options of the file system. */
  readonly options: ReadonlyMap<string, string>;
  /** Flags of this mount: `ro`, `nosuid`, … */
  readonly flags: readonly string[];
}

/**
 * Returns the mount that holds `path` (without links). Of several mounts at one point it is the last, which hides the
 * others. Returns undefined if no mount is known to hold it.
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
    // An option that occurs twice (`lowerdir+`) is a list, like the layers of an overlay.
    const values = new Map<string, string>();
    for (const [name, value] of pairs) values.set(name, [values.get(name) ?? [], value].flat().join(':'));
    const shown = { point: unescaped(point), numbers, type, source: unescaped(source) };
    return [{ ...shown, options: values, flags: flags.split(',') }];
  });
}

/** Decodes the octal escapes of blanks and backslashes. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
