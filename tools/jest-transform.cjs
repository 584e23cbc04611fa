// Turns one TypeScript file into JavaScript for jest; types are checked apart, by tsc.
const { createHash } = require('node:crypto');
const { transformSync, version } = require('esbuild');

module.exports = {
  process(source, path) {
    const { code, map } = transformSync(source, {
      loader: 'ts',
      format: 'esm',
      target: 'node20',
      sourcemap: true,
      sourcefile: path,
    });
    return { code, map };
  },
  getCacheKey: (source, path) => createHash('sha256').update(version).update(path).update(source).digest('hex'),
};
