import { basename, resolve } from 'node:path';
import { MAX_BUNDLE_FILE, readFile } from '../../../common/files.js';
import { signPrepared } from '../../../operations/stages/sign-prepared.js';
import { numberIn } from '../../../operations/desk/text-options.js';
import { collect, type CommandModule } from '../../program/command.js';
import { atDesk } from '../../desk/desk.js';
import { first, readTrust } from '../../options/file-arguments.js';
import { result } from '../../terminal/output.js';
import { fields } from '../../terminal/render.js';
import { checkStageOut, readPrepared, sha256Json, writeOut } from '../../written/stages.js';

const KID_DIGITS = 16;

export const { define, run }: CommandModule = {
  define: (command) => {
    command
      .argument('<prepared>', 'what bundle prepare wrote')
      .option('--root <root>', 'which root signs here: its file, its fingerprint, or 8 or more digits of that')
      .option('--key <uri>', 'where its key is, if that is not on record here')
      .option('--out <file>', 'where the signature goes (PREPARED.<16 digits>.sig in this folder, if not given)')
      .option(
        '--last <file>',
        'in a folder that holds nothing of the authority: a bundle that clients hold (repeats)',
        collect,
      )
      .option(
        '--trust <fingerprint|file>',
        'with --last: a root that is known by another way, where the one that signs here has not signed it (repeats)',
        collect,
      )
      .option('--threshold <n>', 'with --trust: how many of these must have signed it; needed for two or more')
      .option('--anew', 'although this root has signed another bundle of that number; asks for it in words');
  },
  run: async (context, args, options) => {
    const path = first(args);
    const prepared = readPrepared(path);
    const given = checkStageOut(context, options.text('out'));
    const [root, keyUri] = [options.text('root'), options.text('key')];
    const last = options.texts('last').map((name) => ({ name, bytes: readFile(name, MAX_BUNDLE_FILE) }));
    const [{ pins: trust }, threshold] = [await readTrust(options.texts('trust')), numberIn(options, 'threshold')];
    const file = path === '-' ? 'prepared' : basename(path);
    const signed = await atDesk(context, 'bundle sign', (desk) =>
      signPrepared(desk, {
        prepared,
        ...(root === undefined ? {} : { root }),
        ...(keyUri === undefined ? {} : { keyUri }),
        last,
        trust,
        ...(threshold === undefined ? {} : { threshold }),
        anew: options.flag('anew'),
        out: (kid) => given ?? checkStageOut(context, resolve(`${file}.${kid.slice(0, KID_DIGITS)}.sig`)) ?? '',
      }),
    );
    writeOut(signed.out, signed.signatures);
    const { sha256 } = sha256Json(prepared);
    const json = {
      file: signed.out,
      kid: signed.root.fingerprint,
      sequences: signed.judged.planned.map(({ payload }) => payload.sequence),
      prepared_sha256: sha256,
      sha256: sha256Json(signed.signatures).sha256,
    };
    result(
      context.options,
      json,
      () =>
        `It is signed, and on record here.\n\n${fields([
          ['file', signed.out],
          ['signed by', signed.root.fingerprint],
        ])}\nTake it back to where the bundle was prepared: bundle assemble\n`,
    );
  },
};
