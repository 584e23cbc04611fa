/** What the two libraries export, and that the one for clients runs where there is no Node. */
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { expect, test } from '@jest/globals';
import { build, type Metafile } from 'esbuild';
import * as library from '../src/index.js';
import * as nodeLibrary from '../src/node.js';
import { CREDENTIAL_KINDS, ownVectors } from './credential/vectors.js';

test('the exports of the library', () => {
  expect(Object.keys(library).sort()).toEqual([
    'BUNDLE_CODES',
    'CeremonyError',
    'DECODING_CODES',
    'HASHES',
    'SCHEMES',
    'VERIFYING_CODES',
    'acceptBundle',
    'checkNesting',
    'checkSelfSignature',
    'checkSignature',
    'ciphersuiteName',
    'commitmentOf',
    'decodeAsCredential',
    'decodeAsCredentialsResponse',
    'decodeBundle',
    'decodeClientCredential',
    'decodeClientCredentialRequest',
    'decodeCredentialFile',
    'decodeIntermediateAsCredential',
    'decodeIntermediateAsCredentialRequest',
    'decodeLeafCredential',
    'encodeAsCredentialsResponse',
    'encodeCredentialFile',
    'examineChain',
    'fingerprintOf',
    'formatClientId',
    'hashByCode',
    'identityHash',
    'identityHashOf',
    'isWireCode',
    'nobleEngine',
    'parseCiphersuite',
    'publishedSetOf',
    'schemeByCode',
    'schemeByCoseAlgorithm',
    'schemeByName',
    'signContent',
    'verifyChain',
    'verifyMessage',
    'verifyWithAll',
  ]);
});

test('the exports for Node', () => {
  expect(Object.keys(nodeLibrary)).toEqual(['nodeEngine']);
});

interface Browser {
  readonly code: string;
  readonly metafile: Metafile;
}

async function bundleForBrowser(): Promise<Browser> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: fileURLToPath(new URL('..', import.meta.url)),
    entryPoints: ['src/index.ts'],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'browser',
    target: 'es2022',
    format: 'iife',
    globalName: 'library',
    logLevel: 'silent',
  });
  return { code: outputFiles[0]?.text ?? '', metafile };
}

/** What a browser has beyond the language, as far as the library needs it. */
const browser = (): vm.Context => vm.createContext({ TextEncoder, TextDecoder, atob, btoa });

test('bundled for the browser, it verifies and refuses chains without Node', async () => {
  const { code, metafile } = await bundleForBrowser();
  const outside = Object.values(metafile.inputs).flatMap(({ imports }) =>
    imports.filter(({ external }) => external === true),
  );
  expect(outside).toEqual([]);
  expect(code).not.toMatch(/\brequire\(|["']node:/);

  const context = browser();
  vm.runInContext(code, context);
  context.vectors = JSON.stringify(
    ownVectors('credentials').map((chain) => ({
      at: chain.at,
      name: chain.name,
      encoded: CREDENTIAL_KINDS.map((kind) => chain[kind].encoded),
      fingerprints: CREDENTIAL_KINDS.map((kind) => chain[kind].fingerprint),
    })),
  );
  const verdicts = vm.runInContext(
    `{
      const bytes = (hex) => Uint8Array.from(hex.match(/../g), (two) => parseInt(two, 16));
      const decoders = [library.decodeAsCredential, library.decodeIntermediateAsCredential,
        library.decodeClientCredential, library.decodeLeafCredential];
      JSON.stringify(JSON.parse(vectors).map(({ at, name, encoded, fingerprints }) => {
        const [root, intermediate, client, leaf] = decoders.map((decode, i) => decode(bytes(encoded[i])));
        const question = { subject: leaf, atHand: [client, intermediate, root], trusted: new Set([fingerprints[0]]),
          published: 'any', revoked: new Set(), atSeconds: at, engines: [library.nobleEngine] };
        const verdict = (change) => {
          try {
            return library.verifyChain({ ...question, ...change }).length;
          } catch (error) {
            return error instanceof library.CeremonyError ? error.code : String(error);
          }
        };
        return [name, verdict({}), verdict({ revoked: new Set([fingerprints[2]]) }), verdict({ atSeconds: at + 1e9 }),
          verdict({ trusted: new Set() })];
      }));
    }`,
    context,
  ) as string;
  expect(JSON.parse(verdicts)).toEqual(
    ownVectors('credentials').map(({ name }) => [name, 4, 'revoked', 'expired', 'untrusted']),
  );
});
