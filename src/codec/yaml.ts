/**
 * YAML for files that people write, restricted to its plain core. Only this file uses the yaml package, which it loads
 * when a file is read.
 */
import type { Document, LineCounter, Node, Pair, YAMLMap } from 'yaml';
import { messageOf } from '../common/errors.js';

type Yaml = typeof import('yaml');

/** Something that such a file must not contain, at a line counted from 1. */
interface YamlFault {
  readonly line: number;
  readonly what: string;
}

export interface YamlFile {
  /** Aliases, anchors, tags, directives, further documents, duplicate keys, and syntax errors. */
  readonly faults: readonly YamlFault[];
  /** The content as plain JavaScript. Do not use it if there are faults. */
  readonly data: unknown;
  /** Whether the top level is a map. */
  readonly isMap: boolean;
  /** Returns the line of a key or an item (keys and indexes from the top), or of its nearest ancestor in the file. */
  readonly lineOf: (path: readonly string[]) => number;
}

/** Reads one document of YAML 1.2. The caller bounds the size of the text. */
export async function readYaml(text: string): Promise<YamlFile> {
  const yaml = await import('yaml');
  const lines = new yaml.LineCounter();
  let document: Document.Parsed;
  try {
    document = yaml.parseDocument(text, {
      lineCounter: lines,
      version: '1.2',
      // The package compares each key with all earlier ones; `faultsOf` uses a set instead.
      uniqueKeys: false,
      prettyErrors: false,
      merge: false,
    });
  } catch (error) {
    // Endless nesting overflows the parser's stack.
    const what = `it cannot be parsed: ${messageOf(error)}`;
    return { faults: [{ line: 1, what }], data: undefined, isMap: false, lineOf: () => 1 };
  }
  const faults = faultsOf(yaml, document, lines, text);
  const pairsOf = pairsByName(yaml);
  return {
    faults,
    data: faults.length === 0 ? document.toJS() : undefined,
    isMap: yaml.isMap(document.contents),
    lineOf: (path) => lineOfPath(yaml, document, { lines, pairsOf }, path),
  };
}

function faultsOf(yaml: Yaml, document: Document.Parsed, lines: LineCounter, text: string): YamlFault[] {
  const faults: YamlFault[] = [...document.errors, ...document.warnings].map((error) => ({
    line: lines.linePos(error.pos[0]).line,
    what: error.code === 'MULTIPLE_DOCS' ? 'a second document begins here; there may be only one' : error.message,
  }));
  const refuse = (node: Node, what: string): void => {
    faults.push({ line: lines.linePos(node.range?.[0] ?? 0).line, what });
  };
  for (const [index, line] of text.split('\n').entries()) {
    if (line.startsWith('%')) faults.push({ line: index + 1, what: 'directives are not used here' });
  }
  yaml.visit(document, {
    Map: (_key, { items }) => {
      const seen = new Set<string>();
      for (const { key } of items) {
        if (!yaml.isScalar(key)) continue;
        // As JavaScript names it, to which 1 and '1' are one key.
        const name = String(key.value);
        if (seen.has(name)) refuse(key, 'Map keys must be unique');
        seen.add(name);
      }
    },
    Node: (_key, node) => {
      // JavaScript gives this name a special meaning.
      if (yaml.isScalar(node) && node.value === '__proto__') refuse(node, '__proto__ is not a setting');
      if (yaml.isAlias(node)) refuse(node, `the alias *${node.source} is not used here; write the value`);
      else if (node.anchor !== undefined) refuse(node, `the anchor &${node.anchor} is not used here`);
      if (node.tag !== undefined) refuse(node, `the tag ${node.tag} is not used here`);
    },
  });
  return faults;
}

type PairsOf = (map: YAMLMap) => ReadonlyMap<string, Pair>;

/**
 * Returns the pairs of a map by the names of their keys. Each map is read once, since the line may be asked for each of
 * thousands of keys.
 */
function pairsByName(yaml: Yaml): PairsOf {
  const known = new WeakMap<YAMLMap, ReadonlyMap<string, Pair>>();
  return (map) => {
    const pairs =
      known.get(map) ??
      new Map(map.items.flatMap((pair) => (yaml.isScalar(pair.key) ? [[String(pair.key.value), pair]] : [])));
    known.set(map, pairs);
    return pairs;
  };
}

function lineOfPath(
  yaml: Yaml,
  document: Document.Parsed,
  { lines, pairsOf }: { readonly lines: LineCounter; readonly pairsOf: PairsOf },
  path: readonly string[],
): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? 0;
  for (const key of path) {
    if (yaml.isSeq(node)) {
      node = node.items[Number(key)];
      if (yaml.isNode(node)) offset = node.range?.[0] ?? offset;
      continue;
    }
    if (!yaml.isMap(node)) break;
    const pair = pairsOf(node).get(key);
    if (pair === undefined) break;
    if (yaml.isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
    node = pair.value;
  }
  return lines.linePos(offset).line;
}
