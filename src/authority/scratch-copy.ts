/**
 * A copy of an authority for trying something out: everything but its private keys, outside every authority, and
 * removed at the end.
 */
import { makeScratch, writeScratch } from '../common/scratch.js';
import { MAX_TRANSCRIPT_FILE } from './formats/transcript.js';
import { onGround } from './ground/inside.js';
import { FOLDERS, SETTINGS_FILE } from './ground/layout.js';

export async function withScratchCopy<T>(dir: string, action: (copy: string) => Promise<T>): Promise<T> {
  const scratch = makeScratch();
  try {
    onGround(dir, (ground) => {
      const names = FOLDERS.flatMap((folder) => ground.list(folder).map((name) => `${folder}/${name}`));
      for (const path of [SETTINGS_FILE, ...names.filter((name) => !name.endsWith('.age'))])
        writeScratch(scratch.dir, path, ground.read(path, MAX_TRANSCRIPT_FILE));
    });
    return await action(scratch.dir);
  } finally {
    scratch.remove();
  }
}
