/** A copy of an authority for trying something out: everything but its private keys, outside of every authority, and gone at the end. */
import { copyToScratch, makeScratch } from '../common/scratch.js';
import { FOLDERS, inAuthority, SETTINGS_FILE } from './layout.js';

export async function withScratchCopy<T>(dir: string, action: (copy: string) => Promise<T>): Promise<T> {
  const scratch = makeScratch();
  try {
    copyToScratch(dir, scratch.dir, (name) => name === SETTINGS_FILE);
    for (const folder of FOLDERS)
      copyToScratch(inAuthority(dir, folder), inAuthority(scratch.dir, folder), (name) => !name.endsWith('.age'));
    return await action(scratch.dir);
  } finally {
    scratch.remove();
  }
}
