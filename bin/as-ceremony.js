#!/usr/bin/env node
// Runs the beginning of the program's one file, which then reads the parts behind it as they are needed (tools/pack.mjs).
// `require` would read and scan the whole file first, and that takes longer than most of what a command does.
'use strict';
const { closeSync, openSync, readSync } = require('node:fs');
const Module = require('node:module');

const path = require('node:path').join(__dirname, '../dist/as-ceremony.cjs');
const bytes = Buffer.allocUnsafe(128 * 1024);
let file;
try {
  file = openSync(path, 'r');
} catch (error) {
  if (error.code !== 'ENOENT') throw error;
  process.stderr.write(
    `error: the program is not built: there is no ${path}\ncode: not-built\nhint: Run npm run setup in the folder of the clone.\n`,
  );
  process.exit(3);
}
let length = 0;
for (let more; (more = readSync(file, bytes, length, bytes.length - length, null)) > 0;) length += more;
closeSync(file);
const text = bytes.latin1Slice(0, length);
const end = text.indexOf('/*PARTS\n');
if (end < 0) throw new Error(`the program file is damaged: ${path}`);

const program = new Module(path, module);
program.filename = path;
program.paths = module.paths;
program._compile(text.slice(0, end), path);
