import type { NewEvent } from '../../authority/events/event.js';

/** A key that can be destroyed, having been proved to be the right one as far as the options require. */
export interface Doomed {
  readonly how: string;
  readonly events: readonly NewEvent[];
  readonly destroy: () => Promise<void>;
  readonly close: () => Promise<void>;
}
