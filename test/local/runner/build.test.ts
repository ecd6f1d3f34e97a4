/** What was built last is taken again exactly as long as nothing that it was made of has changed. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { synthesize } from '../../../local/build.ts';

let root: string;
let systems: number;

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Builds for one more system, and tells what its assembly says. */
async function build(): Promise<string> {
  const outdir = join(root, 'data', `${++systems}`);
  await synthesize(root, outdir, new AbortController().signal);
  return readFileSync(join(outdir, 'assembly/built'), 'utf8');
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'philia-build-'));
  systems = 0;
  write('core/points.ts', 'one');
  write('tools/build.ts', "import { appendFileSync } from 'node:fs'; appendFileSync('builds', 'x');");
  write(
    'infra/app.ts',
    `import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
     const folder = process.env.CDK_OUTDIR + '/assembly';
     mkdirSync(folder, { recursive: true });
     writeFileSync(folder + '/built', readFileSync('builds', 'utf8').length + ' ' + readFileSync('core/points.ts', 'utf8'));`,
  );
});
afterEach(() => rmSync(root, { recursive: true }));

describe('a start', () => {
  it('builds once for all that begin with the same project', async () => {
    expect([await build(), await build(), await build()]).toEqual(['1 one', '1 one', '1 one']);
  });

  it.each([
    ['a file is changed', () => write('core/points.ts', 'two'), '2 two'],
    ['a file is added', () => write('brand/icon.png', ''), '2 one'],
    ['other packages are installed', () => write('package-lock.json', '{}'), '2 one'],
    ['data is written that is no part of it', () => write('data/philia.db', ''), '1 one'],
  ])('builds again when %s, or else not', async (_, change, then) => {
    await build();
    change();
    expect(await build()).toBe(then);
  });

  it('takes nothing of a build that failed, and keeps nothing but the last one', async () => {
    await build();
    const app = readFileSync(join(root, 'infra/app.ts'), 'utf8');
    write('infra/app.ts', `${app} throw new Error('no such construct');`);
    await expect(build()).rejects.toThrow('no such construct');
    await expect(build()).rejects.toThrow('no such construct');
    write('infra/app.ts', `${app} // mended`);
    expect(await build()).toBe('4 one');
    expect(readdirSync(join(root, '.build/assemblies'))).toHaveLength(1);
  });

  it('leaves nothing of a folder’s earlier assembly', async () => {
    await build();
    write('data/2/asset.old/index.mjs', '');
    await build();
    expect(existsSync(join(root, 'data/2/asset.old'))).toBe(false);
  });
});
