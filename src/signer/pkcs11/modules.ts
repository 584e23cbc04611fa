/**
 * The PKCS#11 modules of this machine: those in p11-kit's configuration (pkcs11.conf(5)), and those in the usual places
 * of vendors.
 */
import { homedir } from 'node:os';
import { basename, isAbsolute, join } from 'node:path';
import type { Pkcs11KeyUri } from '../../codec/pkcs11-uri.js';
import { fromUtf8 } from '../../common/bytes.js';
import { couldNot, refused } from '../../common/errors.js';
import { exists, listFolder, readFile, realPath } from '../../common/files.js';
import { noModule } from './module-trust.js';

export interface FoundModule {
  /** Absolute. */
  readonly path: string;
  /** The name, as module-name in a URI may give it. */
  readonly name: string;
  /** The argument for C_Initialize (`x-init-reserved` of p11-kit's configuration), which NSS needs. */
  readonly parameters?: string;
  /** The configuration file that names it, or undefined if it was found in a usual place. */
  readonly configuredBy?: string;
}

const MAX_CONFIGURATION = 64 * 1024;
const TRIPLETS: Readonly<Record<string, string>> = {
  x64: 'x86_64-linux-gnu',
  arm64: 'aarch64-linux-gnu',
  arm: 'arm-linux-gnueabihf',
  ppc64: 'powerpc64le-linux-gnu',
  riscv64: 'riscv64-linux-gnu',
  s390x: 's390x-linux-gnu',
};

function libraryFolders(): string[] {
  const triplet = TRIPLETS[process.arch] ?? 'x86_64-linux-gnu';
  return [`/usr/lib/${triplet}`, '/usr/lib64', '/usr/lib', '/usr/local/lib', '/opt/homebrew/lib'];
}

/** Paths of known modules, below a library folder or in a vendor's own folder. */
const USUAL = [
  'softhsm/libsofthsm2.so',
  'pkcs11/libsofthsm2.so',
  'opensc-pkcs11.so',
  'pkcs11/opensc-pkcs11.so',
  'pkcs11/yubihsm_pkcs11.so',
  'yubihsm_pkcs11.so',
  'libykcs11.so',
  'pkcs11/libtpm2_pkcs11.so',
  'libtpm2_pkcs11.so.1',
  'libsc-hsm-pkcs11.so',
];
const VENDORS = [
  '/opt/nfast/toolkits/pkcs11/libcknfast.so',
  '/usr/safenet/lunaclient/lib/libCryptoki2_64.so',
  '/opt/cloudhsm/lib/libcloudhsm_pkcs11.so',
  '/opt/utimaco/lib/libcs_pkcs11_R3.so',
  '/usr/lib/libcs_pkcs11_R3.so',
];

/** Returns the folders of `*.module` files, those with precedence first. */
function configurationFolders(): string[] {
  return [
    join(homedir(), '.config/pkcs11/modules'),
    '/etc/pkcs11/modules',
    '/usr/share/p11-kit/modules',
    '/usr/local/share/p11-kit/modules',
  ];
}

/** Returns every module found, each file once. Nothing is loaded. */
export function findModules(folders: readonly string[] = configurationFolders()): FoundModule[] {
  const found = new Map<string, FoundModule>();
  const add = (module: FoundModule): void => {
    const real = realPath(module.path);
    if (!found.has(real)) found.set(real, module);
  };
  const seen = new Set<string>();
  for (const folder of folders) {
    for (const file of listFolder(folder).filter((name) => name.endsWith('.module'))) {
      // The same name in a folder with precedence replaces it.
      if (seen.has(file)) continue;
      seen.add(file);
      const module = configured(join(folder, file));
      if (module !== undefined) add(module);
    }
  }
  const usual = libraryFolders().flatMap((folder) => USUAL.map((file) => join(folder, file)));
  for (const path of [...usual, ...VENDORS].filter(exists)) add({ path, name: libraryName(path) });
  return [...found.values()];
}

/**
 * Returns `softhsm2` for `libsofthsm2.so`: the name without the prefix and suffix that systems give libraries (RFC 7512
 * §2.4).
 */
function libraryName(path: string): string {
  return basename(path)
    .replace(/\.(so(\.\d+)*|dylib|dll)$/, '')
    .replace(/^lib/, '');
}

function configured(file: string): FoundModule | undefined {
  const text = fromUtf8(readFile(file, MAX_CONFIGURATION)) ?? '';
  const values = new Map<string, string>();
  for (const line of text.split('\n')) {
    const at = line.indexOf(':');
    const name = line.slice(0, Math.max(at, 0)).trim();
    if (/^[A-Za-z0-9-]+$/.test(name)) values.set(name, line.slice(at + 1).trim());
  }
  const named = values.get('module') ?? '';
  const path = isAbsolute(named) ? named : installed(named);
  if (named === '' || path === undefined || !exists(path)) return undefined;
  const parameters = values.get('x-init-reserved');
  return {
    path,
    name: libraryName(path),
    configuredBy: file,
    ...(parameters === undefined ? {} : { parameters }),
  };
}

/** Returns the path of a module that p11-kit's configuration names without a folder. */
function installed(name: string): string | undefined {
  const places = libraryFolders().flatMap((folder) => [join(folder, 'pkcs11', name), join(folder, name)]);
  return places.find(exists);
}

/** Returns the module at a path, with the parameters that p11-kit's configuration has for it. Error: `hsm-module`. */
export function moduleAt(path: string): FoundModule {
  if (!exists(path)) throw noModule(path);
  const parameters = findModules().find((module) => realPath(module.path) === realPath(path))?.parameters;
  return { path, name: libraryName(path), ...(parameters === undefined ? {} : { parameters }) };
}

/**
 * Returns the modules in which a key may be: the one that the URI names, or else all those of this machine and of the
 * command line. Errors: `hsm-module` if the named one does not exist, `ambiguous-key-uri` if several have that name.
 */
export function modulesFor(uri: Pkcs11KeyUri, onCommandLine: readonly string[] = []): FoundModule[] {
  const { modulePath, moduleName } = uri;
  if (modulePath !== undefined) return [moduleAt(modulePath)];
  const found = findModules();
  const known = new Set(found.map(({ path }) => realPath(path)));
  const all = [...found, ...onCommandLine.filter((path) => !known.has(realPath(path))).map(moduleAt)];
  const names = all.map(({ name }) => name).join(', ') || 'none';
  if (moduleName === undefined) {
    if (all.length > 0) return all;
    throw couldNot('hsm-module', 'no PKCS#11 module was found on this machine', {
      hint: 'Install the module of your HSM, and name it with module-path in the URI.',
    });
  }
  const named = all.filter(({ path, name, configuredBy }) =>
    [name, basename(path), basename(configuredBy ?? '', '.module')].includes(moduleName),
  );
  if (named.length > 1) {
    throw refused('ambiguous-key-uri', `several PKCS#11 modules are called ${moduleName}`, {
      hint: `Name one with module-path: ${named.map(({ path }) => path).join(', ')}.`,
    });
  }
  if (named.length === 0) {
    throw couldNot('hsm-module', `no PKCS#11 module called ${moduleName} was found`, {
      hint: `These were: ${names}. Any other can be named with module-path.`,
    });
  }
  return named;
}
