/** The list that an auditor asks for, each row judged by what the transcript shows. */
import type { Proceedings } from '../proceedings/proceedings.js';
import { CUSTODY_ROWS } from './custody-evidence.js';
import { KEY_ROWS } from './key-evidence.js';
import { PEOPLE_ROWS } from './people-evidence.js';
import { PROCEDURE_ROWS } from './procedure-evidence.js';
import type { JudgedRow, Row } from './row.js';

export const ROWS: readonly Row[] = [...PEOPLE_ROWS, ...PROCEDURE_ROWS, ...KEY_ROWS, ...CUSTODY_ROWS];

/** Nothing in a rehearsal is evidence of anything real, whatever it shows. */
const REHEARSED = 'it was a rehearsal: nothing in it is real';

export function evidenceOf(proceedings: Proceedings): readonly JudgedRow[] {
  const { rehearsal } = proceedings.report.transcript;
  return ROWS.map(({ id, title, clauses, look }) => {
    const { shows, lacks: found } = look(proceedings);
    const lacks = [...(rehearsal ? [REHEARSED] : []), ...found];
    return { id, title, clauses, shows, lacks, evidenced: shows.length > 0 && lacks.length === 0 };
  });
}
