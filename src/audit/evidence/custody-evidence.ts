/** Rows about what keeps keys: copies that were read again, bags and seals. */
import { sentence } from '../../authority/events/sentence.js';
import { eventsOf } from '../../authority/formats/transcript.js';
import type { Proceedings } from '../reading/proceedings.js';
import { inventoryOf } from './key-evidence.js';
import { type Found, oneOf, type Row, showing } from './row.js';

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
  const media = eventsOf(proceedings.entries, 'media').filter(({ seq }) => seq + 1 > made);
  const pairs = media.flatMap(({ seq: copied, fields: copy }) =>
    media.flatMap(({ seq, fields: read }) => {
      const isPair = copy.action === 'copy' && read.action === 're-read' && seq > copied && read.path === copy.path;
      const isGood = isPair && read.uncached && read.in_memory !== true && read.differing.length === 0;
      if (!isGood) return [];
      return [showing(`copied to ${copy.medium} (${copy.path}), and read again: no difference`, copied + 1, seq + 1)];
    }),
  );
  const found = oneOf(pairs[0], 'no copy was made after the last key, and read again without a difference');
  return {
    ...found,
    lacks: [
      ...found.lacks,
      ...inHsm.map(({ uri, path }) => `a copy of files does not hold the key ${uri === '' ? `of ${path}` : uri}`),
    ],
  };
}

function sealed({ entries }: Proceedings): Found {
  const seals = eventsOf(entries, 'seal').filter(({ fields }) => !['', 'nobody'].includes(fields.by));
  const closed = seals.filter(({ fields }) => fields.action === 'close');
  const opened = seals.filter(({ fields }) => fields.action === 'open');
  const wrong = opened.filter(({ fields }) => fields.as_sealed !== true);
  return {
    shows: [...closed, ...opened].map((one) => showing(sentence(one), one.seq + 1)),
    lacks: [
      ...(closed.length === 0 ? ['nothing was sealed'] : []),
      ...wrong.map(
        ({ seq, fields }) =>
          `${fields.what} was opened with numbers that are not those of its sealing (line ${String(seq + 1)})`,
      ),
    ],
  };
}
