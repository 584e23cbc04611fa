import { bundleMarkCommand } from '../bundle-mark-command.js';

export const { define, run } = bundleMarkCommand('bundle published');
