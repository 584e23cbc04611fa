/** What `root generate` and `root rotate` share: they make a root, without or with a predecessor. */
import { resolve } from 'node:path';
import { toHex } from '../../../common/bytes.js';
import { hexGroups } from '../../../common/groups.js';
import type { AsCredential } from '../../../credential/as-credential.js';
import { fingerprintOf } from '../../../credential/fingerprint-of.js';
import { chooseCiphersuite } from '../../../operations/context/operation-context.js';
import { generateRoot, type RootOptions } from '../../../operations/credentials/generate-root.js';
import { againIn, rootOptionsIn } from '../../../operations/credentials/parse-credential-options.js';
import { signAgain } from '../../../operations/credentials/signed-again.js';
import { commitmentTo } from '../../../operations/lifecycle/reserve.js';
import { runOperation } from '../../operation/run-operation.js';
import { validityJson } from '../../options/times.js';
import type { CommandModule } from '../../program/command.js';
import type { CommandContext } from '../../program/context.js';
import { declare } from '../../program/declared.js';
import { result } from '../../terminal/output.js';
import { fields } from '../../terminal/render.js';

export function rootMaking(name: 'root generate' | 'root rotate'): CommandModule {
  const succeeds = name === 'root rotate';
  return {
    define: (command) => {
      declare(command, name);
    },
    run: async (context, _args, options) => {
      const again = againIn(options);
      if (again !== undefined) {
        const { credential, file } = await runOperation(context, name, (operation) => signAgain(operation, again));
        sayAgain(context, resolve(context.dir, file), credential);
        return;
      }
      const wanted = rootOptionsIn(options, succeeds);
      const { keyUri, twin, reserve = false } = wanted;
      const made = await runOperation(context, name, (operation) =>
        generateRoot(operation, {
          ...wanted,
          ciphersuite: chooseCiphersuite(operation.authority, options.text('ciphersuite')),
        }),
      );
      const { credential, file } = made;
      const inHsm = keyUri?.startsWith('pkcs11:') === true;
      const fingerprint = toHex(fingerprintOf(credential));
      const path = resolve(context.dir, file);
      const json = {
        fingerprint,
        file: path,
        ...validityJson(credential.payload.expirationData),
        ...(reserve ? reserveJson(credential) : {}),
        ...(made.twin === undefined
          ? {}
          : {
              twin: {
                fingerprint: toHex(fingerprintOf(made.twin.credential)),
                file: resolve(context.dir, made.twin.file),
                ...(twin?.listed === true ? {} : reserveJson(made.twin.credential)),
              },
            }),
      };
      result(context.options, json, () =>
        [
          made.twin === undefined ? 'The AS root credential is made.' : 'The two AS root credentials are made.',
          '',
          shown(path, credential),
          ...(made.twin === undefined ? [] : [shown(resolve(context.dir, made.twin.file), made.twin.credential)]),
          `Write the fingerprint${made.twin === undefined ? '' : 's'} down: ${made.twin === undefined ? 'it is' : 'they are'} what clients and witnesses trust. ${inHsm ? 'The key is only in its token.' : 'Back up the key file, and keep its passphrase apart from it.'}`,
          ...nextSteps(succeeds, reserve, twin),
          '',
        ].join('\n'),
      );
    },
  };
}

function sayAgain({ options }: CommandContext, path: string, credential: AsCredential): void {
  const { expirationData } = credential.payload;
  const json = { fingerprint: toHex(fingerprintOf(credential)), file: path, ...validityJson(expirationData) };
  result(options, json, () =>
    [
      'The AS root credential is signed again by the same key.',
      '',
      shown(path, credential),
      'Write the fingerprint down: clients and witnesses trust it from now on. The next bundle lists it: bundle export',
      '',
    ].join('\n'),
  );
}

type Twin = NonNullable<RootOptions['twin']>;

function reserveJson(credential: AsCredential) {
  return { reserve: true, commitment: toHex(commitmentTo(credential)) };
}

function shown(path: string, credential: AsCredential): string {
  const fingerprint = toHex(fingerprintOf(credential));
  const rows = fields([
    ['file', path],
    ['fingerprint', fingerprint],
  ]);
  return `${[rows, ...hexGroups(fingerprint).map((line) => `    ${line}`)].join('\n')}\n`;
}

function nextSteps(succeeds: boolean, reserve: boolean, twin: Twin | undefined): string[] {
  if (reserve) return ['The next bundle commits to its key, and lists it only when it is needed: bundle export'];
  if (twin?.listed === true)
    return ['The next bundle lists both; --threshold 2 then requires both signatures: bundle export'];
  if (twin !== undefined)
    return [
      "Take the twin's key to another place. The next bundle commits to it, and lists it only when it is needed: bundle export",
    ];
  if (!succeeds) return [];
  return ['Clients learn of it from the next published bundle, which the roots before it sign too: bundle export'];
}
