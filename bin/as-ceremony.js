#!/usr/bin/env node
'use strict';
const program = require('node:path').join(__dirname, '../dist/program/main.cjs');
if (require('node:fs').existsSync(program)) require(program);
else {
  process.stderr.write(
    `error: the program is not built: there is no ${program}\ncode: not-built\nhint: Run npm run setup in the folder of the clone.\n`,
  );
  process.exitCode = 3;
}
