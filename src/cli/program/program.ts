/** The program without its commands: its name, and the options of every command. */
import { Command } from 'commander';
import { out } from '../terminal/streams.js';
import { collect } from './command.js';

export function program(version: string): Command {
  return new Command('as-ceremony')
    .description(
      'Offline key ceremonies for the authentication service (AS) of an MLS homeserver:\nroots, intermediates and signed bundles, made and verified in front of witnesses.',
    )
    .version(version, '-V, --version')
    .option('-C, --dir <folder>', 'the authority directory (default: $AS_CEREMONY_DIR, then the current folder)')
    .option('--json', 'one JSON document on stdout')
    .option('--yes', 'answer confirmations (not secrets) with yes')
    .option('--passphrase-file <[key=]file>', "a key's passphrase from a file or /dev/fd/N", collect)
    .option('--pin-file <[key=]file>', "a token's PIN from a file or /dev/fd/N", collect)
    .option(
      '--head <hash>',
      "the newest transcript's head, from paper or a witness; compared before anything is signed",
    )
    .option(
      '--hsm-timeout <duration>',
      'how long an HSM may take for one operation (default: 1m, or as authority.yaml says)',
    )
    .option('--module <file>', 'a PKCS#11 module that may be loaded wherever it is (repeatable)', collect)
    .option('--no-color', 'no colours')
    .option('-q, --quiet', 'only errors and results')
    .option('-v, --verbose', 'more detail')
    .showHelpAfterError(false)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: () => undefined,
      outputError: () => undefined,
      getOutHelpWidth: () => out.columns ?? 80,
      getOutHasColors: () => false,
    });
}
