import type { NewEvent } from '../../authority/events/event.js';

/** A key that was proved to be the right one, as far as the options demand, and can be destroyed. */
export interface Doomed {
  readonly how: string;
  readonly events: readonly NewEvent[];
  readonly destroy: () => Promise<void>;
  readonly close: () => Promise<void>;
}
