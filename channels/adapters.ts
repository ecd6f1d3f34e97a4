/** The shops that channels can be connected to, a line each. */
import type { Adapter } from './adapter.ts';

export const adapters = {} as const satisfies Record<string, Adapter>;
