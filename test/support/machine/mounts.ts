/** File systems of a test's own, in a mount namespace of the program's own. */
import { type Ended, run } from '../cli/cli.js';
import type { Scene } from '../cli/cli-authority.js';
import { hasTool, testWhere } from './tools.js';

export const isRoot = process.getuid?.() === 0;
export const canMount = isRoot && hasTool('unshare') && run(['unshare', '--mount', 'true']).status === 0;

export function mountTest(name: string, action: () => void): void {
  testWhere(canMount, 'right to mount (root and unshare)', name, action);
}

/** How to run the program after these commands, in a namespace of its own; `$folder` is the scene's folder. */
export function inNamespaceOf(scene: Scene, before: string, after = ''): string[] {
  const script = `set -e; folder=$1; shift; ${before}; set +e; "$@"; status=$?; ${after} exit $status`;
  return ['unshare', '--mount', 'sh', '-c', script, 'sh', scene.folder];
}

export function inNamespace(scene: Scene, before: string, args: readonly string[], after = ''): Ended {
  return scene.cli(args, { under: inNamespaceOf(scene, before, after) });
}

/** A tmpfs over the authority with a copy of it, and so many bytes left. */
export const fullDisk = (left: number): string =>
  [
    'cp -a "$folder/authority" "$folder/copy"',
    'mount -t tmpfs -o size=1m tmpfs "$folder/authority"',
    'cp -a "$folder/copy/." "$folder/authority"',
    'mkdir "$folder/authority/lost+found"',
    `head -c 2000000 /dev/zero >"$folder/authority/lost+found/ballast" 2>/dev/null || true`,
    `truncate -s "-${String(left)}" "$folder/authority/lost+found/ballast"`,
  ].join('; ');
/** What the authority on the tmpfs became. */
export const keep =
  'rm -r "$folder/authority/lost+found"; mkdir "$folder/after"; cp -a "$folder/authority/." "$folder/after";';
