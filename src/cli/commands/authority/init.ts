import { relative, resolve } from 'node:path';
import { DEFAULTS, FULL_CIPHERSUITES } from '../../../authority/formats/settings-defaults.js';
import { refused, usage } from '../../../common/errors.js';
import { checkFqdn, isRehearsalDomain } from '../../../credential/fqdn.js';
import { ciphersuiteName, parseCiphersuite } from '../../../crypto/ciphersuite.js';
import { beginAuthority } from '../../operation/begin-authority.js';
import { rememberLedger } from '../../operation/ledger-memory.js';
import { first } from '../../options/file-arguments.js';
import { collect, type CommandModule } from '../../program/command.js';
import { result } from '../../terminal/output.js';
import { commandLine } from '../../terminal/remedy-text.js';
import { printable } from '../../terminal/render.js';

const onlyFromBundle = (name: string): Error =>
  usage(`--${name} is for --from-bundle`, { hint: 'Leave it out: a new authority has no root yet.' });

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<domain>', "the authority's domain, as in DNS")
      .argument('[dir]', 'the folder to make (default: what -C says)')
      .option(
        '--ciphersuite <ciphersuite>',
        `for new credentials: ${FULL_CIPHERSUITES.join(', ')}`,
        DEFAULTS.ciphersuite,
      )
      .option('--from-bundle <file>', 'rebuild a lost authority from the last bundle that was signed')
      .option(
        '--trust <fingerprint|file>',
        'with --from-bundle: a root that you know from elsewhere (repeatable)',
        collect,
      )
      .option('--threshold <n>', 'with --from-bundle: how many of these must have signed it; required for two or more')
      .option('--sequence-floor <n>', 'with --from-bundle: the highest sequence ever signed, if higher')
      .option('--key <uri>', 'with --from-bundle: an available key, to put on record again (repeatable)', collect);
  },
  run: async (context, args, options) => {
    const domain = first(args);
    const reason = checkFqdn(domain);
    if (reason !== undefined) {
      throw refused('bad-domain', `${JSON.stringify(domain)} is not a domain: ${reason}`, {
        hint: 'Write it as it is in DNS, in lower case, such as example.org.',
      });
    }
    if (isRehearsalDomain(domain)) {
      throw refused('domain-mismatch', `${domain} is the domain of a rehearsal`, {
        hint: 'Begin an authority with its real domain.',
      });
    }
    const name = options.text('ciphersuite') ?? DEFAULTS.ciphersuite;
    const ciphersuite = parseCiphersuite(name);
    if (ciphersuite === undefined || !FULL_CIPHERSUITES.some((one) => one === name)) {
      throw usage(`unknown ciphersuite ${JSON.stringify(name)}`, {
        hint: `Choose one of ${FULL_CIPHERSUITES.join(', ')}.`,
      });
    }
    const dir = args[1] === undefined ? context.dir : resolve(args[1]);
    if (options.text('fromBundle') !== undefined) {
      const { initFromBundle, rebuiltJson, rebuiltText } = await import('../../options/init-from-bundle.js');
      const rebuilt = await initFromBundle(context, { dir, domain, ciphersuite }, options);
      result(context.options, { dir, domain, ...rebuiltJson(dir, rebuilt) }, () => rebuiltText(dir, rebuilt));
      return;
    }
    for (const name of ['trust', 'key']) if (options.texts(name).length > 0) throw onlyFromBundle(name);
    for (const name of ['sequence-floor', 'threshold'])
      if (options.text(name) !== undefined) throw onlyFromBundle(name);
    const { transcript } = await beginAuthority(context, dir, { domain, ciphersuite, files: [], events: [] });
    await rememberLedger(context, dir);
    const json = {
      dir,
      domain,
      ciphersuite: ciphersuiteName(ciphersuite),
      settings: resolve(dir, 'authority.yaml'),
      transcript: resolve(dir, transcript),
    };
    const shown = relative(process.cwd(), dir) || '.';
    result(context.options, json, () =>
      [
        `A new authority for ${domain} is in ${printable(dir)}.`,
        '',
        'Next:',
        `  1. read its authority.yaml, and change it to fit your policy`,
        `  2. ${commandLine({ command: 'root generate' }, shown)}`,
        '',
      ].join('\n'),
    );
  },
};
