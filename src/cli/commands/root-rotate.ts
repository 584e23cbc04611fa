import { rootCommand } from '../root-command.js';

export const { define, run } = rootCommand('root rotate');
