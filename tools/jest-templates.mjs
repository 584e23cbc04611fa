// Before all tests: a folder for authorities that test files of one run share. After them: it goes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export default function setup() {
  process.env.AS_CEREMONY_TEMPLATES = mkdtempSync(join(tmpdir(), 'as-ceremony-templates-'));
}

export function teardown() {
  rmSync(process.env.AS_CEREMONY_TEMPLATES, { recursive: true, force: true });
}
