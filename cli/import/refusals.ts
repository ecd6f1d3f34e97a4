/** What the API's refusals mean to an import: a line's own, or the end. */
import type { ProblemBody } from '../../core/contract/errors.ts';
import { exits, Failure } from '../failure.ts';
import { isRecord } from '../json.ts';
import type { Answer } from '../sender.ts';
import type { Item, Refusal } from './lines.ts';

type Reply = Pick<Answer, 'status' | 'body'>;

/** A refusal that the next line may not meet (400, 404, 409, 413, 422) is the line's; any other ends the import. */
export function refusalsOf(operation: string, item: Item, answer: Reply): Refusal[] {
  const isTheLines = [400, 404, 409, 413, 422].includes(answer.status);
  if (!isTheLines) throw unexpected(operation, answer);
  return describe(item.line, answer.body);
}

/** An answer that the import cannot go on after. */
export function unexpected(operation: string, { status, body }: Reply): Failure {
  const problem = isRecord(body) ? body : undefined;
  const { code = 'without a problem', detail = 'its body says nothing more.' } = problem ?? {};
  const known = typeof problem?.['code'] === 'string';
  return new Failure(
    status >= 400 && status < 500 ? exits.refused : exits.unknown,
    `${operation} answered ${status} ${code}: ${detail}`,
    known ? { problem: problem as unknown as ProblemBody } : {},
  );
}

/** One refusal for each error of an RFC 9457 problem, or one for the whole. */
export function describe(line: number, problem: unknown): Refusal[] {
  const { code, detail, title, errors } = isRecord(problem) ? problem : {};
  const common = { kind: 'refused', line, code: String(code ?? 'unknown') } as const;
  const named = Array.isArray(errors) ? errors.filter(isRecord) : [];
  if (named.length === 0)
    return [{ ...common, path: '', message: String(detail ?? title ?? 'No reason was given.') }];
  return named.map(({ path, message }) => ({
    ...common,
    path: String(path ?? ''),
    message: String(message ?? detail),
  }));
}

export function codeOf(problem: unknown): unknown {
  return isRecord(problem) ? problem['code'] : undefined;
}
