/** KDE's reader of passes (Debian: libkpimpkpass-dev), compiled into a small program where it is installed. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const source = join(import.meta.dirname, 'reader.cpp');
const headers = ['-I/usr/include/KPim', '-I/usr/include/KPim/KPkPass'];

export interface ReadField {
  readonly key: string;
  readonly label: string;
  /** Empty for a number, which this version of the library (22.12) does not read. */
  readonly value: unknown;
  readonly changeMessage: string;
}

export interface ReadPass {
  readonly [property: string]: unknown;
  readonly header: readonly ReadField[];
  readonly primary: readonly ReadField[];
  readonly secondary: readonly ReadField[];
  readonly auxiliary: readonly ReadField[];
  readonly back: readonly ReadField[];
}

export interface Reader {
  /** What the library finds in a pass, in a language such as `de_DE`. */
  read(pass: Uint8Array, locale: string): ReadPass;
  remove(): void;
}

/** Undefined where the library or a compiler is missing; a source that does not compile is an error. */
export function compileReader(): Reader | undefined {
  const flags = spawnSync('pkg-config', ['--cflags', '--libs', 'Qt5Core', 'Qt5Gui'], { encoding: 'utf8' });
  const probe = spawnSync('g++', [
    ...headers,
    '-fsyntax-only',
    '-x',
    'c++',
    '-include',
    'KPkPass/kpkpass_version.h',
    '/dev/null',
  ]);
  if (flags.status !== 0 || probe.status !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'philia-reader-'));
  const program = join(folder, 'reader');
  const link = [...flags.stdout.trim().split(/\s+/), '-lKPimPkPass'];
  execFileSync('g++', ['-std=c++17', '-fPIC', source, '-o', program, ...headers, ...link]);
  return {
    read(pass, locale) {
      const file = join(folder, 'card.pkpass');
      writeFileSync(file, pass);
      const env = { ...process.env, LANG: `${locale}.UTF-8`, LANGUAGE: locale, LC_ALL: `${locale}.UTF-8` };
      return JSON.parse(execFileSync(program, [file, locale], { encoding: 'utf8', env }));
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
