import { rootCommand } from '../../options/root-command.js';

export const { define, run } = rootCommand('root rotate');
