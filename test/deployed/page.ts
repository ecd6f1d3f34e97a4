/** What docs/deploy.md tells people to run, read from the page itself so that the two cannot part. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Block {
  /** The nearest heading before it, without its number. */
  readonly under: string;
  readonly script: string;
}

/** The page's `sh` blocks in their order. */
export function readPage(path = join(import.meta.dirname, '../../docs/deploy.md')): Block[] {
  const blocks: Block[] = [];
  let under = '';
  let open: { readonly indent: string; readonly lines: string[] } | undefined;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const fence = /^( *)```(\w*)$/.exec(line);
    if (open && fence?.[2] === '') {
      blocks.push({ under, script: open.lines.join('\n') });
      open = undefined;
    } else if (open) open.lines.push(line.slice(open.indent.length));
    else if (fence?.[2] === 'sh') open = { indent: fence[1] ?? '', lines: [] };
    else under = /^#+ (?:\d+\. )?(.+)$/.exec(line)?.[1] ?? under;
  }
  return blocks;
}
