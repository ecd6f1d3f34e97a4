/** What routes promise, for tests that hold answers against it. */
import type * as z from 'zod';
import { isChoice, type Route } from '../../core/contract/routes.ts';

/** The schema of what a route answers in JSON with a status, if it is JSON. */
export function promisedJson({ answers }: Route, status: number): z.ZodType | undefined {
  const all = answers[status] ?? null;
  const promised = isChoice(all) ? all[0] : all;
  return typeof promised === 'string' || promised === null ? undefined : promised;
}
