/**
 * SVG into PNG by resvg, whose WebAssembly runs the same on every machine: the same drawing gives the same
 * bytes wherever it is made, so a pass's manifest does not depend on who signed it.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { initWasm, Resvg } from '@resvg/resvg-wasm';

/** Fonts as the bytes of their files, for drawings that have text. */
export type Fonts = readonly Uint8Array[];

/** Draws an SVG document in its own width and height; synchronously, for some tens of milliseconds. */
export type Rasterizer = (svg: string, fonts?: Fonts) => Buffer;

let loading: Promise<Rasterizer> | undefined;

/** The rasteriser, which is compiled once per process and only when something is to be drawn. */
export function loadRasterizer(): Promise<Rasterizer> {
  if (loading) return loading;
  const attempt = readFile(wasmFile())
    .then(initWasm)
    .then(() => draw);
  loading = attempt;
  // A failure is whoever's waits for it, and the next one tries again.
  attempt.catch(() => {
    loading = undefined;
  });
  return attempt;
}

/** The bytes of the PNG that shows an SVG document. */
export async function rasterize(svg: string, fonts?: Fonts): Promise<Buffer> {
  return (await loadRasterizer())(svg, fonts);
}

/** A bundle has it beside itself (see tools/build.ts); the sources have it among the packages. */
function wasmFile(): string {
  const beside = fileURLToPath(new URL('resvg.wasm', import.meta.url));
  return existsSync(beside)
    ? beside
    : createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm');
}

function draw(svg: string, fonts: Fonts = []): Buffer {
  const document = new Resvg(svg, { font: { fontBuffers: [...fonts] } });
  try {
    const image = document.render();
    try {
      return Buffer.from(image.asPng());
    } finally {
      image.free();
    }
  } finally {
    // Memory of WebAssembly is not the collector's.
    document.free();
  }
}
