/** Returns a count with its noun: `1 root`, `2 roots`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${String(count)} ${count === 1 ? one : several}`;
}
