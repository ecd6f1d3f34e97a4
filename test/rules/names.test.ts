/**
 * The rule of foreign names: what others name is looked up by `ownValue`, in a Map or by `Object.hasOwn`, and never by
 * an index, `in` or an assignment, which also find and change what every object has.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const folders = ['core', 'ledger', 'functions', 'passes', 'cli'];

function sourcesIn(folder: string): string[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => join(root, folder, file));
}

const sources = folders.flatMap(sourcesIn).map((file) => ({
  file: relative(root, file),
  text: readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, '$1'),
}));

const all = sources.map(({ text }) => text).join('\n');
/** Types that are maps by any name. */
const types = [...all.matchAll(/type (\w+)(?:<[^>]*>)? = (?:Readonly<)?(?:Partial<)?Record<string,/g)];
const type = `(?:(?:Readonly<\\s*|Partial<\\s*)*Record<\\s*string,|(?:${types.map(([, name]) => name).join('|')})\\b(?!\\[))`;

function namesOf(matches: Iterable<RegExpMatchArray>): string[] {
  return [...matches].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

/** Fields that hold such a map, wherever their objects are met. */
const fields = new Set([
  ...namesOf(all.matchAll(new RegExp(`readonly (\\w+)\\??:\\s*${type}`, 'g'))),
  ...namesOf(all.matchAll(/\b(\w+):\s*z\s*\.record\(/g)),
]);

/** Constants and parameters that are such a map, in their own file. */
function localsIn(text: string): string[] {
  return namesOf(text.matchAll(new RegExp(`(?<!readonly )\\b(\\w+)\\??:\\s*${type}`, 'g')));
}

/** Names that nobody outside gives: why each may be indexed. */
const ours: Readonly<Record<string, string>> = {
  months: 'months of the calendar, as 2026-11',
  qualifying: 'months of the calendar, as 2026-11',
  currencies: 'codes of ISO 4217: three capitals, which no name of the prototype is',
  env: 'variables of the stack',
  formats: 'formats of the schemas',
  headers: 'asked for by names of our own',
  kinds: 'types of JSON and of the schemas',
  urls: 'queues of the stack',
  handlers: 'routes of the table',
  params: 'the names between braces in the table of routes',
  parameters: 'forms of the list of invariants',
  part: 'parts of a date, as Intl names them',
  others: 'single characters',
  readBack: "fields of a pass, as Apple's specification names them",
  pass: "fields of a pass, as Apple's specification names them",
};

const own = 'core/own.ts';

/** Every place in a text where a map is indexed by a name that is computed, or asked by `in`. */
function breaches(text: string): string[] {
  const code = text.replace(/'[^'\n]*'|"[^"\n]*"/g, (quoted) => `'${' '.repeat(quoted.length - 2)}'`);
  const names = [...fields, ...localsIn(text)].filter((name) => !Object.hasOwn(ours, name)).join('|');
  const indexed = new RegExp(`\\b(?:${names})(?:\\?\\.)?\\[(?!\\]|\\s*['\`\\d])[^\\]]*\\]`, 'g');
  const asked = new RegExp(`\\b\\w+ in (?:\\w+\\.)*(?:${names})\\b`, 'g');
  const found = [...code.matchAll(indexed), ...code.matchAll(asked)];
  return found.map((match) => `${code.slice(0, match.index).split('\n').length}: ${match[0]}`);
}

describe('names that others give', () => {
  it('stand in maps that are known', () => {
    for (const name of ['stamps', 'refundedLines', 'consents', 'currencies'])
      expect([...fields]).toContain(name);
  });

  it('are looked up by what a map itself holds', () => {
    const found = sources
      .filter(({ file }) => file !== own)
      .flatMap(({ file, text }) => breaches(text).map((breach) => `${file}:${breach}`));
    expect(found).toEqual([]);
  });

  it('would be found here where they are not', () => {
    const wrong = `
      function count(budgets: Readonly<Record<string, number>>, counts: Budgets) {
        if (name in budgets) profile.consents[purpose] = true;
        return account.stamps[id] ?? counts[id];
      }`;
    expect(breaches(wrong)).toHaveLength(4);
    expect(breaches("stamps['a'] + lines[0] + ownValue(stamps, id) + lines[index]")).toEqual([]);
  });
});
