import { FOLDERS, inAuthority } from '../../authority/ground/layout.js';
import { IN_MEMORY, MEMORY_DISK } from '../../common/file-system.js';
import type { Machine } from './machine.js';
import { bad, type Check, fine, type Look, type Means, onLinux, unseen } from './machine-check.js';
import { mountOf } from './machine-mounts.js';

/** The type in statfs(2). */
const OVERLAY = 0x794c_7630;

const HINT =
  'Put the authority on a disk or a removable medium: what is in memory is gone when the machine is switched off.';

/**
 * Checks that the root is not in memory, since it would be lost with the power; live systems have all their folders
 * there.
 */
export const memoryFileSystem: Check = {
  id: 'memory-file-system',
  source: 'statfs(2) of the authority and its folders; /proc/self/mountinfo for what an overlay writes to',
  reason: 'An authority in memory is lost when the power goes: the root key, and what it has signed.',
  look: onLinux((means) => {
    const { authority, dir, rehearsal } = means;
    if (authority === undefined) return unseen(`there is no authority in ${dir}`, 'Name it.', { option: 'dir' });
    const look = lookAtAll(means);
    return look.state === 'bad' && rehearsal ? fine(`${look.saw}, as a rehearsal may be`) : look;
  }),
};

/** Checks every folder, since each may be a mount of its own; the worst result counts. */
function lookAtAll({ machine, dir }: Means): Look {
  const top = lookAt(machine, dir);
  const folders = FOLDERS.map((name) => inAuthority(dir, name)).filter(
    (path) => machine.fileSystem(path) !== undefined,
  );
  const looks = [top, ...folders.map((path) => lookAt(machine, path))];
  return looks.find(({ state }) => state === 'bad') ?? looks.find(({ state }) => state === 'unseen') ?? top;
}

function lookAt(machine: Machine, dir: string): Look {
  const here = machine.fileSystem(dir);
  if (here === undefined) return unseen(`what holds ${dir} is not shown`);
  const memory = IN_MEMORY.get(here.type);
  if (memory !== undefined) return bad(`${dir} is in memory (${memory})`, HINT);
  const mount = mountOf(machine, machine.realPath(dir));
  if (mount !== undefined && MEMORY_DISK.test(mount.source)) {
    return bad(`${dir} is in memory (${mount.source})`, HINT);
  }
  if (mount === undefined) return unseen(`the system does not show what ${dir} is stored on`, HINT);
  if (here.type !== OVERLAY) return fine(`${dir} is on ${mount.type} (${mount.source})`);
  const upper = mount.options.get('upperdir');
  const below = upper === undefined ? undefined : machine.fileSystem(upper);
  if (upper === undefined || below === undefined) {
    return unseen(`${dir} is on an overlay, as on live systems, and what it writes to is not shown`, HINT);
  }
  const belowMemory = IN_MEMORY.get(below.type);
  if (belowMemory !== undefined) return bad(`${dir} is on an overlay that writes to memory (${belowMemory})`, HINT);
  return fine(`${dir} is on an overlay that writes to ${upper}`);
}
