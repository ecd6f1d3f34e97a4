/**
 * What bundles leave out of zod. Each of its schemas has every method, and by those holds every kind of schema there is;
 * a method that no source of ours calls is left out, with what only it leads to.
 */
import { globSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { lazy } from '../functions/kit/fresh.ts';
import { root } from './generated.ts';
import { withoutProse } from './prose.ts';

/** Where the sources of functions are, beside which nothing in a bundle makes schemas. */
const sources = ['channels', 'core', 'functions', 'ledger', 'passes'];
/** What zod's schemas call of each other. */
const ownCalls = ['check', 'clone', 'safeParse'];

/** The names of all that is called as a method somewhere in the sources. */
function calledMethods(): Set<string> {
  const files = sources.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root }));
  const texts = files.map((file) => withoutProse(readFileSync(join(root, file), 'utf8'), `/${file}`));
  return new Set([
    ...ownCalls,
    ...texts.flatMap((text) => [...text.matchAll(/\.(\w+)\(/g)].map(([, name]) => name ?? '')),
  ]);
}

/** zod's schemas without the methods that are not called, and with helpers of which each can be left out. */
export function withMethods(text: string, called: ReadonlySet<string>): string {
  return text
    .replace('import { util } from "../core/index.js";', 'import * as util from "../core/util.js";')
    .replaceAll('core.util.', 'util.')
    .replace(/^ {4}(?:async )?(\w+)\([^\n]*\) \{\n(?:(?: {8}[^\n]*)?\n)*? {4}\},\n/gm, (method, name) =>
      called.has(name) ? method : '',
    );
}

/** What zod describes its schemas with: documents are made of it, and no function makes any. */
const jsonSchemas = /[\\/]zod[\\/]v4[\\/]core[\\/](?:to-json-schema|json-schema-processors)\.js$/;

const called = lazy(calledMethods);

export const zodParts: Plugin = {
  name: 'zod-parts',
  setup: (builder) => {
    builder.onLoad({ filter: jsonSchemas }, async ({ path }) => ({
      contents: Object.keys(await import(path))
        .map((name) => `export const ${name} = () => undefined;`)
        .join('\n'),
    }));
    builder.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]classic[\\/]schemas\.js$/ }, async ({ path }) => ({
      contents: withMethods(await readFile(path, 'utf8'), called()),
    }));
  },
};
