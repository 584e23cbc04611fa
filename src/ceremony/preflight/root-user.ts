import { bad, fine, unseen, type Check } from './machine-check.js';

export const rootUser: Check = {
  id: 'root-user',
  source: 'the user who runs the program',
  reason: 'A mistake of root has no limits: permissions, and media that are mounted for reading only, stop it nowhere.',
  look({ machine }) {
    const { userId } = machine;
    if (userId === undefined) return unseen('users have no numbers here');
    if (userId !== 0) return fine(`user ${String(userId)} runs it`);
    return bad('root runs it', 'Run it as an ordinary user who owns the authority.');
  },
};
