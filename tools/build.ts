/**
 * Bundles every function and the site into `.build`: `node tools/build.ts`. One esbuild run makes what
 * deploys and what runs locally, so both execute the same bytes.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { build, type Metafile } from 'esbuild';
import { functionNames } from '../infra/names.ts';
import { root } from './generated.ts';

/** CommonJS dependencies call `require` for Node's own modules, which ESM does not define. */
const banner =
  "import { createRequire as philiaRequire } from 'node:module'; const require = philiaRequire(import.meta.url);";

/**
 * Writes `<outdir>/<name>/index.mjs` for every function of the contract, replacing what was there.
 * @param sources the folder of the entry files, one `<name>.ts` for each function
 * @throws Error naming the entry files that are missing
 */
export async function buildFunctions(outdir: string, sources = join(root, 'functions')): Promise<void> {
  const entries = functionNames.map((name) => [`${name}/index`, join(sources, `${name}.ts`)] as const);
  const missing = entries.filter(([, file]) => !existsSync(file)).map(([, file]) => file);
  if (missing.length > 0) throw new Error(`These functions have no file: ${missing.join(', ')}.`);
  await rm(outdir, { recursive: true, force: true });
  const { metafile } = await build({
    entryPoints: Object.fromEntries(entries),
    outdir,
    outExtension: { '.js': '.mjs' },
    absWorkingDir: root,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    banner: { js: banner },
    logLevel: 'warning',
    metafile: true,
  });
  await copyRasterizer(metafile);
}

/**
 * Puts resvg's WebAssembly beside each bundle that draws, where passes/strip/raster.ts looks for it. In the
 * bundle itself it would be a third longer, as text, and read at every start; nobody else carries it.
 */
async function copyRasterizer({ outputs }: Metafile): Promise<void> {
  const wasm = createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm');
  const drawing = Object.entries(outputs).filter(([, { inputs }]) =>
    Object.keys(inputs).some((input) => input.includes('@resvg/resvg-wasm/')),
  );
  await Promise.all(drawing.map(([file]) => copyFile(wasm, resolve(root, dirname(file), 'resvg.wasm'))));
}

/**
 * Writes the site to `outdir`, replacing what was there: the pages of `web/`, and the generated OpenAPI
 * document, which the contract serves at `/openapi.json`.
 */
export async function buildSite(outdir: string): Promise<void> {
  await rm(outdir, { recursive: true, force: true });
  await mkdir(outdir, { recursive: true });
  const web = join(root, 'web');
  const configFile = join(web, 'vite.config.ts');
  if (existsSync(configFile)) {
    // Vite takes a while to load, so only who builds the site waits for it.
    const vite = await import('vite');
    await vite.build({
      configFile,
      root: web,
      logLevel: 'warn',
      build: { outDir: outdir, emptyOutDir: true },
    });
  }
  await copyFile(join(root, 'docs/generated/openapi.json'), join(outdir, 'openapi.json'));
}

if (import.meta.main)
  await Promise.all([buildFunctions(join(root, '.build/functions')), buildSite(join(root, '.build/site'))]);
