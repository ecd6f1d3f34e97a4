/** What generators share: files that are written, or with `--check` compared with what they would be. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

export const root = join(import.meta.dirname, '..');
export const generatedFolder = join(root, 'docs/generated');

/** Absolute path -> the text that belongs there, or null for a file that does not belong there any more. */
export type Files = Readonly<Record<string, string | null>>;

export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The files that are not as they should be, each with the first line that differs; empty when all are right. */
export async function differences(files: Files): Promise<string[]> {
  const found = await Promise.all(
    Object.entries(files).map(async ([path, wanted]) => {
      const present = existsSync(path) ? await readFile(path, 'utf8') : null;
      return present === wanted ? [] : [`${relative(root, path)} ${difference(present, wanted)}`];
    }),
  );
  return found.flat();
}

function difference(present: string | null, wanted: string | null): string {
  if (present === null) return 'is missing';
  if (wanted === null) return 'belongs to nothing any more';
  const is = present.split('\n');
  const should = wanted.split('\n');
  const at = should.findIndex((line, index) => line !== is[index]);
  const line = at < 0 ? should.length : at;
  return `differs at line ${line + 1}: is ${JSON.stringify(is[line])}, would be ${JSON.stringify(should[line])}`;
}

/** Writes the files, or names what differs and sets exit status 1 when the command line says `--check`. */
export async function writeOrCheck(files: Files): Promise<void> {
  if (process.argv.includes('--check')) {
    const found = await differences(files);
    for (const one of found) console.error(one);
    if (found.length > 0) process.exitCode = 1;
    return;
  }
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(path), { recursive: true });
    if (text === null) await rm(path);
    else await writeFile(path, text);
  }
}
