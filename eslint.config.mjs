import js from '@eslint/js';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

/** The floors from the ground up; each imports only from those before it. `authority`, `signer`, `verify`, `policy` and `report` are neighbours. */
const FLOORS = [
  'common',
  'codec',
  'crypto',
  'credential',
  'bundle',
  ['authority', 'signer', 'verify', 'policy', 'report'],
  'operations',
  'ceremony',
  'cli',
];
const ROOMS = FLOORS.flat();

function mayNotImport(room) {
  const floor = FLOORS.findIndex((names) => [names].flat().includes(room));
  const below = FLOORS.slice(0, floor).flat();
  return ROOMS.filter((name) => name !== room && !below.includes(name));
}

/** Packages and modules of Node that only one room may open, and why that room is the only one. */
const ONLY_HERE = {
  commander: ['src/cli/main.ts', 'src/cli/program/command.ts'],
  inquirer: ['src/cli/terminal/prompt.ts'],
  qrcode: ['src/report/qr-code.ts'],
  'cbor-x': ['src/codec/cbor.ts'],
  'age-encryption': ['src/signer/age-file.ts'],
  yaml: ['src/codec/yaml.ts'],
  pkcs11js: ['src/signer/pkcs11/loaded-module.ts'],
  koffi: ['src/signer/pkcs11/null-pin.ts'],
  valibot: [
    'src/authority/formats/settings.ts',
    'src/authority/formats/settings-schema.ts',
    'src/ceremony/script/read-script.ts',
    'src/ceremony/script/script-schema.ts',
  ],
};

/** Files and open descriptors are touched here only. */
const FILE_ROOMS = [
  'src/common/files.ts',
  'src/common/held-folder.ts',
  'src/common/name-facts.ts',
  'src/common/new-files.ts',
  'src/common/new-folder.ts',
  'src/common/descriptors.ts',
  'src/common/scratch.ts',
  'src/common/uncached.ts',
];

const bans = (room, file) => [
  ...mayNotImport(room).map((name) => ({
    regex: `(^|/)\\.\\./(.*/)?${name}/`,
    message: `src/${room} may not import from src/${name}: imports point down only.`,
  })),
  ...Object.entries(ONLY_HERE)
    .filter(([, files]) => !files.includes(file))
    .map(([name]) => ({ regex: `^${name}(/|$)`, message: `${name} has one door of its own.` })),
  ...(FILE_ROOMS.includes(file)
    ? []
    : [{ regex: '^(node:)?fs(/|$)', message: 'Files are touched through src/common/ only.' }]),
];

const FILES_OF_THEIR_OWN = [...new Set([...Object.values(ONLY_HERE).flat(), ...FILE_ROOMS])];
const restricted = (room, file) => ({ 'no-restricted-imports': ['error', { patterns: bans(room, file) }] });

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      eqeqeq: 'error',
    },
  },
  {
    // Text from outside may be long, and is somebody's choice: a pattern over it takes linear time.
    files: ['src/**/*.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', 'bin/*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        require: 'readonly',
        module: 'readonly',
        __dirname: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        performance: 'readonly',
        setTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        crypto: 'readonly',
      },
    },
  },
  ...ROOMS.map((room) => ({ files: [`src/${room}/**/*.ts`], rules: restricted(room, '') })),
  ...FILES_OF_THEIR_OWN.map((file) => ({ files: [file], rules: restricted(file.split('/')[1], file) })),
);
