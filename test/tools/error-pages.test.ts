/** Every problem type leads to a page that says what the code means, whether a retry helps, and what to do. */
import { describe, expect, it } from 'vitest';
import { type ErrorCode, errors, Problem } from '../../core/contract/errors.ts';
import { type Route, routes } from '../../core/contract/routes.ts';
import { errorPages } from '../../tools/error-pages.ts';

const pages = errorPages();
const text = (page: string | undefined) =>
  (page ?? '')
    .replace(/<[^>]+>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
const plain = (sentence: string) => sentence.replaceAll('`', '');

describe('the pages of errors', () => {
  it.each(Object.keys(errors) as ErrorCode[])('%s has one at the address of its type', (code) => {
    const { type } = new Problem(code).body('request');
    // As the site serves it: a path without a file name is a folder.
    const page = text(pages[`${type.slice(1)}/index.html`]);
    const { title, meaning, remedy, status } = errors[code];
    for (const said of [code, title, meaning, remedy, String(status)]) expect(page).toContain(plain(said));
    expect(page).toMatch(/Does a retry help\?(No|Yes)/);
    // What was kept before each code had a page leads to its place among all.
    expect(pages['errors/index.html']).toContain(`id="${code}"`);
  });

  it('name the limit of each operation that has one', () => {
    const all = text(pages['errors/index.html']);
    for (const { method, path, throttle } of Object.values(routes) as Route[])
      if (throttle) expect(all).toContain(`${method} ${path}: ${throttle.rate} a second`);
    for (const said of ['Retry-After', 'Idempotency-Key', 'X-Philia-Client']) expect(all).toContain(said);
  });

  it('lead nowhere else than to one another and the OpenAPI document, and hold no script and no style', () => {
    for (const [path, page] of Object.entries(pages)) {
      for (const [, to = ''] of page.matchAll(/href="([^"]+)"/g)) {
        const [file = '', anchor] = to.split('#');
        if (file === '/openapi.json') continue;
        const target = pages[file.slice(1)] ?? pages[`${file.slice(1)}/index.html`];
        expect([path, to, target === undefined]).toEqual([path, to, false]);
        if (anchor) expect(target).toContain(`id="${anchor}"`);
      }
      expect(page).not.toMatch(/<script|<style| style=/);
    }
  });
});
