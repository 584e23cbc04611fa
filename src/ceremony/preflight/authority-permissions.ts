import { FOLDERS, SETTINGS_FILE, inAuthority } from '../../authority/layout.js';
import { bad, fine, unseen, type Check } from './check.js';
import { shellWord } from '../../common/shell.js';

const GROUP_OR_OTHERS_MAY_WRITE = 0o022;

export const authorityPermissions: Check = {
  id: 'authority-permissions',
  source: 'the permissions of the authority, its folders and its settings',
  reason: 'Whoever can write the folder can put other files in the place of what was signed.',
  look({ machine, dir, authority }) {
    if (authority === undefined) return unseen(`there is no authority in ${dir}`, 'Name it with -C.');
    const open = ['', ...FOLDERS, SETTINGS_FILE].flatMap((name) => {
      const mode = machine.facts(name === '' ? dir : inAuthority(dir, name))?.mode ?? 0;
      return (mode & GROUP_OR_OTHERS_MAY_WRITE) === 0 ? [] : [`${name === '' ? dir : name} (mode ${mode.toString(8)})`];
    });
    if (open.length === 0) return fine('nobody but the owner may write the authority');
    return bad(`others than the owner may write ${open.join(', ')}`, `Run: chmod -R go-w ${shellWord(dir)}`);
  },
};
