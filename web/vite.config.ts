/**
 * Builds the members' pages as plain files. Nothing is inlined, so that the pages hold under
 * `Content-Security-Policy: default-src 'self'; img-src 'self' data:`.
 */
import { resolve } from 'node:path';
import { defineConfig } from 'vite';

const here = import.meta.dirname;

export default defineConfig({
  root: here,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: resolve(here, '../.build/site'),
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
    rolldownOptions: {
      input: {
        join: resolve(here, 'index.html'),
        card: resolve(here, 'card/index.html'),
        terms: resolve(here, 'terms.html'),
        missing: resolve(here, '404.html'),
        unavailable: resolve(here, 'unavailable.html'),
      },
    },
  },
});
