/** The plain texts in the folder. */
import type { BundlePayload } from '../../bundle/payload.js';
import { toHex, utf8 } from '../../common/bytes.js';
import type { FolderFile } from '../../common/new-folder.js';
import { toPgpWords } from '../../common/pgp-words.js';
import type { CommandRemedy } from '../../common/remedy.js';
import { formatTime } from '../../common/time.js';
import { fingerprintOf } from '../../credential/fingerprint-of.js';
import { hash } from '../../crypto/hash.js';
import type { Issue } from './choose.js';
import { BUNDLE, INDEX, laterName, MEDIA_TYPES, PURPOSES, signerName, SUMS } from './names.js';

/** Words a command as a stranger types it. */
export type InWords = (command: CommandRemedy) => string;

function text(...lines: readonly string[]): Uint8Array {
  return utf8(`${lines.join('\n')}\n`);
}

/** Returns checksums in the form that `sha256sum -c` reads. */
export function sums(files: readonly FolderFile[]): Uint8Array {
  return text(...files.map(({ path, bytes }) => `${toHex(hash('sha256', bytes))}  ${path}`));
}

function inLines(items: readonly string[], perLine: number): readonly string[] {
  return Array.from({ length: Math.ceil(items.length / perLine) }, (_, i) =>
    items.slice(i * perLine, (i + 1) * perLine).join(' '),
  );
}

/** Returns the fingerprints of every credential that the bundle lists, the roots first. */
export function fingerprintsText({ bundle: { payload } }: Issue): Uint8Array {
  const entries = [...payload.asCredentials, ...payload.asIntermediateCredentials].flatMap((one) => {
    const { notBefore, notAfter } = one.payload.expirationData;
    const fingerprint = fingerprintOf(one);
    const hex = toHex(fingerprint);
    return [
      '',
      `${one.kind === 'as_credential' ? 'root' : 'intermediate'}, valid from ${formatTime(notBefore)} until ${formatTime(notAfter)}, ${one.payload.ciphersuite.hash.name}`,
      hex,
      ...inLines(hex.match(/.{1,4}/g) ?? [], 8).map((line) => `  ${line}`),
      ...inLines(toPgpWords(fingerprint), 4).map((line) => `  ${line}`),
    ];
  });
  return text(
    `Fingerprints of ${payload.asDomain}, bundle ${String(payload.sequence)}`,
    'Compare those of roots with what you learnt from another source; this file proves nothing by itself.',
    ...entries,
  );
}

/** Returns the README, for whoever runs the web server, and for strangers. */
export function readmeText(issue: Issue, inWords: InWords): Uint8Array {
  const {
    bundle: { payload },
    earlier,
    signers,
  } = issue;
  const { asDomain, sequence, issuedAt, expiresAt } = payload;
  const width = Math.max(...[...MEDIA_TYPES, ...PURPOSES].map(([name]) => name.length)) + 2;
  return text(
    `AS credentials of ${asDomain}: bundle ${String(sequence)}`,
    `Clients accept it from ${formatTime(issuedAt)} until ${formatTime(expiresAt)}.`,
    '',
    'Files',
    ...PURPOSES.map(([name, purpose]) => `  ${name.padEnd(width)}${purpose}`),
    ...(earlier.length === 0 ? [] : [`  ${'earlier/'.padEnd(width)}earlier bundles, for clients that step`]),
    ...(signers.length === 0 ? [] : [`  ${'signers/'.padEnd(width)}roots that sign a bundle but are no longer listed`]),
    `  ${INDEX.padEnd(width)}all of it for people`,
    `  ${SUMS.padEnd(width)}the SHA-256 of every file above: sha256sum -c ${SUMS}`,
    '',
    'Media types',
    ...MEDIA_TYPES.filter(([name]) => signers.length > 0 || name !== '*.pem').map(
      ([name, type]) => `  ${name.padEnd(width)}${type}`,
    ),
    `${BUNDLE} keeps its name when its contents change: have caches ask again (Cache-Control: no-cache).`,
    '',
    `To verify the bundle, with ${whosePins(issue.bundle.payload)} learnt from another source:`,
    `  ${inWords(freshCommand(issue))}`,
    'To go on from a bundle that was accepted before:',
    ...heldCommands(issue).map((command) => `  ${inWords(command)}`),
  );
}

/** Returns the first command for a client developer, with as many pinned roots as must sign the next bundle. */
export function freshCommand({ bundle: { payload }, departing }: Issue): CommandRemedy {
  const options = { domain: payload.asDomain, ...pinsFor(payload), with: departing.map(signerName) };
  return { command: 'bundle verify', args: [BUNDLE], options };
}

/** Returns, for people, what to fill in where `pinsFor` leaves a gap. */
export function whosePins({ threshold }: BundlePayload): string {
  return threshold === 1 ? 'a root fingerprint' : `${String(threshold)} root fingerprints`;
}

export function pinsFor({ threshold }: BundlePayload): { readonly trust: string[]; readonly threshold?: string } {
  const trust = Array.from({ length: threshold }, () => 'FINGERPRINT');
  return threshold === 1 ? { trust } : { trust, threshold: String(threshold) };
}

/** Returns the commands for those who hold a bundle: directly, and through the earlier ones published beside this. */
export function heldCommands({ earlier, departing, signers }: Issue): readonly CommandRemedy[] {
  const last = 'HELD.cose';
  const straight = { last, with: departing.map(signerName) };
  const stepping = { last, via: 'earlier/bundle-NNNNNN.cose', with: signers.map(signerName) };
  return (earlier.length === 0 ? [straight] : [straight, stepping]).map((options) => ({
    command: 'bundle verify',
    args: [BUNDLE],
    options,
  }));
}

/** Returns when to publish what was signed ahead, and how. */
export function scheduleText(current: Issue, later: readonly Issue[], inWords: InWords): Uint8Array {
  const rows = later.flatMap((issue, i) => {
    const before = (later[i - 1] ?? current).bundle.payload;
    const { sequence, issuedAt } = issue.bundle.payload;
    const gap = before.expiresAt < issuedAt ? ' (before it begins: clients have none in between)' : '';
    return [
      '',
      `Bundle ${String(sequence)}`,
      `  folder         ${laterName(issue.bundle).replace(/^.*\//, '')}`,
      `  not before     ${formatTime(issuedAt)}`,
      `  at the latest  ${formatTime(before.expiresAt)}, when bundle ${String(before.sequence)} expires${gap}`,
      `  sha256 of its ${BUNDLE}:`,
      `    ${toHex(hash('sha256', issue.bundle.encoded))}`,
    ];
  });
  return text(
    `Bundles of ${current.bundle.payload.asDomain} that were signed ahead`,
    '',
    'Keep this folder away from the web server, and from everybody, until its time.',
    'Clients refuse a bundle that comes too early. But whoever has it could later',
    'keep from some clients what an emergency bundle revokes meanwhile.',
    '',
    'Each folder here is a whole web root, as the folder above is now. On its day,',
    'copy it to the server under a name of its own, and have the server use it in',
    'place of the old one, in one step. Where the web root is a link "current":',
    '  ln -s NEW-FOLDER current.new && mv -T current.new current',
    `Then record it in the authority: ${inWords({ command: 'bundle published', args: [BUNDLE] })}`,
    '',
    'If an emergency bundle is signed meanwhile, publish none of these any more:',
    'clients that have it refuse them.',
    ...rows,
  );
}
