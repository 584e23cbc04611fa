/** What each command's JSON document holds, by the types of what the commands hand to `result` and `report`. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { COMMANDS } from '../../../src/cli/commands/command-list.js';
import { ROOT } from './document.js';

/** One key of a document: `credentials[].file`, `string`. The keys of an object follow it. */
export interface JsonKey {
  readonly path: string;
  readonly type: string;
  /** Whether it may be left out. */
  readonly optional: boolean;
}

export interface JsonDocument {
  readonly command: string;
  readonly done: readonly JsonKey[];
  /** The keys that a refusal has besides its own. */
  readonly refused: readonly JsonKey[];
}

const CLI = `${ROOT}src/cli/`;
const OUTPUT = `${CLI}terminal/output.ts`;

/** Reads the types of src/; takes some seconds. */
export function jsonDocuments(): JsonDocument[] {
  const config = ts.readConfigFile(`${ROOT}tsconfig.json`, (path) => ts.sys.readFile(path)).config as unknown;
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const files = commandFiles();
  const program = ts.createProgram([...files.values()], options);
  const checker = program.getTypeChecker();
  return Array.from(files, ([command, file]) => {
    const source = program.getSourceFile(file);
    if (source === undefined) throw new Error(`there is no ${file}`);
    const { done, refused } = printedBy(source, checker);
    return { command, done: sorted(keysOf(done, checker)), refused: sorted(keysOf(refused, checker)) };
  });
}

function sorted(keys: readonly JsonKey[]): readonly JsonKey[] {
  return [...keys].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** By the name of the command: the file that is imported where the list of commands names it. */
function commandFiles(): Map<string, string> {
  const list = readFileSync(`${CLI}commands/command-list.ts`, 'utf8');
  const entries = COMMANDS.map(({ name }) => {
    const file = new RegExp(`'${name}',[^]*?import\\('\\./([^']+)\\.js'\\)`).exec(list)?.[1] ?? '';
    return [name, `${CLI}commands/${file}.ts`] as const;
  });
  return new Map(entries);
}

/** Follows every name within src/cli to what it stands for, once. */
function printedBy(start: ts.SourceFile, checker: ts.TypeChecker): { done: ts.Type[]; refused: ts.Type[] } {
  const found = { done: [] as ts.Type[], refused: [] as ts.Type[] };
  const seen = new Set<ts.Node>();
  const visit = (node: ts.Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (ts.isCallExpression(node)) {
      const called = declarationsOf(node.expression, checker).find((one) => one.getSourceFile().fileName === OUTPUT);
      const name = called !== undefined && ts.isFunctionDeclaration(called) ? called.name?.text : undefined;
      const printed = name === 'result' ? node.arguments[1] : name === 'printError' ? node.arguments[2] : undefined;
      if (printed !== undefined) found[name === 'result' ? 'done' : 'refused'].push(checker.getTypeAtLocation(printed));
    }
    if (ts.isIdentifier(node)) {
      const inside = ({ fileName }: ts.SourceFile): boolean => fileName.startsWith(CLI) && fileName !== OUTPUT;
      for (const one of declarationsOf(node, checker)) if (inside(one.getSourceFile())) visit(one);
    }
    ts.forEachChild(node, visit);
  };
  visit(start);
  return found;
}

function declarationsOf(node: ts.Node, checker: ts.TypeChecker): readonly ts.Declaration[] {
  const symbol = checker.getSymbolAtLocation(node);
  if (symbol === undefined) return [];
  const meant = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol);
  return meant.declarations ?? [];
}

/** The keys of an object that has one of `types`. */
function keysOf(types: readonly ts.Type[], checker: ts.TypeChecker, path = ''): JsonKey[] {
  const objects = types.flatMap((type) => (type.isUnion() ? type.types : [type]));
  const names = new Set(objects.flatMap((type) => checker.getPropertiesOfType(type).map(({ name }) => name)));
  return Array.from(names).flatMap((name) => {
    const values = objects.map((type) => {
      const property = checker.getPropertyOfType(type, name);
      return property === undefined ? undefined : checker.getTypeOfSymbol(property);
    });
    const parts = values.flatMap((type) => (type?.isUnion() === true ? type.types : [type]));
    const present = parts.filter((type) => type !== undefined && (type.flags & ts.TypeFlags.Undefined) === 0);
    const optional = present.length < parts.length || objects.some((type) => isOptional(type, name, checker));
    return valueKeys(present as ts.Type[], checker, `${path}${name}`, optional);
  });
}

function isOptional(type: ts.Type, name: string, checker: ts.TypeChecker): boolean {
  return ((checker.getPropertyOfType(type, name)?.flags ?? 0) & ts.SymbolFlags.Optional) !== 0;
}

function valueKeys(types: readonly ts.Type[], checker: ts.TypeChecker, path: string, optional: boolean): JsonKey[] {
  const isList = (type: ts.Type): boolean => checker.isArrayType(type) || checker.isTupleType(type);
  const lists = types.filter(isList);
  const objects = types.filter((type) => !isList(type) && (type.flags & ts.TypeFlags.Object) !== 0);
  const plain = types.filter((type) => !lists.includes(type) && !objects.includes(type));
  const items = lists
    .flatMap((type) => checker.getTypeArguments(type as ts.TypeReference))
    .flatMap((type) => (type.isUnion() ? type.types : [type]));
  const names = new Set(plain.map((type) => plainName(type, checker, path)));
  if (objects.length > 0) names.add('object');
  const own = names.size === 0 ? [] : [{ path, type: typeText([...names]), optional }];
  const listed = items.length === 0 ? [] : valueKeys(items, checker, `${path}[]`, optional);
  return [...own, ...listed, ...(objects.length === 0 ? [] : keysOf(objects, checker, `${path}.`))];
}

/** A list of all codes is in another place. `null` comes last. */
function typeText(names: readonly string[]): string {
  return names.length > 20
    ? 'string'
    : [...names]
        .sort()
        .join(', ')
        .replace(/^null, (.*)/, '$1, null');
}

function plainName(type: ts.Type, checker: ts.TypeChecker, path: string): string {
  if ((type.flags & ts.TypeFlags.BooleanLike) !== 0) return 'boolean';
  if (type.isStringLiteral()) return JSON.stringify(type.value);
  if ((type.flags & (ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.Null)) !== 0)
    return checker.typeToString(type);
  throw new Error(`${path} is of the type ${checker.typeToString(type)}: say what it holds`);
}
