import type { ChangeEvent } from '../../authority/store.js';

/** A key that was proved to be the right one, as far as the options demand, and can be destroyed. */
export interface Doomed {
  readonly how: string;
  readonly events: readonly ChangeEvent[];
  readonly destroy: () => Promise<void>;
  readonly close: () => Promise<void>;
}
