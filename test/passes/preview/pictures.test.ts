/** What the pictures show, against the pass and the object that are really sent. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type CardView, nobody } from '../../../core/card.ts';
import { loyaltyObject } from '../../../passes/google/index.ts';
import { appleBackPreview } from '../../../passes/preview/apple-back.ts';
import { previewPage } from '../../../passes/preview/page.ts';
import { previewsOf } from '../../../passes/preview/previews.ts';
import { dataUrl, type Picture } from '../../../passes/preview/svg.ts';
import { widthOf } from '../../../passes/preview/text.ts';
import { stripSvg } from '../../../passes/strip/svg.ts';
import { labels, languages, numberText, styleOf } from '../../../passes/wording.ts';
import { openWorkshop, type Workshop } from '../apple/build.ts';
import { type PassJson, parseStrings, passJson, unzip } from '../apple/read.ts';
import { ana, arbView, check, links, look } from '../views.ts';
import { inLine, isOf, logos, textsOf } from './read.ts';

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});

const ascii = { ...ana, name: 'Ana', balance: { ...ana.balance, pending: 0 }, expiring: [] };
const closed = { ...ana, ...nobody, vouchers: [], status: 'closed' as const };
const arbLocalised = fc
  .tuple(arbView, fc.constantFrom(...languages))
  .map(([view, locale]): CardView => ({ ...view, locale }));

/** The fields of the signed archive, as a phone in the member's language reads them. */
function passOf(view: CardView) {
  const archive = workshop.build(view);
  const { language } = styleOf(view.locale);
  const strings = parseStrings(unzip(archive).get(`${language}.lproj/pass.strings`) ?? Buffer.alloc(0));
  const pass = passJson(archive);
  const read = (group: keyof PassJson['storeCard']) =>
    pass.storeCard[group].map((field) => {
      const label = String(field['label'] ?? '');
      return { label: strings.get(label) ?? label, value: shownValue(field, strings, view) };
    });
  return { pass, read };
}

function shownValue(
  { value, dateStyle }: Record<string, unknown>,
  strings: Map<string, string>,
  view: CardView,
): string {
  const { tag } = styleOf(view.locale);
  if (typeof value === 'number') return new Intl.NumberFormat(tag).format(value);
  if (dateStyle === undefined) return strings.get(String(value)) ?? String(value);
  const [year = 0, month = 1, day = 1] = String(value).slice(0, 10).split('-').map(Number);
  return new Intl.DateTimeFormat(tag, { dateStyle: 'medium' }).format(new Date(year, month - 1, day));
}

/** The front as it should read, from the top. */
function frontOf(view: CardView): string[] {
  const { pass, read } = passOf(view);
  const { tag } = styleOf(view.locale);
  const capitals = (label: string) => label.toLocaleUpperCase(tag);
  const pairs = (group: keyof PassJson['storeCard']) =>
    read(group).flatMap(({ label, value }) => [capitals(label), value]);
  const [code] = pass['barcodes'] as { altText: string }[];
  return [
    pass['logoText'] as string,
    ...pairs('headerFields'),
    ...read('primaryFields').flatMap(({ label, value }) => [value, capitals(label)]),
    ...pairs('secondaryFields'),
    ...pairs('auxiliaryFields'),
    ...(code ? [code.altText] : []),
  ];
}

function expectTexts(picture: Picture, meant: readonly string[]): void {
  const drawn = textsOf(picture.svg).map(({ text }) => text);
  const visible = meant.filter((text) => inLine(text) !== '');
  expect(drawn.length, `${drawn.join(' | ')}\n${visible.join(' | ')}`).toBe(visible.length);
  for (const [index, text] of drawn.entries()) expect(isOf(text, visible[index] ?? ''), text).toBe(true);
}

/** How many lines hold a text that is wrapped, blanks at their ends left out. */
function linesOf(drawn: readonly string[], meant: string): number {
  const bare = (text: string) => inLine(text).replaceAll(' ', '');
  let held = '';
  for (const [index, line] of drawn.entries()) {
    if (held === bare(meant)) return index;
    held += bare(line);
    if (isOf(held, bare(meant)) && held.endsWith('…')) return index + 1;
    expect(bare(meant).startsWith(held), `${held} | ${meant}`).toBe(true);
  }
  expect(held).toBe(bare(meant));
  return drawn.length;
}

/** Nothing leaves the card, and nothing on one line touches another. */
function expectRoom({ svg, width, height }: Picture): void {
  const texts = textsOf(svg);
  for (const one of texts) {
    expect(one.left, one.text).toBeGreaterThanOrEqual(0);
    expect(one.right, one.text).toBeLessThanOrEqual(width + 0.01);
    expect(one.y).toBeLessThan(height);
    for (const other of texts)
      if (other !== one && Math.abs(other.y - one.y) < 12 && other.left >= one.left)
        expect(other.left, `${one.text} | ${other.text}`).toBeGreaterThan(one.right);
  }
}

const pictures = (view: CardView) => Object.values(previewsOf(view, links, logos));

describe('the front of the pass', () => {
  it.each(languages)('shows the fields of the signed pass, whole, in %s', (locale) => {
    const view = { ...ascii, locale };
    const texts = textsOf(previewsOf(view, links, logos).apple.svg).map(({ text }) => text);
    expect(texts).toEqual(frontOf(view));
    expect(texts).toContain(labels.tier[locale].toLocaleUpperCase(locale));
    expect(texts).toContain(numberText(1240, styleOf(locale)));
  });

  it('of any card shows each field once and in order, shortened at most', () => {
    check(
      fc.property(arbLocalised, (view) => expectTexts(previewsOf(view, links, logos).apple, frontOf(view))),
    );
  });

  it('has the strip of the signed pass, whatever the stamps', () => {
    for (const stamps of [[], [0, 5], [5, 5], [37, 50]].map(([count = 0, of]) =>
      of === undefined ? [] : [{ id: 'coffee', name: 'Coffee card', count, of }],
    )) {
      const view = { ...ana, stamps };
      const strip = dataUrl(stripSvg(view, { width: 375, height: 144 }));
      expect(previewsOf(view, links, logos).apple.svg).toContain(strip);
    }
  });

  it('is in the colours of the programme', () => {
    const { svg } = previewsOf({ ...ana, colours: look.colours }, links, logos).apple;
    for (const colour of ['rgb(32, 48, 64)', 'rgb(250, 250, 250)', 'rgb(255, 208, 128)'])
      expect(svg).toContain(`fill="${colour}"`);
  });
});

describe('the back of the pass', () => {
  it.each(languages)('lists every back field of the signed pass in %s', (locale) => {
    const vouchers = Array.from({ length: 30 }, (_, index) => ({
      ...(ana.vouchers[0] as CardView['vouchers'][number]),
      code: `7K2M9QWERTY${index + 10}`,
      name: `Gift ${index}`,
    }));
    for (const view of [
      { ...ana, locale },
      { ...ana, locale, vouchers: [], stamps: [], expiring: [] },
      { ...ana, locale, vouchers, supportUrl: look.supportUrl },
    ]) {
      const [, ...texts] = textsOf(appleBackPreview(view, links).svg).map(({ text }) => text);
      const { read } = passOf(view);
      // Long texts stand on several lines.
      const meant = read('backFields').flatMap(({ label, value }) => [label, value]);
      expect(texts.join('').replaceAll(' ', '')).toBe(meant.join('').replaceAll(' ', ''));
    }
  });
});

describe('the loyalty card', () => {
  it.each(languages)('shows every value of the object that is sent, whole, in %s', (locale) => {
    const view = { ...ana, locale };
    const object = loyaltyObject(view, links, '1');
    const texts = textsOf(previewsOf(view, links, logos).google.svg).map(({ text }) => text);
    const style = styleOf(locale);
    expect(texts).toEqual([
      ana.programName,
      ana.programName,
      labels.points[locale],
      numberText(1240, style),
      labels.pending[locale],
      numberText(120, style),
      ana.cardNumber,
      labels.holder[locale],
      'Ana Lopes',
      labels.cardNumber[locale],
      ana.cardNumber,
      ...object.textModulesData.flatMap(({ header, body }) => [header, ...body.split('\n')]),
      labels.cardPage[locale],
    ]);
  });

  it('of any card shows each row once and in order, and no more', () => {
    check(
      fc.property(arbLocalised, (view) => {
        const { google } = previewsOf(view, links, logos);
        const { accountName, accountId, textModulesData, linksModuleData, ...object } = loyaltyObject(
          view,
          links,
          '1',
        );
        const drawn = textsOf(google.svg).map(({ text }) => text);
        const { loyaltyPoints, secondaryLoyaltyPoints, barcode } = object;
        const front = [
          view.programName,
          view.programName,
          ...[loyaltyPoints, secondaryLoyaltyPoints].flatMap((points) => (points ? [points.label] : [])),
        ];
        const { language } = styleOf(view.locale);
        const rows = [
          ...(accountName === null ? [] : [[labels.holder[language], accountName] as const]),
          ...(accountId === null ? [] : [[labels.cardNumber[language], accountId] as const]),
          ...textModulesData.map(({ header, body }) => [header, body] as const),
          ...linksModuleData.uris.map(({ description }) => ['', description] as const),
        ];
        const faces = front.filter((text) => inLine(text) !== '');
        const figures = secondaryLoyaltyPoints ? 2 : 1;
        let at = faces.length + figures + (barcode ? 1 : 0);
        for (const text of faces)
          expect(
            drawn.slice(0, at).some((one) => isOf(one, text)),
            text,
          ).toBe(true);
        for (const [header, body] of rows) {
          if (inLine(header) !== '') expect(isOf(drawn[at++] ?? '', header), header).toBe(true);
          at += linesOf(drawn.slice(at), body);
        }
        expect(at).toBe(drawn.length);
      }),
    );
  });

  it('is in the colour of the class, with text that can be read on it', () => {
    const light = { background: '#fdf3e7', foreground: '#1b1b1b', label: '#8a4b08' };
    const { svg } = previewsOf({ ...ana, colours: light }, links, logos).google;
    expect(svg).toContain('rx="24" fill="#fdf3e7"');
    expect(svg).not.toMatch(/<text [^>]*fill="#ffffff"/);
  });
});

describe('every picture', () => {
  it('of a closed card is pale, without name, number, barcode and link', () => {
    const { apple, appleBack, google } = previewsOf(closed, links, logos);
    for (const { svg } of [apple, appleBack, google]) {
      for (const gone of ['Ana', ana.cardNumber ?? '', links.cardUrl]) expect(svg).not.toContain(gone);
      expect(svg).not.toContain('fill="#000000"/>');
    }
    for (const { svg } of [apple, google]) expect(svg).toContain('<g opacity="0.45">');
    expect(previewsOf(ana, links, logos).apple.svg).not.toContain('opacity="0.45"');
  });

  it('keeps every text of any card within it and apart from the others', () => {
    check(fc.property(arbView, (view) => pictures(view).forEach(expectRoom)));
  });

  it.each([
    ['wide letters', 'W'.repeat(200)],
    ['many words', 'von und zu '.repeat(18)],
    ['signs of another script', '永'.repeat(80)],
    ['faces', '👩‍👩‍👧‍👦'.repeat(30)],
  ])('holds the longest names: %s', (_, name) => {
    const huge = Number.MAX_SAFE_INTEGER;
    const view: CardView = {
      ...ana,
      name,
      programName: name.slice(0, 100),
      balance: { available: huge, pending: huge, held: huge, debt: huge },
      tier: { ...ana.tier, name, nextTier: { id: 'next', name, pointsMissing: huge } },
      expiring: [{ points: huge, at: '2027-11-30T23:00:00Z' }],
      stamps: [{ id: 'coffee', name, count: 3, of: 5 }],
    };
    for (const locale of languages) pictures({ ...view, locale }).forEach(expectRoom);
  });

  it('takes markup in names for text', () => {
    const name = `<script>&"</script>\u0001\ud800`;
    const view = {
      ...ana,
      name,
      programName: name,
      tier: { ...ana.tier, name },
      vouchers: ana.vouchers.map((voucher) => ({ ...voucher, name })),
      stamps: ana.stamps.map((card) => ({ ...card, name })),
    };
    const previews = previewsOf(view, links, logos);
    for (const { svg } of Object.values(previews)) {
      for (const never of ['<script', '\u0001', '\ud800']) expect(svg).not.toContain(never);
      // What is left of it when all tags are gone holds no bare sign of markup.
      expect(svg.replace(/<[^<>]*>/g, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;)/);
    }
    expect(textsOf(previews.apple.svg).map(({ text }) => text)).toContain('<script>&"</script> \ufffd');
    const page = previewPage(view, previews);
    expect(page).not.toMatch(/<script/);
    expect(page).toContain('<h1>&lt;script&gt;&amp;&quot;');
  });
});

describe('the page of both', () => {
  it('needs nothing beside it, and no picture uses a part of another', () => {
    const page = previewPage(ana, previewsOf(ana, links, logos));
    expect(page).not.toMatch(/<script|<link|@import|src=|url\((?!#)/);
    for (const [, address = ''] of page.matchAll(/href="([^"]*)"/g)) expect(address).toMatch(/^data:/);
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const used = [...page.matchAll(/url\(#([^)]*)\)/g)].map(([, id]) => id);
    expect(used.length).toBeGreaterThan(0);
    for (const id of used) expect(ids).toContain(id);
    for (const { svg } of pictures(ana)) {
      const shown = svg.replace(/ id="\w+"|"url\(#\w+\)"/g, '');
      expect(page.replace(/ id="[\w-]+"|"url\(#[\w-]+\)"/g, '')).toContain(shown);
    }
  });
});

it('a text is shortened to what fits, by whole characters', () => {
  for (const { text } of pictures({ ...ana, name: '👩‍👩‍👧‍👦'.repeat(30) }).flatMap(({ svg }) => textsOf(svg)))
    expect(text.replace(/(?:👩‍👩‍👧‍👦)+…?$/u, '')).not.toMatch(/👩|👧|👦/u);
  expect(widthOf('', { size: 20 })).toBe(0);
});
