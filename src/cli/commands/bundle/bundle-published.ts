import { bundleMarkCommand } from '../../options/bundle-mark-command.js';

export const { define, run } = bundleMarkCommand('bundle published');
