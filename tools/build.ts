/**
 * Bundles every function and the site into `.build`: `node tools/build.ts`. One esbuild run makes what
 * deploys and what runs locally, so both execute the same bytes.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { entryFileOf, functionNames } from '../infra/names.ts';
import { type Brand, BrandFailure, readBrand } from './brand.ts';
import { writeErrorPages } from './error-pages.ts';
import { root } from './generated.ts';
import { moduleOf } from './images.ts';

/** CommonJS dependencies call `require` for Node's own modules, which ESM does not define. */
const banner =
  "import { createRequire as philiaRequire } from 'node:module'; const require = philiaRequire(import.meta.url);";

/**
 * Writes `<outdir>/<name>/index.mjs` for every function of the contract, replacing what was there.
 * @param sources the folder of the entry files; infra/names.ts says where in it each function's is
 * @param brand the images that passes show
 * @throws Error naming the entry files that are missing
 */
export async function buildFunctions(
  outdir: string,
  sources = join(root, 'functions'),
  brand = readBrand(),
): Promise<void> {
  const entries = functionNames.map((name) => [`${name}/index`, join(sources, entryFileOf(name))] as const);
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
    plugins: [brandImages(brand)],
  });
  await copyRasterizer(metafile);
}

/** Puts the programme's own images in the place of the house's, for a bundled function has no files beside it. */
function brandImages({ apple }: Brand): Plugin {
  return {
    name: 'brand-images',
    setup: (builder) => {
      builder.onLoad({ filter: /[\\/]passes[\\/]apple[\\/]images\.ts$/ }, () => ({
        contents: moduleOf(apple),
        loader: 'ts',
      }));
    },
  };
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
 * Writes the site to `outdir`, replacing what was there: the pages of `web/`, the generated OpenAPI document, which
 * the contract serves at `/openapi.json`, the pages of errors, and the programme's own logos.
 */
export async function buildSite(outdir: string, { apple, programLogo } = readBrand()): Promise<void> {
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
  await writeErrorPages(outdir);
  if (programLogo) await writeFile(join(outdir, 'program-logo.png'), programLogo);
  const walletLogo = apple.get('logo@3x.png');
  if (walletLogo) await writeFile(join(outdir, 'wallet-logo.png'), walletLogo);
}

/** Images are checked before anything is written; what is wrong with them is all that is said. */
async function buildAll(): Promise<void> {
  try {
    const brand = readBrand();
    await Promise.all([
      buildFunctions(join(root, '.build/functions'), undefined, brand),
      buildSite(join(root, '.build/site'), brand),
    ]);
  } catch (error) {
    if (!(error instanceof BrandFailure)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}

if (import.meta.main) await buildAll();
