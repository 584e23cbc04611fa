import { basename, resolve } from 'node:path';
import { MAX_BUNDLE_FILE, readFile } from '../../../common/files.js';
import { numberIn } from '../../../operations/context/text-options.js';
import { signPrepared } from '../../../operations/stages/sign-prepared.js';
import { runOperation } from '../../operation/run-operation.js';
import { first, readTrust } from '../../options/file-arguments.js';
import type { CommandModule } from '../../program/command.js';
import { declare } from '../../program/declared.js';
import { result } from '../../terminal/output.js';
import { fields } from '../../terminal/render.js';
import { checkStageOut, readPrepared, sha256Json, writeOut } from '../../written/stages.js';

const KID_DIGITS = 16;

export const { define, run }: CommandModule = {
  define: (command) => {
    declare(command, 'bundle sign');
  },
  run: async (context, args, options) => {
    const path = first(args);
    const prepared = readPrepared(path);
    const given = checkStageOut(context, options.text('out'));
    const [root, keyUri] = [options.text('root'), options.text('key')];
    const last = options.texts('last').map((name) => ({ name, bytes: readFile(name, MAX_BUNDLE_FILE) }));
    const [{ pins: trust }, threshold] = [await readTrust(options.texts('trust')), numberIn(options, 'threshold')];
    const file = path === '-' ? 'prepared' : basename(path);
    const signed = await runOperation(context, 'bundle sign', (operation) =>
      signPrepared(operation, {
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
      sequences: signed.judged.unsigned.map(({ payload }) => payload.sequence),
      prepared_sha256: sha256,
      sha256: sha256Json(signed.signatures).sha256,
    };
    result(
      context.options,
      json,
      () =>
        `It is signed, and recorded here.\n\n${fields([
          ['file', signed.out],
          ['signed by', signed.root.fingerprint],
        ])}\nTake it back to where the bundle was prepared: bundle assemble\n`,
    );
  },
};
