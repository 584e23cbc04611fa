import { applyChange } from '../../authority/store.js';
import { refused } from '../../common/errors.js';
import { formatTime } from '../../common/time.js';
import type { OperationContext } from '../context/operation-context.js';

const LEAST_PEOPLE = 2;

/**
 * Continues at an earlier time than the authority's newest record, on the word of two people: for an authority in which
 * something was written while the clock was wrong. Nothing is undone: whatever was dated wrongly stays, and it is for
 * them to revoke it. Returns the transcript (relative). Errors: `clock-is-right`, `two-people`.
 */
export async function recoverClock(context: OperationContext, people: readonly string[]): Promise<string> {
  const { authority, atSeconds, buildSeconds } = context;
  const newest = authority.newestSeconds;
  const names = people
    .map((name) =>
      name
        .normalize('NFKC')
        .replace(/[\p{C}\p{M}\s]+/gu, ' ')
        .trim(),
    )
    .filter((name) => name !== '');
  if (newest === undefined || atSeconds >= newest) {
    throw refused('clock-is-right', 'the clock is not behind anything in the authority; there is nothing to recover', {
      hint: 'Continue as usual.',
    });
  }
  if (atSeconds < buildSeconds) {
    throw refused(
      'clock',
      `the clock says ${formatTime(atSeconds)}, before this program was built (${formatTime(buildSeconds)})`,
      {
        hint: 'Set the clock first.',
      },
    );
  }
  if (new Set(names.map((name) => name.toLowerCase())).size < LEAST_PEOPLE) {
    throw refused('two-people', 'two different people must vouch for the clock', {
      hint: 'Name both.',
      remedies: [
        { option: 'by', value: 'NAME' },
        { option: 'by', value: 'NAME' },
      ],
    });
  }
  await context.confirm({
    title: 'The clock was wrong, and is right now',
    rows: [
      ['newest record', formatTime(newest)],
      ['clock now', formatTime(atSeconds)],
      ...names.map((name) => ['vouched for by', name] as const),
    ],
    changes: [
      'the authority continues from the time of the clock',
      'nothing that was made under the wrong clock is changed or revoked',
    ],
  });
  const { transcript } = applyChange(authority, {
    operation: 'clock recover',
    files: [],
    events: [{ event: 'clock', fields: { newest_record: formatTime(newest), vouched_for_by: names } }],
    atSeconds,
    recordIn: context.recordIn,
  });
  return transcript;
}
