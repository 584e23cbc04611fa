#!/usr/bin/env node
require('../dist/as-ceremony.cjs');
