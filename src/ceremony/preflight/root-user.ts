import { bad, type Check, fine, unseen } from './machine-check.js';

export const rootUser: Check = {
  id: 'root-user',
  source: 'the user who runs the program',
  reason: 'Nothing limits a mistake by root: neither permissions nor read-only mounts stop it.',
  look({ machine }) {
    const { userId } = machine;
    if (userId === undefined) return unseen('users have no numbers here');
    if (userId !== 0) return fine(`user ${String(userId)} runs it`);
    return bad('root runs it', 'Run it as an ordinary user who owns the authority.');
  },
};
