/**
 * An example of each operation, for the OpenAPI document: one story, in the order in which it happens. Ada buys an
 * espresso, gives some of it back and spends her points; whoever runs the programme looks after it; Grace joins by her
 * phone and is erased again. test/system/examples.test.ts plays it on a running system.
 */
import type { RouteName } from '../core/contract/routes.ts';
import story from './api-examples.json' with { type: 'json' };

/** Who asks: the store's till, an operator, a second one, a phone with a pass, or who needs no key. */
export type Asker = 'store' | 'ops' | 'second' | 'phone' | 'google' | 'samsung' | 'anybody' | 'shop';

export interface Example {
  readonly operation: RouteName;
  readonly as: Asker;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly status: number;
  /** Absent where nothing is answered, or bytes are. */
  readonly answer?: unknown;
}

export const examples = story as readonly Example[];

/** The one that the document shows: the first time that somebody does it. */
export function exampleOf(operation: string): Example | undefined {
  return examples.find((example) => example.operation === operation);
}
