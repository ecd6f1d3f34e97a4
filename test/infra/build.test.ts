/** Scope: the bundles of the functions. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { errors } from '../../core/contract/errors.ts';
import type { FunctionName } from '../../core/contract/functions.ts';
import { type Route, routes } from '../../core/contract/routes.ts';
import { declaredGrants, entryFileOf, functionNames } from '../../infra/names.ts';
import { rasterize } from '../../passes/strip/raster.ts';
import { readBrand } from '../../tools/brand.ts';
import { buildFunctions, buildSite } from '../../tools/build.ts';

const root = join(import.meta.dirname, '../..');
const temporary = mkdtempSync(join(tmpdir(), 'philia-build-'));
afterAll(() => rmSync(temporary, { recursive: true }));

/** Entry files that need a CommonJS dependency, which itself asks for one of Node's modules. */
function sources(names: readonly FunctionName[]): string {
  const folder = mkdtempSync(join(temporary, 'sources-'));
  const dependency = join(folder, 'dependency.cjs');
  writeFileSync(dependency, `module.exports = require('node:path').join('a', 'b');`);
  for (const name of names) {
    const file = join(folder, entryFileOf(name));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      `import joined from '../dependency.cjs';\nexport const handler = async (): Promise<string> => '${name} ' + joined;\n`,
    );
  }
  return folder;
}

/** The entry files, of which that of `apple` draws a square with what passes draw with, and tells the pass's logo. */
function drawingSources(): string {
  const folder = sources(functionNames);
  const [raster, images] = ['strip/raster.ts', 'apple/images.ts'].map((file) =>
    JSON.stringify(join(root, 'passes', file)),
  );
  writeFileSync(
    join(folder, entryFileOf('apple')),
    `import { rasterize } from ${raster};
    import { imagesBase64 } from ${images};
    const square = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><path d="M0 0h10v10H0z"/></svg>';
    export const handler = async () =>
      ({ square: (await rasterize(square)).toString('base64'), logo: imagesBase64['logo.png'] });`,
  );
  return folder;
}

/** What the handlers answer in a Node of their own: the test runner defines `require` where Lambda does not. */
function answers(outdir: string, names: readonly string[] = functionNames): unknown[] {
  const files = names.map((name) => join(outdir, name, 'index.mjs'));
  const script = `const answers = [];
    for (const file of ${JSON.stringify(files)}) answers.push(await (await import(file)).handler());
    console.log(JSON.stringify(answers));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  return JSON.parse(printed) as unknown[];
}

describe('the functions', () => {
  it('are one module each, which loads its CommonJS dependencies', async () => {
    const outdir = join(temporary, 'out');
    await buildFunctions(outdir, sources(functionNames));
    expect(readdirSync(outdir).sort()).toEqual([...functionNames].sort());
    for (const name of functionNames) {
      expect(readdirSync(join(outdir, name))).toEqual(['index.mjs']);
    }
    expect(answers(outdir)).toEqual(functionNames.map((name) => `${name} a/b`));
  });

  it('that draw have the rasteriser beside them, wherever they are put, and no others', async () => {
    const outdir = join(temporary, 'drawing');
    await buildFunctions(outdir, drawingSources());
    const carrying = functionNames.filter((name) => readdirSync(join(outdir, name)).includes('resvg.wasm'));
    expect(carrying).toEqual(['apple']);
    const square =
      '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><path d="M0 0h10v10H0z"/></svg>';
    expect(answers(outdir, ['apple'])).toMatchObject([
      { square: (await rasterize(square)).toString('base64') },
    ]);
  });

  it('draw only where passes are signed', async () => {
    const outdir = join(temporary, 'real');
    await buildFunctions(outdir);
    const carrying = functionNames.filter((name) => readdirSync(join(outdir, name)).includes('resvg.wasm'));
    expect(carrying.toSorted()).toEqual(['apple', 'cards']);
  });

  it('hold the clients that their grants open, and metrics where any are told, and no others', async () => {
    const packages: Readonly<Record<string, string>> = {
      'client-dynamodb': 'ledger erasures',
      'client-eventbridge': 'bus',
      'client-sqs': 'queues holds walks',
      'client-secrets-manager': 'secret',
      'client-sns': 'sms',
      'client-sesv2': 'email',
    };
    const outputs = await buildFunctions(join(temporary, 'clients'));
    for (const name of functionNames) {
      const [, output] = Object.entries(outputs).find(([file]) => file.endsWith(`/${name}/index.mjs`)) ?? [];
      const carried = Object.entries(output?.inputs ?? {})
        .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
        .flatMap(([input]) => /@aws-sdk\/(client-[^/]+)/.exec(input)?.[1] ?? []);
      const granted = declaredGrants(name).map((grant) => grant.split(':')[0] ?? '');
      const opened = Object.keys(packages).filter((one) =>
        packages[one]?.split(' ').some((resource) => granted.includes(resource)),
      );
      expect([...new Set(carried)].sort(), name).toEqual(opened.sort());
    }
    const measuring = functionNames.filter((name) =>
      readFileSync(join(temporary, 'clients', name, 'index.mjs'), 'utf8').includes('CloudWatchMetrics'),
    );
    expect(measuring.toSorted()).toEqual([
      'apple',
      'apple-push',
      'cards',
      'certificates',
      'google',
      'google-update',
      'outbox',
      'quarantine',
      'samsung',
      'samsung-update',
      'walks',
    ]);
  });

  it('refuse a client that no grant opens, and say which', async () => {
    const folder = sources(functionNames);
    const bus = JSON.stringify(join(root, 'functions/clients/bus.ts'));
    writeFileSync(
      join(folder, entryFileOf('certificates')),
      `import { connect } from ${bus};
      export const handler = async () => { try { connect() } catch (error) { return error.message } };`,
    );
    const outdir = join(temporary, 'refused');
    await buildFunctions(outdir, folder);
    expect(answers(outdir, ['certificates'])).toEqual(['No grant of this function opens its bus.']);
  });

  it('say nothing that only documents show', () => {
    const shown = [
      ...Object.values(errors).map(({ remedy }) => remedy),
      ...Object.values<Route>(routes).map(({ summary }) => summary),
      'The rewards that it is made of, by their ids: a voucher of each, by the terms of each.',
    ];
    for (const name of functionNames) {
      const bundle = readFileSync(join(temporary, 'clients', name, 'index.mjs'), 'utf8');
      expect(
        shown.filter((text) => bundle.includes(text)),
        name,
      ).toEqual([]);
    }
  });

  it('stay small, gzipped; what is above 150 KB is known, and why', () => {
    const ceilings: Partial<Record<FunctionName, number>> = {
      // They sign passes and draw.
      cards: 293_000,
      apple: 275_000,
      // They price purchases: conditions with the CEL library are 29 KB. All but walks read phone numbers, 15 KB more.
      operators: 228_000,
      members: 203_000,
      purchases: 171_000,
      walks: 173_000,
      // The same, and it knows every shop and who has signed in.
      channels: 163_000,
    };
    for (const name of functionNames) {
      const { length } = gzipSync(readFileSync(join(temporary, 'clients', name, 'index.mjs')));
      expect(length, name).toBeLessThan(ceilings[name] ?? 150_000);
    }
  });

  it("show the programme's own images", async () => {
    const brand = readBrand(join(temporary, 'no-brand'));
    const logo = Buffer.from('own logo');
    const own = { ...brand, apple: new Map([...brand.apple, ['logo.png', logo]]) };
    const outdir = join(temporary, 'branded');
    await buildFunctions(outdir, drawingSources(), own);
    expect(answers(outdir, ['apple'])).toMatchObject([{ logo: logo.toString('base64') }]);
  });

  it('are the same bytes each time, whatever was there before', async () => {
    const [first, second] = [join(temporary, 'first'), join(temporary, 'second')];
    mkdirSync(join(second, 'left-over'), { recursive: true });
    const from = sources(functionNames);
    await buildFunctions(first, from);
    await buildFunctions(second, from);
    expect(readdirSync(second).sort()).toEqual(readdirSync(first).sort());
    for (const name of functionNames) {
      const bytes = (outdir: string) => readFileSync(join(outdir, name, 'index.mjs'));
      expect(bytes(second).equals(bytes(first))).toBe(true);
    }
  });

  it('stay as they were when an entry file is missing, which is named', async () => {
    const outdir = join(temporary, 'untouched');
    mkdirSync(join(outdir, 'setup'), { recursive: true });
    const some = sources(functionNames.filter((name) => name !== 'setup'));
    await expect(buildFunctions(outdir, some)).rejects.toThrow(join(some, entryFileOf('setup')));
    expect(readdirSync(outdir)).toEqual(['setup']);
  });
});

describe('the site', () => {
  it("has the pass's logo, for the card page to show", async () => {
    const own = Buffer.from('own logo of the pass');
    const brand = readBrand(join(temporary, 'no-brand'));
    const outdir = join(temporary, 'site');
    await buildSite(outdir, { ...brand, apple: new Map([...brand.apple, ['logo@3x.png', own]]) });
    expect(readFileSync(join(outdir, 'wallet-logo.png')).equals(own)).toBe(true);
  });

  it("has the programme's own logo, or the house's", async () => {
    const house = readFileSync(join(root, 'web/public/program-logo.png'));
    const brand = readBrand(join(temporary, 'no-brand'));
    for (const programLogo of [undefined, Buffer.from('own logo')]) {
      const outdir = join(temporary, 'site');
      await buildSite(outdir, { ...brand, programLogo });
      expect(readFileSync(join(outdir, 'program-logo.png')).equals(programLogo ?? house)).toBe(true);
    }
  });
});
