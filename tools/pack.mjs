// Packs the parts that esbuild splits the program into, one CommonJS file in all. Node compiles every function that it finds in a file
// before it runs the first, which for the whole program takes longer than Node's own start. So only the entry, and what it
// imports itself, stand in the file as code; every other part is text in a comment behind them, and is read and compiled when
// it is first required. bin/as-ceremony.js reads no further than to that comment; `require` of the file works too.
import { transform } from 'esbuild';

const OPEN = '/*PARTS\n';
const CLOSE = '\nPARTS*/\n';
/** How much bin/as-ceremony.js reads. */
const MAX_HEAD = 128 * 1024;

/** A part in CommonJS; what loads other parts, and packages, goes through the loader below. */
async function toCommonJs({ path, text }) {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    charset: 'ascii',
    // The replacements below look for code without spaces.
    minifyWhitespace: true,
  });
  // Parts and Node's modules are used as they are: esbuild would copy each, export by export, to add a default export.
  const direct = code
    .replace(/\brequire\("(\.\.?\/[^"]+)"\)/g, '__part("$1")')
    .replace(/__toESM\((__part\("[^"]+"\)|require\("node:[^"]+"\))(?:,1)?\)/g, '$1')
    .replace(/\bmodule\.exports=__toCommonJS\((\w+)\)/g, 'module.exports=$1')
    .replace(/\bimport\("(\.\.?\/[^"]+)"\)/g, 'Promise.resolve().then(()=>__part("$1"))')
    .replace(/\bimport\("([^"./][^"]*)"\)/g, '__package("$1")');
  for (const [, name] of direct.matchAll(/\bvar (\w+)=(?:__part|require)\("(?:\.|node:)[^"]*"\)/g)) {
    if (new RegExp(`\\b${name}\\.default\\b`).test(direct))
      throw new Error(`${path} imports a default export (${name}); import it by name`);
  }
  if (/__toESM\((?:__part|require)\(|__toCommonJS\(\w+_exports\)/.test(direct))
    throw new Error(`${path} copies exports`);
  const { code: minified } = await transform(direct, {
    format: 'cjs',
    target: 'node20',
    minify: true,
    treeShaking: true,
    charset: 'ascii',
  });
  // Parts are found by their place, a byte a character. esbuild escapes all but tagged templates.
  const [foreign] = /[^\p{ASCII}].{0,20}/u.exec(minified) ?? [];
  if (foreign !== undefined) throw new Error(`${path} holds a character that is not ASCII: ${foreign}`);
  return minified;
}

/** The parts that `name` imports itself, and those that they import, first the deepest. */
function importedBy(name, parts, found = new Set()) {
  for (const [, needed] of parts.get(name).matchAll(/(?<!then\(\(\)=>)__part\("([^"]+)"\)/g)) {
    if (found.has(needed)) continue;
    importedBy(needed, parts, found);
    found.add(needed);
  }
  return found;
}

/** `outputs` are esbuild's files (`path`, `text`), `entry` the name of the first. Returns the one file's text, in ASCII. */
export async function pack(outputs, entry) {
  const parts = new Map();
  for (const output of outputs) parts.set(`./${output.path.split(/[\\/]/).at(-1)}`, await toCommonJs(output));
  const main = parts.get(entry);
  const ready = importedBy(entry, parts);
  const functions = [...ready].map(
    (name) => `${JSON.stringify(name)}(exports, require, module) {${parts.get(name)}\n}`,
  );
  const index = {};
  let body = '';
  for (const [name, code] of parts) {
    if (name === entry || ready.has(name)) continue;
    // The comment must not end early, and must come back as it was.
    const text = code.replaceAll('*/', '*\x01/');
    index[name] = [body.length, text.length];
    body += `${text}\n`;
  }
  const head = (begin) => `'use strict';
const __begin = ${String(begin).padStart(8)};
const __index = ${JSON.stringify(index)};
const __loaded = new Map();
let __file;
function __compiled(name) {
  const fs = require('node:fs');
  __file ??= fs.openSync(__filename, 'r');
  const [begin, length] = __index[name];
  const bytes = Buffer.allocUnsafe(length);
  for (let had = 0, more; had < length; had += more) {
    more = fs.readSync(__file, bytes, had, length - had, __begin + begin + had);
    if (more === 0) throw new Error('the program file is cut short: ' + __filename);
  }
  const code = bytes.latin1Slice().replaceAll('*\\x01/', '*/');
  const parameters = ['exports', 'require', 'module', '__part', '__package'];
  return require('node:vm').compileFunction(code, parameters, { filename: __filename + name.slice(1) });
}
function __part(name) {
  let module = __loaded.get(name);
  if (module !== undefined) return module.exports;
  module = { exports: {} };
  __loaded.set(name, module);
  (__functions[name] ?? __compiled(name))(module.exports, require, module, __part, __package);
  return module.exports;
}
const __package = async (name) => {
  const fs = require('node:fs');
  const path = require('node:path');
  // Node would look in every folder above, too, and there others may put a package that is missing here.
  const own = path.dirname(__dirname);
  const beside = path.dirname(own);
  const places = [path.join(own, 'node_modules'), ...(path.basename(beside) === 'node_modules' ? [beside] : [])];
  if (places.some((place) => fs.existsSync(path.join(place, name)))) return import(name);
  throw new Error('Cannot find package ' + name + ' in ' + places.join(' or '));
};
const __functions = {
${functions.join(',\n')}
};
${main}
${OPEN}`;
  const begin = head(0).length;
  if (begin > MAX_HEAD) throw new Error(`the entry has ${String(begin)} bytes; let it import less, or read more of it`);
  return `${head(begin)}${body}${CLOSE}`;
}
