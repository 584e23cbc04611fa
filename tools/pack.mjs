// Packs the parts that esbuild splits the program into, one CommonJS file in all. Node compiles every function that it finds in a file
// before it runs the first, which for the whole program takes longer than Node's own start. So only the entry stands in the
// file as code; every other part is text in a comment behind it, and is compiled when it is first required.
import { transform } from 'esbuild';

const OPEN = '/*PARTS\n';
const CLOSE = '\nPARTS*/\n';

/** A part in CommonJS; what loads other parts, and packages, goes through the loader below. */
async function toCommonJs(text) {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minifyWhitespace: true,
    charset: 'ascii',
  });
  return code
    .replace(/\brequire\("(\.\.?\/[^"]+)"\)/g, '__part("$1")')
    .replace(/\bimport\("(\.\.?\/[^"]+)"\)/g, 'Promise.resolve().then(()=>__part("$1"))')
    .replace(/\bimport\("([^"./][^"]*)"\)/g, '__package("$1")');
}

/** `outputs` are esbuild's files (`path`, `text`), `entry` the name of the first. Returns the one file's text. */
export async function pack(outputs, entry) {
  const parts = new Map();
  for (const { path, text } of outputs) parts.set(`./${path.split(/[\\/]/).at(-1)}`, await toCommonJs(text));
  const main = parts.get(entry);
  parts.delete(entry);
  const index = {};
  let body = '';
  for (const [name, code] of parts) {
    // The comment must not end early, and must come back as it was.
    const text = code.replaceAll('*/', '*\x01/');
    index[name] = [body.length, body.length + text.length];
    body += `${text}\n`;
  }
  return `'use strict';
const __index = ${JSON.stringify(index)};
const __loaded = new Map();
let __text;
function __part(name) {
  let module = __loaded.get(name);
  if (module !== undefined) return module.exports;
  if (__text === undefined) {
    __text = require('node:fs').readFileSync(__filename, 'latin1');
    __text = __text.slice(__text.lastIndexOf(${JSON.stringify(OPEN)}) + ${String(OPEN.length)});
  }
  module = { exports: {} };
  __loaded.set(name, module);
  const [begin, end] = __index[name];
  const parameters = ['exports', 'require', 'module', '__part', '__package'];
  const code = __text.slice(begin, end).replaceAll('*\\x01/', '*/');
  const run = require('node:vm').compileFunction(code, parameters, { filename: __filename + name.slice(1) });
  run(module.exports, require, module, __part, __package);
  return module.exports;
}
const __package = (name) => import(name);
${main}
${OPEN}${body}${CLOSE}`;
}
