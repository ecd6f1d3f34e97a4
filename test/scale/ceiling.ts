/** A ceiling: how much of something the system can take, from its own constants and measured unit costs. */
export interface Ceiling {
  /** What it is about. */
  readonly path: string;
  readonly value: number;
  /** At least, or at most where less is better. */
  readonly wanted: number;
  readonly better: 'more' | 'less';
  readonly unit: string;
  /** What it is bound by, or follows from. */
  readonly bound: string;
}

export function isReached({ value, wanted, better }: Ceiling): boolean {
  return better === 'more' ? value >= wanted : value <= wanted;
}
