/** Rows about what keeps keys: copies that were read again, bags and seals. */
import type { TranscriptEntry } from '../../authority/formats/transcript.js';
import type { Proceedings } from '../reading/proceedings.js';
import { shown, textsField } from '../reading/fields.js';
import { inventoryOf } from './key-evidence.js';
import { oneOf, showing, type Found, type Row } from './row.js';

export const CUSTODY_ROWS: readonly Row[] = [
  {
    id: 'backup',
    title: 'The key files were copied to a medium after they were made, and every byte was read again',
    clauses: { etsi: ['GEN-6.5.2-06'], br: ['6.2.4'], webtrust: ['4.2'] },
    look: backup,
  },
  {
    id: 'sealed',
    title: 'Something was sealed in a numbered bag, and bags that were opened had their numbers',
    clauses: { etsi: ['OVR-6.5.2-11'], webtrust: ['4.2', '4.8'] },
    look: sealed,
  },
];

/** The copy must be younger than the last key that was made, and hold nothing else than the authority does. */
function backup(proceedings: Proceedings): Found {
  const keys = inventoryOf(proceedings);
  if (keys.length === 0) return { shows: [], lacks: ['no key was made that could be backed up'] };
  const inHsm = keys.filter(({ uri }) => !uri.startsWith('file:'));
  const made = Math.max(...keys.flatMap(({ lines }) => lines));
  const media = proceedings.entries.filter(({ event, seq }) => event === 'media' && seq + 1 > made);
  const of = (action: string) => media.filter(({ fields }) => shown(fields, 'action') === action);
  const pair = of('copy')
    .map((copy) => {
      const path = shown(copy.fields, 'path');
      return { copy, read: of('re-read').find((one) => one.seq > copy.seq && shown(one.fields, 'path') === path) };
    })
    .find(
      ({ read }) =>
        read !== undefined &&
        read.fields.uncached !== false &&
        read.fields.in_memory !== true &&
        Array.isArray(read.fields.differing) &&
        textsField(read.fields, 'differing').length === 0 &&
        read.fields.differing.length === 0,
    );
  const found = oneOf(
    pair?.read === undefined
      ? undefined
      : showing(
          `copied to ${shown(pair.copy.fields, 'medium')} (${shown(pair.copy.fields, 'path')}), and read again: no difference`,
          pair.copy.seq + 1,
          pair.read.seq + 1,
        ),
    'no copy was made after the last key, and read again without a difference',
  );
  return {
    ...found,
    lacks: [
      ...found.lacks,
      ...inHsm.map(({ uri, path }) => `a copy of files does not hold the key ${uri === '' ? `of ${path}` : uri}`),
    ],
  };
}

function sealed({ entries }: Proceedings): Found {
  const seals = entries.filter(
    ({ event, fields }) => event === 'seal' && !['', 'nobody'].includes(shown(fields, 'by')),
  );
  const closed = seals.filter(({ fields }) => shown(fields, 'action') === 'close');
  const opened = seals.filter(({ fields }) => shown(fields, 'action') === 'open');
  const say = ({ seq, fields }: TranscriptEntry) =>
    showing(
      `${shown(fields, 'action')}: ${shown(fields, 'what')}, bag ${shown(fields, 'bag')}, seal ${shown(fields, 'seal')}, by ${shown(fields, 'by')}`,
      seq + 1,
    );
  const wrong = opened.filter(({ fields }) => fields.as_sealed !== true);
  return {
    shows: [...closed, ...opened].map(say),
    lacks: [
      ...(closed.length === 0 ? ['nothing was sealed'] : []),
      ...wrong.map(
        ({ seq, fields }) =>
          `${shown(fields, 'what')} was opened with numbers that are not those of its sealing (line ${String(seq + 1)})`,
      ),
    ],
  };
}
