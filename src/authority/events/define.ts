import type { Shape } from './shape.js';

/**
 * One form of an event: its fields, and the sentence that people read. In the sentence `{name}` is a field, and
 * `{name?yes|no}` a word by a field that is true or false. What stands in brackets falls away where its field is not
 * there.
 */
export interface Form<S extends Shape = Shape> {
  readonly shape: S;
  readonly sentence: string;
}

export function form<const S extends Shape>(shape: S, sentence: string): Form<S> {
  return { shape, sentence };
}
