// Which mutants TypeScript takes: the others could not be written, and don't count.
import { join } from 'node:path';
import ts from 'typescript';

/**
 * `files` maps absolute paths to `{ source, mutants }`; gives the mutants that compile. One of each file is looked at
 * at once.
 */
export function compiling(project, files) {
  const config = ts.readConfigFile(join(project, 'tsconfig.json'), ts.sys.readFile).config;
  const { options, fileNames } = ts.parseJsonConfigFileContent({ ...config, include: ['src'] }, ts.sys, project);
  const texts = new Map();
  let round = 0;
  const service = ts.createLanguageService({
    ...ts.sys,
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
    getNewLine: () => '\n',
    getCompilationSettings: () => ({ ...options, noUnusedLocals: false, noUnusedParameters: false }),
    getScriptFileNames: () => fileNames,
    getScriptVersion: (path) => (texts.has(path) ? String(round) : '0'),
    getScriptSnapshot: (path) => ts.ScriptSnapshot.fromString(texts.get(path) ?? ts.sys.readFile(path) ?? ''),
    getCurrentDirectory: () => project,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
  });
  const good = new Set();
  for (let more = true; more; round++) {
    more = false;
    const tried = [];
    for (const [path, { source, mutants }] of files) {
      const one = mutants[round];
      texts.set(path, one ? `${source.slice(0, one.start)}(${one.text})${source.slice(one.end)}` : source);
      if (one?.removes) texts.set(path, `${source.slice(0, one.start)}${source.slice(one.end)}`);
      if (one) tried.push([path, one]);
    }
    for (const [path, one] of tried) {
      more = true;
      if (service.getSyntacticDiagnostics(path).length + service.getSemanticDiagnostics(path).length === 0)
        good.add(one);
    }
  }
  return good;
}
