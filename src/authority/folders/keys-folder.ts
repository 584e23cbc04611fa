/** The folder `keys/` of an authority: key records, and the marks of keys that were destroyed. */
import { equalBytes, toHex } from '../../common/bytes.js';
import {
  decodeKeyMark,
  decodeKeyRecord,
  isMarkName,
  KEY_STATES,
  type KeyMark,
  keyMarkPath,
  type KeyRecord,
} from '../formats/small-files.js';
import type { FolderReader } from './folder-reader.js';

/** A key record of the authority; `name` is `root-1` for `keys/root-1.json`. */
export interface HeldKeyRecord extends KeyRecord {
  readonly file: string;
  readonly name: string;
  /** The mark that its destruction has begun, or is done, if there is one. */
  readonly end: KeyMark | undefined;
}

/** Returns all key records, and the names of all files. Whatever doesn't belong there becomes a finding. */
export function readKeys(reader: FolderReader): { records: HeldKeyRecord[]; names: string[] } {
  const all = reader.read('keys', /^([^.].*)\.(json|age)$/, () => 0);
  const records: HeldKeyRecord[] = [];
  const json = all
    .filter(({ match }) => match[2] === 'json')
    .map(({ file, match }) => ({ file, name: match[1] ?? '' }));
  const marks = new Map(
    json.filter(({ name }) => isMarkName(name)).map(({ file }) => [file, reader.decode(file, decodeKeyMark)]),
  );
  const seen = new Map<string, string>();
  for (const { file, name } of json.filter((one) => !isMarkName(one.name))) {
    const record = reader.decode(file, decodeKeyRecord);
    const end = endOf(reader, name, record, marks);
    if (record === undefined) continue;
    const key = `${record.scheme.name} ${toHex(record.publicKey)}`;
    const twin = seen.get(key);
    if (twin !== undefined) reader.suspect(file, [twin], `it is about the same key as ${twin}`);
    seen.set(key, file);
    records.push({ ...record, file, name, end });
  }
  for (const file of marks.keys())
    reader.suspect(file, [recordOf(file)], 'there is no key record that it could be about');
  return { records, names: all.map(({ file }) => file) };
}

function recordOf(markFile: string): string {
  return markFile.replace(/\.[^.]+\.json$/, '.json');
}

/** Returns the last mark of a key, and removes its marks from `marks`. */
function endOf(
  reader: FolderReader,
  name: string,
  record: KeyRecord | undefined,
  marks: Map<string, KeyMark | undefined>,
): KeyMark | undefined {
  let end: KeyMark | undefined;
  for (const state of KEY_STATES) {
    const file = keyMarkPath(name, state);
    const mark = marks.get(file);
    marks.delete(file);
    if (mark === undefined) continue;
    if (mark.state !== state) reader.find(file, 'its contents do not match its name');
    if (record !== undefined && !equalBytes(mark.publicKey, record.publicKey))
      reader.suspect(file, [recordOf(file)], 'it is about another key');
    end = mark;
  }
  return end;
}
