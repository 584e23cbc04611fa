/**
 * What a power cut may leave of a folder: every change of its files is recorded while a command runs, and replayed to
 * the states in which a disk may then be. What was synced is there. Of the rest, the contents of a file are there
 * whole, by half, not at all, or as zeros in its full length (ext4 in writeback mode, ext2, FAT); names are there as
 * far as they were given, up to any of them, or any of them without the others.
 */
import * as real from 'node:fs';
import { basename, dirname, join } from 'node:path';

type Names = Map<string, number>;

type Op =
  /** A name given, taken away, or moved, in the folder `in`; `file` is the model's own number, -1 for a folder. */
  | { readonly kind: 'name'; readonly in: string; readonly change: (names: Names) => void }
  | { readonly kind: 'write'; readonly file: number; readonly change: (bytes: Buffer) => Buffer }
  | { readonly kind: 'sync-file'; readonly file: number }
  | { readonly kind: 'sync-folder'; readonly in: string };

/**
 * An open descriptor; `at` is where the next bytes go in a file that is overwritten, others are added to at their end.
 */
interface Open {
  readonly file: number;
  readonly path: string;
  at?: number;
}

const FOLDER = -1;
const LONG_AGO = 1_000_000_000;
const DATA = ['whole', 'nothing', 'half', 'zeros'] as const;
type Data = (typeof DATA)[number];

/**
 * One state of the disk: absolute paths with what they hold; undefined is a folder. Paths of one file hold the same
 * object.
 */
export type DiskState = ReadonlyMap<string, Buffer | undefined>;

/** Records what goes through `fs` below `root`, a folder that must not be renamed itself. */
export class Recorder {
  #root = '';
  #paused = true;
  #ops: Op[] = [];
  #names: Names = new Map();
  #begin: Names = new Map();
  #beginBytes = new Map<number, Buffer>();
  #modes = new Map<number, number>();
  #open = new Map<number, Open>();
  #next = 0;
  /** Whether the file system has hard links; FAT has none. */
  links = true;

  /** Begins anew, with what lies below `root` (absolute, without links) as synced. */
  begin(root: string): void {
    this.#root = root;
    this.#paused = false;
    this.#ops = [];
    this.#names = new Map();
    this.#beginBytes = new Map();
    this.#modes = new Map();
    this.#open = new Map();
    this.#next = 0;
    const inodes = new Map<number, number>();
    for (const name of real.readdirSync(root, { recursive: true, encoding: 'utf8' })) {
      const path = join(root, name);
      const stat = real.lstatSync(path);
      if (stat.isDirectory()) {
        this.#names.set(path, FOLDER);
        continue;
      }
      const file = inodes.get(stat.ino) ?? this.#next++;
      inodes.set(stat.ino, file);
      this.#names.set(path, file);
      this.#modes.set(file, stat.mode & 0o777);
      this.#beginBytes.set(file, real.readFileSync(path));
    }
    this.#begin = new Map(this.#names);
  }

  /** What comes now is not recorded; what was can still be replayed. */
  pause(): void {
    this.#paused = true;
  }

  /** How many changes and syncs there were. */
  get length(): number {
    return this.#ops.length;
  }

  /** The functions of `node:fs` that change something, watched. */
  get fs(): Partial<typeof real> {
    return {
      openSync: (path, flags, mode) => this.#opened(path, flags, mode),
      closeSync: (fd) => {
        this.#open.delete(fd);
        real.closeSync(fd);
      },
      writeSync: ((fd: number, bytes: Uint8Array, offset: number | null = 0) => {
        const known = this.#open.get(fd);
        const from = known?.at ?? (known === undefined ? 0 : real.fstatSync(fd).size);
        const written = real.writeSync(fd, bytes, offset);
        if (known === undefined) return written;
        const piece = Buffer.from(bytes.slice(offset ?? 0, (offset ?? 0) + written));
        if (known.at !== undefined) known.at += written;
        this.#add({ kind: 'write', file: known.file, change: (was) => overlaid(was, piece, from) });
        return written;
      }) as typeof real.writeSync,
      ftruncateSync: (fd, length = 0) => {
        real.ftruncateSync(fd, length);
        const known = this.#open.get(fd);
        if (known === undefined) return;
        this.#add({ kind: 'write', file: known.file, change: (was) => Buffer.from(was.subarray(0, length)) });
      },
      fsyncSync: (fd) => {
        real.fsyncSync(fd);
        const known = this.#open.get(fd);
        if (known === undefined) return;
        this.#add(
          known.file === FOLDER ? { kind: 'sync-folder', in: known.path } : { kind: 'sync-file', file: known.file },
        );
      },
      linkSync: (from, to) => {
        if (!this.links && this.#watched(this.#path(to))) throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
        real.linkSync(from, to);
        this.#give(this.#path(to), this.#names.get(this.#path(from)));
      },
      renameSync: (from, to) => {
        real.renameSync(from, to);
        const [old, path] = [this.#path(from), this.#path(to)];
        const file = this.#names.get(old);
        if (file === undefined) return;
        this.#name(dirname(path), (names) => {
          if (names.get(old) === file) names.delete(old);
          names.set(path, file);
        });
      },
      unlinkSync: (path) => {
        const gone = this.#path(path);
        real.unlinkSync(path);
        this.#take(gone);
      },
      rmSync: (path, options) => {
        const gone = this.#path(path);
        real.rmSync(path, options);
        const below = [...this.#names.keys()].filter((one) => one === gone || one.startsWith(`${gone}/`));
        for (const one of below.sort().reverse()) this.#take(one);
      },
      mkdirSync: ((path: real.PathLike, options?: real.MakeDirectoryOptions) => {
        const made = real.mkdirSync(path, options);
        this.#give(this.#path(path), FOLDER);
        return made;
      }) as typeof real.mkdirSync,
    };
  }

  /** Without links, /proc/self/fd among them; the last part stays as it is. */
  #path(path: real.PathLike): string {
    const text = String(path);
    try {
      return join(real.realpathSync(dirname(text)), basename(text));
    } catch {
      return text;
    }
  }

  #watched(path: string): boolean {
    return !this.#paused && (path === this.#root || path.startsWith(`${this.#root}/`));
  }

  #opened(path: real.PathLike, flags: string | number, mode?: real.Mode | null): number {
    const before = this.#path(path);
    const had = this.#names.has(before);
    const fd = real.openSync(path, flags, mode);
    const stat = real.fstatSync(fd);
    const at = stat.isDirectory() ? real.realpathSync(String(path)) : before;
    if (!this.#watched(at)) return fd;
    if (stat.isDirectory()) {
      this.#open.set(fd, { file: FOLDER, path: at });
      return fd;
    }
    if (!had) {
      const file = this.#next++;
      this.#beginBytes.set(file, Buffer.alloc(0));
      this.#modes.set(file, stat.mode & 0o777);
      this.#give(at, file);
    }
    const appends = typeof flags === 'number' ? (flags & real.constants.O_APPEND) !== 0 : flags.startsWith('a');
    this.#open.set(fd, { file: this.#names.get(at) ?? FOLDER, path: at, ...(had && !appends ? { at: 0 } : {}) });
    return fd;
  }

  #give(path: string, file: number | undefined): void {
    if (file === undefined || !this.#watched(path)) return;
    this.#name(dirname(path), (names) => names.set(path, file));
  }

  #take(path: string): void {
    const file = this.#names.get(path);
    if (file === undefined) return;
    this.#name(dirname(path), (names) => {
      if (names.get(path) === file) names.delete(path);
    });
  }

  #name(folder: string, change: (names: Names) => unknown): void {
    const made = (names: Names): void => {
      change(names);
    };
    made(this.#names);
    this.#add({ kind: 'name', in: folder, change: made });
  }

  #add(op: Op): void {
    if (!this.#paused) this.#ops.push(op);
  }

  /**
   * The states after the first `count` changes, each once. `draw` gives numbers from 0 up to and without its argument.
   */
  statesAfter(count: number, draw: (below: number) => number): DiskState[] {
    const ops = this.#ops.slice(0, count);
    const lastSync = new Map<string | number, number>();
    ops.forEach((op, i) => {
      if (op.kind === 'sync-folder') lastSync.set(op.in, i);
      if (op.kind === 'sync-file') lastSync.set(op.file, i);
    });
    const [lasting, open] = [new Map(this.#begin), [] as ((names: Names) => void)[]];
    const synced = new Map(this.#beginBytes);
    const latest = new Map(this.#beginBytes);
    ops.forEach((op, i) => {
      if (op.kind === 'name') {
        if (i < (lastSync.get(op.in) ?? -1)) op.change(lasting);
        else open.push(op.change);
      } else if (op.kind === 'write') {
        const now = op.change(latest.get(op.file) ?? Buffer.alloc(0));
        latest.set(op.file, now);
        if (i < (lastSync.get(op.file) ?? -1)) synced.set(op.file, now);
      }
    });
    const nameStates = subsets(open.length, draw).map((chosen) => {
      const names = new Map(lasting);
      open.forEach((change, i) => {
        if (chosen.has(i)) change(names);
      });
      return names;
    });
    return nameStates.flatMap((names) =>
      DATA.map((data) => {
        const held = new Map(
          [...latest].map(([file, now]) => [file, lost(synced.get(file) ?? Buffer.alloc(0), now, data)]),
        );
        return stateOf(this.#root, names, held);
      }),
    );
  }

  /** Puts a state onto the real disk, in the place of what is below the root that it was recorded of. */
  restore(root: string, state: DiskState): void {
    real.rmSync(root, { recursive: true, force: true });
    real.mkdirSync(root, { recursive: true });
    const written = new Map<Buffer, string>();
    for (const [path, bytes] of [...state].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (bytes === undefined) real.mkdirSync(path, { recursive: true });
      else if (written.has(bytes)) real.linkSync(written.get(bytes) ?? '', path);
      else {
        real.writeFileSync(path, bytes, { mode: /\.age(\.|$)/.test(path) ? 0o600 : 0o644 });
        // The machine has been started since.
        real.utimesSync(path, LONG_AGO, LONG_AGO);
        written.set(bytes, path);
      }
    }
  }
}

function overlaid(was: Buffer, piece: Buffer, at: number): Buffer {
  const now = Buffer.alloc(Math.max(was.length, at + piece.length));
  was.copy(now);
  piece.copy(now, at);
  return now;
}

/** What is left of a file that was `synced` and is written to be `now`. */
function lost(synced: Buffer, now: Buffer, data: Data): Buffer {
  if (data === 'whole' || synced.equals(now)) return now;
  if (data === 'nothing') return synced;
  const half = Buffer.from(now.subarray(0, synced.length + Math.ceil((now.length - synced.length) / 2)));
  if (data === 'half') return half;
  return Buffer.concat([
    now.subarray(0, Math.min(synced.length, now.length)),
    Buffer.alloc(Math.max(now.length - synced.length, 0)),
  ]);
}

/**
 * Which of `n` changes are there: the first 0, 1, … n of them, and others as drawn. All of them where there are few.
 */
function subsets(n: number, draw: (below: number) => number): ReadonlySet<number>[] {
  const all = Array.from({ length: n }, (_, i) => i);
  if (n <= 3) return Array.from({ length: 2 ** n }, (_, bits) => new Set(all.filter((i) => (bits >> i) & 1)));
  const prefixes = Array.from({ length: n + 1 }, (_, k) => new Set(all.slice(0, k)));
  const drawn = Array.from({ length: 8 }, () => new Set(all.filter(() => draw(2) === 1)));
  return [...prefixes, ...drawn];
}

/** Only what can be reached: a name below a folder that isn't there is none. */
function stateOf(root: string, names: Names, held: ReadonlyMap<number, Buffer>): DiskState {
  const state = new Map<string, Buffer | undefined>();
  for (const path of [...names.keys()].sort()) {
    const parent = dirname(path);
    if (parent !== root && !(state.has(parent) && state.get(parent) === undefined)) continue;
    const file = names.get(path) ?? FOLDER;
    state.set(path, file === FOLDER ? undefined : held.get(file));
  }
  return state;
}
