/**
 * What core/ says to documents alone: descriptions of schemas, summaries of routes and events, remedies of errors. The
 * OpenAPI document and the pages of errors are made of it, and no function reads it.
 */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** Fields of tables, by the end of their files, whose texts only documents show. */
const fields: Readonly<Record<string, string>> = {
  'contract/errors.ts': 'remedy',
  'contract/events.ts': 'summary',
  'contract/routes.ts': 'summary',
};

/** The text of a file of core/ without what only documents show. */
export function withoutProse(text: string, path: string): string {
  const end = Object.keys(fields).find((one) => path.replaceAll('\\', '/').endsWith(`/core/${one}`));
  const left = withoutCalls(text);
  if (end === undefined) return left;
  return left.replace(new RegExp(`^ {4}${fields[end]}:\\s+(?:'[^\\n]*'|"[^\\n]*"),$`, 'gm'), '');
}

/** Without the calls that tell a schema something for documents. */
function withoutCalls(text: string): string {
  let left = '';
  let from = 0;
  for (const { index, 0: call } of text.matchAll(/\s*\.(?:describe|meta)\(/g)) {
    if (index < from) continue;
    left += text.slice(from, index);
    from = endOfCall(text, index + call.length);
  }
  return left + text.slice(from);
}

/**
 * The place behind the parenthesis that closes a call.
 * @throws Error when none does
 */
function endOfCall(text: string, from: number): number {
  const parts = /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|[()]/gs;
  parts.lastIndex = from;
  let open = 1;
  for (let part = parts.exec(text); part; part = parts.exec(text)) {
    if (part[0] === '(') open++;
    if (part[0] === ')') open--;
    if (open === 0) return parts.lastIndex;
  }
  throw new Error(`A call does not end: ${text.slice(from, from + 40)}`);
}

export const noProse: Plugin = {
  name: 'no-prose',
  setup: (builder) => {
    builder.onLoad({ filter: /[\\/]core[\\/].*\.ts$/ }, async ({ path }) => ({
      contents: withoutProse(await readFile(path, 'utf8'), path),
      loader: 'ts',
    }));
  },
};
