import { readFileSync } from 'node:fs';
import js from '@eslint/js';
import regexp from 'eslint-plugin-regexp';
import importSort from 'eslint-plugin-simple-import-sort';
import tseslint from 'typescript-eslint';

/**
 * Who may import what; the tests of the house look at the same list from outside. Neighbours on one floor don't
 * import each other.
 */
const { floors: FLOORS, doors: DOORS } = JSON.parse(readFileSync(new URL('src/floors.json', import.meta.url), 'utf8'));
const ROOMS = FLOORS.flat();

function mayNotImport(room) {
  const floor = FLOORS.findIndex((names) => names.includes(room));
  const below = FLOORS.slice(0, floor).flat();
  return ROOMS.filter((name) => name !== room && !below.includes(name));
}

const bans = (room, file) => [
  ...mayNotImport(room).map((name) => ({
    regex: `(^|/)\\.\\./(.*/)?${name}/`,
    message: `src/${room} may not import from src/${name}: imports point down only.`,
  })),
  ...Object.entries(DOORS)
    .filter(([, files]) => !files.includes(file))
    .map(([name]) => ({
      regex: `^(node:)?${name}(/|$)`,
      message: `${name} has doors of its own: ${DOORS[name].join(', ')}.`,
    })),
];

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
    // Node's modules, packages, and then files by their paths.
    plugins: { 'simple-import-sort': importSort },
    rules: {
      'simple-import-sort/imports': ['error', { groups: [['^node:', '^@?\\w', '^\\.']] }],
      'simple-import-sort/exports': 'error',
    },
  },
  {
    // The formatter breaks code; remarks are for people to break.
    rules: {
      'max-len': [
        'error',
        { code: 120, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true, ignoreUrls: true },
      ],
    },
  },
  {
    // Text from outside may be long, and is somebody's choice: a pattern over it takes linear time.
    files: ['src/**/*.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential' }],
      // Branches a function may have; a switch counts as one.
      complexity: ['error', { max: 25, variant: 'modified' }],
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
  ...[...new Set(Object.values(DOORS).flat())].map((file) => ({
    files: [`src/${file}`],
    rules: restricted(file.split('/')[0], file),
  })),
);
