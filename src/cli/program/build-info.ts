/** What the build wrote into the program. */
declare const BUILD: { readonly version: string; readonly time: number; readonly lock: string };

/**
 * Facts about the build. `time`: Unix seconds of the commit that was built. `lock`: SHA-256 (hex) of the lock file,
 * which names every dependency.
 */
export const build: { readonly version: string; readonly time: number; readonly lock: string } = {
  version: BUILD.version,
  time: BUILD.time,
  lock: BUILD.lock,
};
