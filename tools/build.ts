/**
 * Bundles every function and the site into `.build`: `node tools/build.ts`. One esbuild run makes what
 * deploys and what runs locally, so both execute the same bytes.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';
import {
  type FunctionName,
  type Grant,
  type HttpFunction,
  walletSecretNames,
} from '../core/contract/functions.ts';
import { fallback, knowsPeople, type Route, routes } from '../core/contract/routes.ts';
import { declaredGrants, entryFileOf, functionNames, isHttp } from '../infra/names.ts';
import { type Brand, BrandFailure, readBrand } from './brand.ts';
import { writeErrorPages } from './error-pages.ts';
import { root } from './generated.ts';
import { moduleOf } from './images.ts';
import { numberingPlans } from './numbering.ts';
import { noProse, withoutProse } from './prose.ts';
import { checkOperations, sdkParts } from './sdk-parts.ts';
import { zodParts } from './zod-parts.ts';

/** CommonJS dependencies call `require` for Node's own modules, which ESM does not define. */
const banner =
  "import { createRequire as philiaRequire } from 'node:module'; const require = philiaRequire(import.meta.url);";

/** What every bundle is made with. */
export const bundling = {
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
  // None of the services that are called streams events.
  external: ['@smithy/core/event-streams'],
  alias: { '@aws-sdk/credential-provider-node': join(root, 'functions/clients/credentials.ts') },
} as const satisfies BuildOptions;

/** The part of a grant that says what it is on, and which file of functions/clients leads there. */
type On = Grant extends `${infer Resource}:${string}` ? Resource : never;
const clientsOf: Readonly<Record<On, string>> = {
  ledger: 'table',
  erasures: 'table',
  bus: 'bus',
  queues: 'queues',
  holds: 'queues',
  walks: 'queues',
  secret: 'secrets',
  'channel-secrets': 'channel-secrets',
  sms: 'messages',
  email: 'messages',
};
const allClients = [...new Set([...Object.values(clientsOf), 'people', 'metrics'])];

/** The clients that a function's grants open, what knows people where they may come, and what measures cards. */
export function openedClients(name: FunctionName): string[] {
  const opened = declaredGrants(name).map((grant) => clientsOf[grant.split(':')[0] as On]);
  if (isHttp(name) && knowsPeople(name)) opened.push('people');
  if (walletSecretNames.some((wallet) => declaredGrants(name).includes(`secret:${wallet}`)))
    opened.push('metrics');
  return allClients.filter((client) => opened.includes(client));
}

/**
 * Writes `<outdir>/<name>/index.mjs` for every function of the contract, replacing what was there.
 * @param sources the folder of the entry files; infra/names.ts says where in it each function's is
 * @param brand the images that passes show
 * @returns what went into each file
 * @throws Error naming the entry files that are missing
 */
export async function buildFunctions(
  outdir: string,
  sources = join(root, 'functions'),
  brand = readBrand(),
): Promise<Metafile['outputs']> {
  const fileOf = (name: FunctionName) => join(sources, entryFileOf(name));
  const missing = functionNames.map(fileOf).filter((file) => !existsSync(file));
  if (missing.length > 0) throw new Error(`These functions have no file: ${missing.join(', ')}.`);
  await rm(outdir, { recursive: true, force: true });
  // Each run reads all sources anew: what differs only in its entry file is one.
  const groups = Map.groupBy(functionNames, (name) => `${openedClients(name)} ${isHttp(name) ? name : ''}`);
  const built = await Promise.all(
    [...groups.values()].map((names) => {
      const [first] = names as [FunctionName];
      return build({
        ...bundling,
        entryPoints: Object.fromEntries(names.map((name) => [`${name}/index`, fileOf(name)])),
        outdir,
        outExtension: { '.js': '.mjs' },
        metafile: true,
        plugins: pluginsOf(first, brand),
      });
    }),
  );
  const outputs = Object.assign({}, ...built.map(({ metafile }) => metafile.outputs)) as Metafile['outputs'];
  for (const { inputs } of Object.values(outputs)) checkOperations(Object.keys(inputs));
  await copyRasterizer(outputs);
  return outputs;
}

/** What is left out of a function's bundle, or put in the place of something else. */
function pluginsOf(name: FunctionName, brand: Brand): Plugin[] {
  return [
    brandImages(brand),
    onlyClients(openedClients(name)),
    ...(isHttp(name) ? [onlyRoutes(name)] : []),
    numberingPlans,
    noProse,
    zodParts,
    sdkParts,
  ];
}

/** Puts an error in the place of every client of the composition root that the functions' grants do not open. */
function onlyClients(opened: readonly string[]): Plugin {
  const closed = allClients.filter((client) => !opened.includes(client));
  return {
    name: 'only-clients',
    setup: (builder) => {
      if (closed.length === 0) return;
      const filter = new RegExp(`[\\\\/]functions[\\\\/]clients[\\\\/](?:${closed.join('|')})\\.ts$`);
      builder.onLoad({ filter }, ({ path }) => ({
        contents: `export function connect() {
          throw new Error('No grant of this function opens its ${basename(path, '.ts')}.');
        }`,
      }));
    },
  };
}

/**
 * Leaves of the routes of other functions what says that there is such a path: their schemas take longer to make than
 * anything else that a function makes when it is loaded.
 */
function onlyRoutes(of: HttpFunction): Plugin {
  return {
    name: 'only-routes',
    setup: (builder) => {
      builder.onLoad({ filter: /[\\/]core[\\/]contract[\\/]routes\.ts$/ }, async ({ path: file }) => ({
        contents: Object.entries<Route>(routes)
          .filter(([, route]) => route.function !== of)
          .reduce(
            (text, [name, { method, path, params }]) => {
              const whole = new RegExp(`^  ${name}: \\{\\n.*?^  \\},$`, 'ms');
              const found = whole.exec(text)?.[0];
              // Who answers for paths that there are none of is to know what an id in one may be (mayName).
              const asked =
                of === fallback && params ? /^ {4}params: .*?,$(?=\n {4}\w)/ms.exec(found ?? '')?.[0] : '';
              if (found === undefined || asked === undefined)
                throw new Error(`The route ${name} is not found in ${file}.`);
              const kept = Object.entries({ method, path }).map(
                ([key, value]) => `${key}: ${JSON.stringify(value)},`,
              );
              return text.replace(whole, () => `  ${name}: { ${kept.join(' ')} ${asked} },`);
            },
            withoutProse(await readFile(file, 'utf8'), file),
          ),
        loader: 'ts',
      }));
    },
  };
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
async function copyRasterizer(outputs: Metafile['outputs']): Promise<void> {
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
