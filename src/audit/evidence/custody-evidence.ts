/** Rows about the custody of keys: copies that were read again, bags and seals. */
import { sentence } from '../../authority/events/sentence.js';
import { type EntryOf, eventsOf } from '../../authority/formats/transcript.js';
import type { Proceedings } from '../proceedings/proceedings.js';
import { inventoryOf } from './key-evidence.js';
import { type Found, oneOf, type Row, showing, type Shown } from './row.js';

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

/** Checks that the copy is younger than the last key that was made, and holds nothing but what the authority has. */
function backup(proceedings: Proceedings): Found {
  const keys = inventoryOf(proceedings);
  if (keys.length === 0) return { shows: [], lacks: ['no key was made that could be backed up'] };
  const inHsm = keys.filter(({ uri }) => !uri.startsWith('file:'));
  const made = keys.flatMap(({ lines }) => lines).reduce((last, line) => Math.max(last, line), 0);
  const found = oneOf(
    goodCopy(eventsOf(proceedings.entries, 'media').filter(({ seq }) => seq + 1 > made)),
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

/** The first that was read again as it was made. */
function goodCopy(media: readonly EntryOf<'media'>[]): Shown | undefined {
  const copies = new Map<string, EntryOf<'media'>>();
  for (const one of media) {
    const { fields } = one;
    if (fields.action === 'copy') copies.set(fields.path, one);
    const copy = fields.action === 're-read' ? copies.get(fields.path) : undefined;
    if (copy === undefined || fields.action !== 're-read') continue;
    const isGood = fields.uncached && fields.in_memory !== true && fields.differing.length === 0;
    if (!isGood) continue;
    const where = fields.same_disk === true ? `${fields.path}, on the disk of the authority` : fields.path;
    const says = `copied to ${copy.fields.medium} (${where}), and read again: no difference`;
    return showing(says, copy.seq + 1, one.seq + 1);
  }
  return undefined;
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
