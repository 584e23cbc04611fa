// The licences of the packages that are inside the program, taken from what the bundler put there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The innermost package's folder of a file below `node_modules`; undefined for the project's own. */
function packageOf(file) {
  return /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/.exec(file)?.[0];
}

/**
 * Each package once, with its name, version, licence, and the text of every file of it that holds one. Throws where a
 * package has none.
 */
export function licencesOf(chunks) {
  const files = chunks.flatMap(({ modules = {} }) => Object.keys(modules).map((file) => file.replace(/^\0/, '')));
  const folders = [...new Set(files.map(packageOf))].filter((folder) => folder !== undefined);
  const sections = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const names = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)([-.].*)?$/i.test(file));
    if (names.length === 0 || license === undefined) throw new Error(`${folder} says nothing of its licence`);
    const texts = names.sort().map((file) => readFileSync(join(folder, file), 'utf8').trim());
    return `${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`;
  });
  return sections.sort().join(`\n${'='.repeat(80)}\n\n`);
}
