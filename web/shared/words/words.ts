import type { en } from './en.ts';

export type Words = typeof en;

/** Points are integers; `shown` is the number as Intl wrote it. */
export type Points = (count: number, shown: string) => string;

/** A counted noun in languages that tell one from many. */
export function counted(one: string, many: string): Points {
  return (count, shown) => `${shown} ${Math.abs(count) === 1 ? one : many}`;
}
