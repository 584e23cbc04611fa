/** The house's floors, looked at from outside the linter: who imports what in src/. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { COMMANDS } from '../src/cli/commands/command-list.js';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

/**
 * The list that the linter keeps too: floors from the ground up, and packages and modules of Node that few files may
 * open.
 */
const HOUSE = JSON.parse(readFileSync(join(SRC, 'floors.json'), 'utf8')) as {
  readonly floors: readonly (readonly string[])[];
  readonly doors: Readonly<Record<string, readonly string[]>>;
  readonly lazy: readonly string[];
  /** Files that import such a weight early, and are loaded late themselves. */
  readonly lazyFiles: readonly string[];
  readonly most: { readonly files: number; readonly lines: number };
};
const { floors: FLOORS, doors: DOORS } = HOUSE;

interface Import {
  readonly from: string;
  /** A file of src/ (`common/bytes.ts`), or a package. */
  readonly to: string;
  readonly inside: boolean;
  readonly typeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .sort();

function importsOf(file: string): readonly Import[] {
  const source = ts.createSourceFile(file, readFileSync(join(SRC, file), 'utf8'), ts.ScriptTarget.ES2022, true);
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, typeOnly: boolean): void => {
    if (specifier === undefined || !ts.isStringLiteralLike(specifier)) return;
    const { text } = specifier;
    const inside = text.startsWith('.');
    const to = inside ? normalize(join(dirname(file), text.replace(/\.js$/, '.ts'))) : text;
    found.push({ from: file, to, inside, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const named = node.importClause?.namedBindings;
      const elements = named !== undefined && ts.isNamedImports(named) ? named.elements : undefined;
      const allTypes = elements !== undefined && elements.length > 0 && elements.every((one) => one.isTypeOnly);
      add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword || allTypes);
    } else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node)) {
      const { expression } = node;
      const loads = expression.kind === ts.SyntaxKind.ImportKeyword || expression.getText() === 'require';
      if (loads) add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const imports = files.flatMap(importsOf);
const within = imports.filter(({ inside }) => inside);
const roomOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : '');
const floorOf = (file: string): number => FLOORS.findIndex((rooms) => rooms.includes(roomOf(file)));
const shown = (list: readonly Import[]): readonly string[] => list.map(({ from, to }) => `${from} -> ${to}`);

/** All files that a file brings with it when it runs, itself included. */
function reach(start: string): ReadonlySet<string> {
  const seen = new Set<string>();
  const todo = [start];
  for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    for (const one of within) if (one.from === file && !one.typeOnly) todo.push(one.to);
  }
  return seen;
}

describe('floors', () => {
  test('the graph is there', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(within.length).toBeGreaterThan(300);
    expect(imports.some(({ to }) => to === 'valibot')).toBe(true);
  });

  test('every room has a floor, and only the two libraries lie beside them', () => {
    expect(files.filter((file) => floorOf(file) < 0)).toEqual(['index.ts', 'node.ts']);
  });

  test('every import is of a file that is there', () => {
    const known = new Set([...files, ...readdirSync(SRC, { recursive: true, encoding: 'utf8' })]);
    expect(shown(within.filter(({ to }) => !known.has(to)))).toEqual([]);
  });

  test('imports point down, or stay in their room; types too', () => {
    const wrong = within.filter(
      ({ from, to }) => floorOf(from) >= 0 && roomOf(from) !== roomOf(to) && floorOf(to) >= floorOf(from),
    );
    expect(shown(wrong)).toEqual([]);
  });

  test('nobody imports a library file', () => {
    expect(shown(within.filter(({ to }) => roomOf(to) === ''))).toEqual([]);
  });

  test('the libraries reach no higher than verify', () => {
    const rooms = (file: string): readonly string[] => [...new Set([...reach(file)].map(roomOf))].sort();
    expect(rooms('index.ts')).toEqual(['', 'bundle', 'codec', 'common', 'credential', 'crypto', 'verify']);
    expect(rooms('node.ts')).toEqual(['', 'common', 'crypto']);
  });
});

/** Where following `arrows` leads back to the start. */
function circles(names: readonly string[], arrows: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (name: string, path: readonly string[]): void => {
    if (path.includes(name)) found.push([...path.slice(path.indexOf(name)), name].join(' -> '));
    if (path.includes(name) || done.has(name)) return;
    for (const to of arrows.get(name) ?? []) visit(to, [...path, name]);
    done.add(name);
  };
  for (const name of names) visit(name, []);
  return found;
}

/** What imports what, of files or of their folders. */
function arrowsOf(list: readonly Import[], nameOf: (file: string) => string): ReadonlyMap<string, ReadonlySet<string>> {
  const arrows = new Map<string, Set<string>>();
  for (const one of list) {
    const [from, to] = [nameOf(one.from), nameOf(one.to)];
    if (from !== to) arrows.set(from, (arrows.get(from) ?? new Set()).add(to));
  }
  return arrows;
}

test('no file imports itself by way of others', () => {
  expect(
    circles(
      files,
      arrowsOf(within, (file) => file),
    ),
  ).toEqual([]);
});

test('no folder imports itself by way of others, when it runs', () => {
  const running = within.filter(({ typeOnly }) => !typeOnly);
  expect(circles([...new Set(files.map(dirname))], arrowsOf(running, dirname))).toEqual([]);
});

test('no two files have one name', () => {
  const names = files.map((file) => basename(file));
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test('no folder is too full to be looked over', () => {
  for (const top of [SRC, fileURLToPath(new URL('./', import.meta.url))]) {
    const all = readdirSync(top, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const count = new Map<string, number>();
    for (const { parentPath } of all) count.set(parentPath, (count.get(parentPath) ?? 0) + 1);
    expect([...count].filter(([, files]) => files > HOUSE.most.files)).toEqual([]);
  }
});

describe('doors', () => {
  const bare = (name: string): string => name.replace(/^node:/, '');
  const opens = (to: string, door: string): boolean => bare(to) === door || bare(to).startsWith(`${door}/`);

  test.each(Object.entries(DOORS))('%s', (door, allowed) => {
    const users = imports.filter(({ to, inside }) => !inside && opens(to, door)).map(({ from }) => from);
    expect([...new Set(users)].filter((file) => !allowed.includes(file))).toEqual([]);
    expect([...new Set(users)].sort()).toEqual([...allowed].sort());
  });

  test('weights that a command may not need are loaded when they are used', () => {
    for (const file of files) {
      const text = readFileSync(join(SRC, file), 'utf8');
      for (const door of HOUSE.lazy) {
        const early = new RegExp(`^(import|export) (?!type )[^;]*from '${door}(/[^']*)?';`, 'm').test(text);
        expect([file, door, early && !HOUSE.lazyFiles.includes(file)]).toEqual([file, door, false]);
      }
    }
    const early = files.filter((file) => {
      const text = readFileSync(join(SRC, file), 'utf8');
      const at = (lazy: string): string =>
        relative(dirname(file), lazy)
          .replace(/^(?!\.)/, './')
          .replace(/\.ts$/, '.js');
      return HOUSE.lazyFiles.some((lazy) => new RegExp(`^import (?!type )[^;]*from '${at(lazy)}';`, 'm').test(text));
    });
    expect(early).toEqual([]);
  });

  test('verify and all below it run in a browser', () => {
    const top = FLOORS.findIndex((rooms) => rooms.includes('verify'));
    const low = files.filter((file) => roomOf(file) === 'verify' || (floorOf(file) >= 0 && floorOf(file) < top));
    const node = imports.filter(({ from, to }) => low.includes(from) && (to.startsWith('node:') || bare(to) === 'fs'));
    const fileRooms = new Set(DOORS.fs);
    const nodeOnly = [...fileRooms, 'crypto/node-engine.ts'];
    expect([...new Set(node.map(({ from }) => from))].sort()).toEqual(nodeOnly);
    const users = within.filter(
      ({ from, to, typeOnly }) => low.includes(from) && !typeOnly && !fileRooms.has(from) && nodeOnly.includes(to),
    );
    expect(shown(users)).toEqual([]);
    expect([...reach('index.ts')].filter((file) => nodeOnly.includes(file))).toEqual([]);
  });
});

describe('what lies below an authority is opened on its ground', () => {
  /** Each opens, makes or removes what a path names. */
  const OPENERS =
    /^(attempt|exists|isFolder|listFolder|readFile|readNoLink|readInPieces|readUncached|realPath|factsOf|nameFactsOf|makeFolder|syncFolder|writeNewFile|claimName|createFile|checkCreatable|appendFile|truncateFile|removeFile|destroyFile|renameFile|createFolder|makeScratch|writeScratch|withTemporaryFolder|HeldFolder|\* as \w+)$/;
  /** Files that open something, and what that is: nothing of it lies in an authority. */
  const ELSEWHERE: Readonly<Record<string, string>> = {
    'authority/ground/ground.ts': 'the ground itself',
    'authority/ground/inside.ts': 'the ground itself',
    'authority/ground/anywhere.ts': 'files that spell no place in an authority',
    'authority/ground/elsewhere.ts': 'the way to a key file on another medium',
    'authority/authority.ts': 'whether the folder is there',
    'authority/journal/lock.ts': 'whether the folder is there',
    'authority/init-authority.ts': "a new authority's own folder",
    'authority/journal/lock-holder.ts': '/proc',
    'authority/ground/medium.ts': 'the machine',
    'authority/memory.ts': "the user's own state folder",
    'authority/ground/outside.ts': 'where a copy for the person would lie',
    'authority/scratch-copy.ts': 'the copy, in a folder for throw-away files',
    'operations/bundles/parse-bundle-options.ts': 'bundles that the person names',
    'operations/credentials/parse-credential-options.ts': 'whether the person named a file',
    'operations/keys/open-key.ts': 'beside a key file on another medium',
    'ceremony/people/ssh-signature.ts': 'copies for ssh-keygen, and keys that people name',
    'ceremony/script/step-operations.ts': 'files that a script names',
    'ceremony/preflight/machine.ts': 'the machine',
    'ceremony/preflight/manifest.ts': 'a file that the person names',
    'ceremony/preflight/program-hashes.ts': "the program's own files",
    'ceremony/preflight/program-files.ts': "the program's own files",
    'ceremony/steps/copies.ts': 'the medium',
    'ceremony/steps/media-step.ts': 'the medium',
    'ceremony/steps/run-step.ts': 'copies that a script names',
    'ceremony/people/allowed-signers.ts': 'a file that the person names',
    'audit/verify/transcript-link.ts': 'where a transcript that the person names lies',
  };

  /** The names that a file imports from the rooms that touch files. */
  function opened(file: string): readonly string[] {
    const text = readFileSync(join(SRC, file), 'utf8');
    const from =
      /^import (?!type )([^;]*?) from '[^']*\/common\/(?:files|held-folder|name-facts|new-files|new-folder|scratch|uncached)\.js';/gm;
    return [...text.matchAll(from)]
      .flatMap(([, names = '']) => names.replace(/[{}]/g, '').split(','))
      .map((name) => name.trim())
      .filter((name) => OPENERS.test(name));
  }

  test('and only files that say what else they open have other doors', () => {
    const rooms = ['authority', 'operations', 'ceremony', 'audit'];
    const users = files.filter((file) => rooms.includes(roomOf(file)) && opened(file).length > 0);
    expect(users.sort()).toEqual(Object.keys(ELSEWHERE).sort());
  });

  test('and no path in one is handed to another door', () => {
    const found = files.filter((file) =>
      /\b(exists|isFolder|listFolder|readFile|factsOf|realPath|\w+File|\w+Folder|checkCreatable)\(\s*(inAuthority|shownPath|keyFilePath)\(/.test(
        readFileSync(join(SRC, file), 'utf8'),
      ),
    );
    expect(found).toEqual([]);
  });
});

describe('nothing below the command line speaks of commands', () => {
  /** Files in which something looks as if it did, and what that is. */
  const OTHERWISE: Readonly<Record<string, string>> = {
    'operations/registry/operations.ts': 'operations as they are declared: the command line is made from that',
    'paper/styles.ts': 'custom properties of CSS',
    'paper/paper-styles.ts': 'custom properties of CSS',
  };
  const names = COMMANDS.map(({ name }) => name);
  const said = [
    String.raw`\bas-ceremony (${names.join('|')})\b`,
    String.raw`\b(${names.filter((name) => name.includes(' ')).join('|')})\b`,
    String.raw`(^|[\s(\[,;"'\`])(--[a-z]|-C\b)`,
  ].map((pattern) => new RegExp(pattern));

  function textsOf(file: string): readonly string[] {
    const source = ts.createSourceFile(file, readFileSync(join(SRC, file), 'utf8'), ts.ScriptTarget.ES2022, true);
    const texts: string[] = [];
    const visit = (node: ts.Node): void => {
      const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node);
      if (isText || ts.isTemplateMiddle(node) || ts.isTemplateTail(node)) texts.push(node.text);
      ts.forEachChild(node, visit);
    };
    visit(source);
    return texts;
  }

  /** Alone, such words are the name of an operation. */
  const speaks = (text: string): boolean => !names.includes(text) && said.some((pattern) => pattern.test(text));

  test('such texts are found', () => {
    for (const text of [
      'Run: as-ceremony resume',
      'Look at hsm keys',
      'bundle export signs it',
      'Give it (--trust).',
      'with -C',
    ])
      expect([text, speaks(text)]).toEqual([text, true]);
    for (const text of ['bundle export', 'no other as-ceremony is at work', 'an offline-only key', '-Y'])
      expect([text, speaks(text)]).toEqual([text, false]);
  });

  test('but for files that say what else it is', () => {
    const low = files.filter((file) => roomOf(file) !== 'cli');
    const found = low.flatMap((file) =>
      textsOf(file)
        .filter(speaks)
        .map((text) => [file, text] as const),
    );
    expect(found.filter(([file]) => !(file in OTHERWISE))).toEqual([]);
    expect([...new Set(found.map(([file]) => file))].sort()).toEqual(Object.keys(OTHERWISE).sort());
  });
});

test('nothing below the command line reads the clock', () => {
  const low = files.filter((file) => roomOf(file) !== 'cli');
  const reads = low.filter((file) =>
    /\bDate\.now\(|new Date\(\)|performance\.now\(|Math\.random\(/.test(readFileSync(join(SRC, file), 'utf8')),
  );
  expect(reads).toEqual([]);
});

test('no file is too long to be read at one go', () => {
  const long = files
    .map((file) => [file, readFileSync(join(SRC, file), 'utf8').split('\n').length - 1] as const)
    .filter(([, lines]) => lines >= HOUSE.most.lines);
  expect(long).toEqual([]);
});

describe('ARCHITECTURE.md', () => {
  const text = readFileSync(new URL('../ARCHITECTURE.md', import.meta.url), 'utf8');

  test('has every folder of the house, from the top', () => {
    const rows = [...text.matchAll(/^\| `(\w+)` +\|/gm)].map(([, room]) => room);
    expect([...rows].sort()).toEqual(FLOORS.flat().sort());
    const floors = rows.map((room) => FLOORS.findIndex((rooms) => rooms.includes(room ?? '')));
    expect(floors).toEqual([...floors].sort((a, b) => b - a));
  });

  test('leads to files that are there', () => {
    const named = [...text.matchAll(/`((?:src|test|tools)\/[\w./-]*|[a-z]+\/[\w./-]+(?:\.ts|\/))`/g)].map(
      ([, path]) => path ?? '',
    );
    const known = new Set(readdirSync(new URL('..', import.meta.url), { encoding: 'utf8' }));
    const paths = named.map((path) => (known.has(path.split('/')[0] ?? '') ? path : `src/${path}`));
    expect(paths.length).toBeGreaterThan(15);
    for (const path of paths) expect([path, existsSync(new URL(`../${path}`, import.meta.url))]).toEqual([path, true]);
  });
});

test('every file and folder that security.md and assurance.md name is there', () => {
  for (const document of ['docs/security.md', 'docs/assurance.md']) {
    const text = readFileSync(new URL(`../${document}`, import.meta.url), 'utf8');
    const named = [...text.matchAll(/`((?:[\w-]+\/[\w./-]+\.(?:ts|mjs|json)|(?:src|test)\/[\w/-]+\/))`/g)].map(
      ([, path]) => path ?? '',
    );
    expect(named.length).toBeGreaterThan(10);
    for (const path of named) {
      const places = [path, `test/${path}`].map((place) => new URL(`../${place}`, import.meta.url));
      expect([document, path, places.some((place) => existsSync(place))]).toEqual([document, path, true]);
    }
  }
});

test('the test files that run first are there', () => {
  const sequencer = readFileSync(join(SRC, '../tools/jest-sequencer.cjs'), 'utf8');
  const names = [...sequencer.matchAll(/^ {2}'([^']+)',$/gm)].map(([, name = '']) => `../test/${name}.test.ts`);
  expect(names.length).toBeGreaterThan(5);
  expect(names.filter((name) => !existsSync(join(SRC, name)))).toEqual([]);
});

test('what the tools take from src is there', () => {
  const tools = new URL('../tools/', import.meta.url);
  const taken = readdirSync(tools, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mjs'))
    .flatMap((name) => [...readFileSync(new URL(name, tools), 'utf8').matchAll(/'\.\/(src\/[\w/.-]+)\.js'/g)])
    .map(([, path = '']) => `../${path}.ts`);
  expect(taken.length).toBeGreaterThan(20);
  expect(taken.filter((path) => !existsSync(join(SRC, path)))).toEqual([]);
});
