/**
 * pass.strings, by which a phone translates the texts of a pass: lines of `"key" = "value";` whose keys are
 * the literal texts of pass.json. UTF-16 with its byte order mark is the one form that every reader takes.
 * Source: Apple, Strings Files (Resource Programming Guide).
 */
import { type Localized, languages } from '../wording.ts';
import { translations } from './translations.ts';
import type { ZipEntry } from './zip.ts';

export { translated } from './translations.ts';

/** The file of each language, with the programme's own texts. */
export function stringsFiles(texts: readonly Localized[]): ZipEntry[] {
  return languages.map((language) => ({
    name: `${language}.lproj/pass.strings`,
    bytes: encodeStrings(translations(language, texts)),
  }));
}

/** The bytes of a strings file with these keys and values, in their order. */
export function encodeStrings(entries: readonly (readonly [key: string, value: string])[]): Buffer {
  const lines = entries.map(([key, value]) => `${quoted(key)} = ${quoted(value)};\n`);
  return Buffer.from(`\ufeff${lines.join('')}`, 'utf16le').swap16();
}

function quoted(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
  return `"${escaped}"`;
}
