import { type Advice, type CeremonyError, refused } from '../../common/errors.js';

const HINT =
  'Two sites made different things, or one of them cannot be trusted. Nothing was taken over. Find out which of the two clients know, and correct the other at its site.';

/** Makes the error `sites-differ`. */
export function sitesDiffer(message: string, cause?: CeremonyError, advice: Advice = { hint: HINT }): CeremonyError {
  return refused('sites-differ', message, {
    ...advice,
    ...(cause === undefined ? {} : { findings: cause.findings, cause }),
  });
}

/** Makes the same error for something that the records here do not confirm. */
export function notTogether(what: string, cause: CeremonyError, advice?: Advice): CeremonyError {
  return sitesDiffer(`what is there does not fit what is here: ${what}`, cause, advice);
}
