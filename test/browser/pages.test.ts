/** The pages by themselves, in a browser, against a scripted API: their states, languages and themes. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { encode } from 'uqr';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { brandOf } from '../../core/brand.ts';
import { brand as brandSchema } from '../../core/contract/shapes/brand.ts';
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import { languages } from '../../web/shared/language.ts';
import { openBrowser } from '../support/browser.ts';
import { type Picture, readPng } from '../support/png.ts';
import { scanEan13 } from '../support/scanner.ts';
import { friendsCode, type ScriptedSite, serveScriptedSite } from '../support/site.ts';
import { defaultProgram } from '../support/world.ts';
import { readBarcode } from '../support/zxing.ts';
import { accessibilityViolations, focused, joinByKeyboard, waitForBalance } from './journey.ts';

const iphone = {
  userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148',
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 3,
  isMobile: true,
  hasTouch: true,
} satisfies BrowserContextOptions;
const android = {
  ...iphone,
  userAgent: 'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/153.0 Mobile Safari/537.36',
} satisfies BrowserContextOptions;
const desktop = { viewport: { width: 1280, height: 800 } } satisfies BrowserContextOptions;

const ourBrand = brandSchema.parse(brandOf(defaultProgram()));

let site: ScriptedSite;
let browser: Browser;
let context: BrowserContext;
/** What the Content-Security-Policy refused and what the pages threw. */
const complaints: string[] = [];

beforeAll(async () => {
  [site, browser] = await Promise.all([serveScriptedSite(), openBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await site.stop();
});

afterEach(async () => {
  site.setDown(false);
  site.setBrand(ourBrand);
  await context.close();
  expect(complaints.splice(0)).toEqual([]);
});

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  context = await browser.newContext({ locale: 'en-GB', ...desktop, ...options });
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.text().includes('Content Security Policy')) complaints.push(message.text());
  });
  await page.goto(site.baseUrl + path);
  await page.waitForSelector('h1:visible');
  return page;
}

async function openCard(token: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await open(`/card/${token}`, options);
  await page.waitForSelector('.plate-number');
  return page;
}

/** For what happens a moment later on a busy machine. */
const patiently = { timeout: 10_000 };

describe('joining', () => {
  it('works with the keyboard alone and leads to the card', async () => {
    const page = await open('/');
    const person = { name: 'Camille Durand', email: 'camille@example.com', consents: ['sms'] } as const;
    await joinByKeyboard(page, site.baseUrl, person);
    await page.waitForURL(/\/card\/[\w-]{22,}$/);
    await waitForBalance(page, '50');
    expect(site.joined.at(-1)).toEqual({
      name: 'Camille Durand',
      email: 'camille@example.com',
      locale: 'en-GB',
      consents: { email: false, sms: true },
    });
  });

  it('asks for no consent that is ticked already', async () => {
    const page = await open('/');
    expect(await page.locator('input[type=checkbox]').count()).toBe(2);
    expect(await page.locator('input[type=checkbox]:checked').count()).toBe(0);
  });

  it('asks about a likely slip before anything is sent, and takes what is sent once more as it is', async () => {
    const page = await open('/');
    const before = site.joined.length;
    await joinByKeyboard(page, site.baseUrl, { email: 'camille@gmial.com' });
    const meant = page.getByRole('button', { name: 'camille@gmail.com' });
    await meant.waitFor();
    expect(site.joined.length).toBe(before);
    await page.getByRole('button', { name: 'Get my card' }).click();
    await page.waitForURL(/\/card\//);
    expect(site.joined.at(-1)).toMatchObject({ email: 'camille@gmial.com' });
    await joinByKeyboard(page, site.baseUrl, { email: 'camille@gmial.com' });
    await meant.click();
    expect(await page.inputValue('#email')).toBe('camille@gmail.com');
    expect(await meant.count()).toBe(0);
    await page.getByRole('button', { name: 'Get my card' }).click();
    await page.waitForURL(/\/card\//);
    expect(site.joined.at(-1)).toMatchObject({ email: 'camille@gmail.com' });
  });

  it("shows the API's refusal at each field, and a screen reader hears the first one", async () => {
    const page = await open('/');
    await joinByKeyboard(page, site.baseUrl, { email: 'camille@', phone: '0612345678' });
    await page.waitForSelector('#phone-error');
    await expect
      .poll(() => focused(page), patiently)
      .toMatchObject({
        name: 'E-mail',
        description: expect.stringContaining('Please check this e-mail address.') as string,
        invalid: 'true',
      });
    expect(await page.locator('#phone').getAttribute('aria-describedby')).toBe('phone-error phone-hint');
  });

  it('says in French that one of the two is needed, without asking the API', async () => {
    const page = await open('/', { locale: 'fr-FR' });
    const before = site.joined.length;
    await joinByKeyboard(page, site.baseUrl, { name: 'Camille' });
    await page.getByText('Indiquez une adresse e-mail ou un numéro de téléphone.').waitFor();
    const described = async () => (await focused(page)).description;
    await expect.poll(described, patiently).toContain('Indiquez une adresse e-mail');
    expect(site.joined.length).toBe(before);
  });

  it('brings the code of a friend’s link along, and takes one that is typed', async () => {
    const page = await open('/');
    await joinByKeyboard(page, site.baseUrl, { email: 'link@example.com' }, `?ref=${friendsCode}`);
    await page.waitForURL(/\/card\//);
    expect(site.joined.at(-1)).toMatchObject({ email: 'link@example.com', referralCode: friendsCode });
    await joinByKeyboard(page, site.baseUrl, { email: 'typed@example.com', referralCode: friendsCode });
    await page.waitForURL(/\/card\//);
    expect(site.joined.at(-1)).toMatchObject({ email: 'typed@example.com', referralCode: friendsCode });
  });

  it('keeps what was typed when the API cannot be reached, and can be tried again', async () => {
    const page = await open('/');
    site.setDown(true);
    await joinByKeyboard(page, site.baseUrl, { email: 'again@example.com' });
    await page.getByRole('alert').getByText('We could not be reached.').waitFor();
    expect(await page.inputValue('#email')).toBe('again@example.com');
    site.setDown(false);
    await page.getByRole('button', { name: 'Get my card' }).click();
    await page.waitForURL(/\/card\//);
  });
});

describe('the card', () => {
  it('shows a changed balance without a reload and announces it', async () => {
    const token = site.addCard();
    const page = await openCard(token);
    const announced = page.locator('[aria-live=polite]');
    expect(await announced.textContent()).toBe('');
    site.changeCard(token, { balance: { available: 118, pending: 0, held: 0, debt: 0 } });
    await waitForBalance(page, '118');
    expect(await announced.textContent()).toBe('Your new balance: 118 points');
  });

  it('jumps to the new balance for people who asked for less motion', async () => {
    const token = site.addCard();
    const page = await openCard(token, { reducedMotion: 'reduce' });
    await page.evaluate(`new MutationObserver((changes) => {
      globalThis.seen = [...(globalThis.seen ?? []), ...changes.map((one) => one.target.textContent)];
    }).observe(document.querySelector('.plate-number'), { characterData: true, subtree: true })`);
    site.changeCard(token, { balance: { available: 900, pending: 0, held: 0, debt: 0 } });
    await waitForBalance(page, '900');
    expect(await page.evaluate('globalThis.seen')).toEqual(['900']);
  });

  it('asks with the tag it has, so that an unchanged card is not sent twice', async () => {
    const token = site.addCard();
    const page = await openCard(token);
    await page.waitForResponse((response) => response.status() === 304);
    expect(site.answersFor(token).slice(0, 2)).toEqual([200, 304]);
  });

  it('does not ask while it is hidden, and asks at once when it is seen again', async () => {
    const token = site.addCard();
    const page = await openCard(token);
    await setVisibility(page, 'hidden');
    await page.waitForTimeout(200);
    const asked = site.answersFor(token).length;
    site.changeCard(token, { balance: { available: 60, pending: 0, held: 0, debt: 0 } });
    await page.waitForTimeout(2_600);
    expect(site.answersFor(token).length).toBe(asked);
    await setVisibility(page, 'visible');
    await waitForBalance(page, '60');
  });

  it('asks once for all windows that show it, and all of them show what is new', async () => {
    const token = site.addCard();
    const asked = [0, 0];
    const first = await openCard(token);
    const second = await context.newPage();
    await second.goto(first.url());
    await second.waitForSelector('.plate-number');
    const pages = [first, second];
    for (const [index, page] of pages.entries())
      page.on('request', (request) => {
        if (new URL(request.url()).pathname === `/v1/cards/${token}`) asked[index] = (asked[index] ?? 0) + 1;
      });
    await vi.waitUntil(() => Math.max(...asked) >= 4, { timeout: 60_000 });
    expect(Math.min(...asked)).toBeLessThan(2);
    site.changeCard(token, { balance: { available: 61, pending: 0, held: 0, debt: 0 } });
    await Promise.all(pages.map((page) => waitForBalance(page, '61')));
  });

  it('says that it is offline, keeps the last state, and is back by itself', async () => {
    const token = site.addCard();
    const page = await openCard(token);
    await context.setOffline(true);
    await page.getByRole('status').getByText('You are offline. This is your card as of').waitFor();
    expect(await page.textContent('.plate-number')).toBe('50');
    site.changeCard(token, { balance: { available: 75, pending: 0, held: 0, debt: 0 } });
    await context.setOffline(false);
    await waitForBalance(page, '75');
    expect(await page.getByRole('status').first().textContent()).toBe('');
  });

  it('says that we cannot be reached when the API is down, also before the first answer', async () => {
    const token = site.addCard();
    site.setDown(true);
    const page = await open(`/card/${token}`);
    await page.getByText('We cannot be reached just now. We keep trying.').waitFor();
    site.setDown(false);
    await waitForBalance(page, '50');
  });

  it.each(['card_token_that_nobody_was_given', 'short'])('says plainly that %s is no card', async (token) => {
    const page = await open(`/card/${token}`);
    await page.getByRole('heading', { name: 'This card does not exist' }).waitFor();
    expect(await page.title()).toBe('This card does not exist – Maison Philia');
  });

  it('ends when the member has left', async () => {
    const token = site.addCard();
    const page = await openCard(token);
    site.removeCard(token);
    await page.getByRole('heading', { name: 'This card does not exist' }).waitFor();
  });

  it('offers neither barcode nor wallet nor a code when it is closed', async () => {
    const page = await openCard(site.addCard({ status: 'closed' }));
    await page.getByText('This card is closed.').waitFor();
    expect(await page.locator('.barcode, .badge, .friends').count()).toBe(0);
  });

  it('shows the member’s own code, and copies the link that carries it and nothing of the card', async () => {
    const page = await openCard(site.addCard({ referralCode: '1A2B3C4D' }));
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    expect(await page.textContent('.friends-code')).toBe('Your code 1A2B3C4D');
    const link = page.getByRole('link', { name: 'Share the link' });
    expect(await link.getAttribute('href')).toBe(`${site.baseUrl}/?ref=1A2B3C4D`);
    await link.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('Link copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`${site.baseUrl}/?ref=1A2B3C4D`);
    expect(new URL(page.url()).pathname).toMatch(/^\/card\//);
  });

  it('hands the link to the device’s own sheet where it has one, and says so in French', async () => {
    const page = await openCard(site.addCard({ locale: 'fr' }), iphone);
    await page.evaluate('navigator.share = async (what) => { globalThis.given = what; }');
    await page.getByRole('link', { name: 'Partager le lien' }).tap();
    const given = { title: 'Maison Philia', url: `${site.baseUrl}/?ref=${friendsCode}` };
    await expect.poll(() => page.evaluate('globalThis.given'), patiently).toEqual(given);
    await page.getByRole('heading', { name: 'Invitez un proche' }).waitFor();
  });

  it('leads with its link to a form that holds the code', async () => {
    const page = await openCard(site.addCard());
    const address = await page.getByRole('link', { name: 'Share the link' }).getAttribute('href');
    await page.goto(address ?? '');
    await page.waitForSelector('form');
    expect(await page.inputValue('#referralCode')).toBe(friendsCode);
  });

  it('says plainly what is pending, held, owed and about to expire, and how far the next tier is', async () => {
    const page = await openCard(
      site.addCard({
        balance: { available: 1284, pending: 68, held: 100, debt: 1 },
        expiring: [{ points: 120, at: '2027-01-31T23:00:00Z' }],
        tier: {
          id: 'complice',
          name: 'Complice',
          qualifyingPoints: 830,
          nextTier: { id: 'intime', name: 'Intime', pointsMissing: 1170 },
          validUntil: '2027-11-30T23:00:00Z',
        },
      }),
      { timezoneId: 'Europe/Paris', locale: 'en-GB' },
    );
    const beside = await page.locator('.beside').textContent();
    for (const said of [
      '68 points on the way',
      '100 points set aside',
      '1 point owed',
      '1,170 points to go to Intime',
    ])
      expect(beside).toContain(said);
    expect(beside).toMatch(/120 points to use\s*Valid until January 31, 2027, this day included/);
    expect(beside).toContain('until November 30, 2027');
    expect(await page.textContent('.plate-number')).toBe('1,284');
  });

  it('says the days of the programme, wherever the phone is', async () => {
    for (const timezoneId of [
      'Asia/Tokyo',
      'Pacific/Kiritimati',
      'America/Los_Angeles',
      'Pacific/Pago_Pago',
    ]) {
      const page = await openCard(
        site.addCard({
          expiring: [{ points: 120, at: '2027-11-30T23:00:00Z' }],
          tier: {
            id: 'intime',
            name: 'Intime',
            qualifyingPoints: 2000,
            nextTier: null,
            validUntil: '2027-12-31T23:00:00Z',
          },
        }),
        { timezoneId, locale: 'en-GB' },
      );
      const beside = await page.locator('.beside').textContent();
      expect([timezoneId, beside]).toEqual([
        timezoneId,
        expect.stringContaining('Valid until November 30, 2027'),
      ]);
      expect([timezoneId, beside]).toEqual([timezoneId, expect.stringContaining('until December 31, 2027')]);
    }
  });

  it('says nothing of pending, held or owed points when there are none', async () => {
    const page = await openCard(site.addCard());
    expect(await page.locator('.remarks').count()).toBe(0);
  });

  it('shows vouchers with codes to read out, stamps as they are on paper, and what all gave together', async () => {
    const donations = [{ id: 'plant-a-tree', name: 'Plant a tree', points: 12_300 }];
    const page = await openCard(site.addCard({ donations }));
    expect(await page.textContent('.voucher-code')).toBe('Code 7K2M\u00a09QWE\u00a0RTY4B');
    expect(await page.textContent('.voucher')).toContain('A coffee on us');
    expect([await page.locator('.stamp').count(), await page.locator('.stamp-there').count()]).toEqual([
      5, 3,
    ]);
    expect(await page.textContent('.stamps-name')).toBe('Coffee card3 of 5');
    expect(await page.textContent('.remarks')).toContain('12,300 points given togetherPlant a tree');
  });

  it('has the programme’s own colours, where it has some', async () => {
    const colours = { background: '#7a1030', foreground: '#fff4ec', label: '#ffc9a0' };
    const page = await openCard(site.addCard({ colours }));
    const styleOf = (selector: string): Promise<string[]> =>
      page.evaluate(
        `(({ backgroundColor, color }) => [backgroundColor, color])(getComputedStyle(document.querySelector('${selector}')))`,
      );
    expect(await styleOf('.plate')).toEqual(['rgb(122, 16, 48)', 'rgb(255, 244, 236)']);
    expect((await styleOf('.plate-corner'))[1]).toBe('rgb(255, 201, 160)');
  });

  it('says nothing of vouchers and stamp cards where there are none', async () => {
    const page = await openCard(site.addCard({ vouchers: [], stamps: [] }));
    expect(await page.locator('.vouchers, .stamps').count()).toBe(0);
  });

  it("speaks the card's language, whatever the browser's", async () => {
    const balance = { available: 1284, pending: 0, held: 0, debt: 0 };
    const page = await openCard(site.addCard({ locale: 'fr-FR', balance }), { locale: 'en-GB' });
    await page.getByRole('heading', { name: 'Bonjour Camille Durand' }).waitFor();
    await page.getByRole('link', { name: 'Ajouter à l’app Cartes Apple' }).waitFor();
    await page.getByRole('link', { name: 'Ajouter à Google Wallet' }).waitFor();
    expect(await page.textContent('.plate-number')).toBe('1\u202f284');
    expect(await page.getAttribute('html', 'lang')).toBe('fr');
  });
});

describe('another brand', () => {
  const other = defaultProgram({
    name: { en: 'Northlight Roasters', de: 'Kaffeerösterei Nordlicht' },
    bonuses: { welcome: 75 },
    card: { colours: { background: '#8a1538', foreground: '#ffffff', label: '#ffd9a0' } },
    pages: { terms: 'https://northlight.example/terms', privacy: 'https://northlight.example/privacy' },
  });

  it.each(['/', '/terms.html', '/card/unknown', '/nowhere.html', '/unavailable.html', 'card'])(
    'is all that %s shows: nothing of the sample’s is left',
    async (path) => {
      site.setBrand(brandSchema.parse(brandOf(other)));
      const programName = 'Northlight Roasters';
      const page =
        path === 'card' ? await openCard(site.addCard({ programName, stamps: [] })) : await open(path);
      const shown = (await page.content()) + (await page.title());
      expect(shown).toContain('Northlight Roasters');
      expect(shown).not.toMatch(/Maison|Philia|Φ|φ/);
      const colour = await page.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--plate').trim()",
      );
      expect(colour).toBe('#8a1538');
    },
  );

  it('greets with its own bonus, and leads to its own terms', async () => {
    site.setBrand(brandSchema.parse(brandOf(other)));
    const page = await open('/', { locale: 'de-DE' });
    expect(await page.title()).toBe('Bei Kaffeerösterei Nordlicht mitmachen');
    await page.getByText('75 Punkte zur Begrüßung.').waitFor();
    const links = await page
      .locator('.terms a')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    expect(links).toEqual(['https://northlight.example/terms', 'https://northlight.example/privacy']);
  });

  it('without a bonus promises none', async () => {
    site.setBrand({ ...ourBrand, welcome: null });
    const page = await open('/');
    expect(await page.textContent('body')).not.toMatch(/\b50\b/);
  });

  it('a page that cannot ask who it is for opens all the same, and names nobody', async () => {
    site.setDown(true);
    const page = await open('/');
    expect(await page.content()).not.toMatch(/Maison|Philia/);
    await page.getByRole('heading', { name: 'Get your card' }).waitFor();
  });
});

describe('what is missing', () => {
  const asking = (change: Partial<CardAnswer> = {}) =>
    site.addCard({
      profile: {
        missing: ['birthday', 'consents'],
        points: 50,
        reward: null,
        unconfirmed: [],
        mustConfirm: false,
      },
      ...change,
    });

  it('is asked one at a time, with what it brings, and the next once it is given', async () => {
    const page = await openCard(asking());
    await page.getByText('Complete your details and get 50 points.').waitFor();
    expect(await page.locator('.ask').count()).toBe(1);
    await page.getByLabel('When is your birthday?').fill('1990-05-17');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('May we write to you about news and offers?').waitFor();
    expect(site.asked.at(-1)).toEqual({ what: 'profile', body: { birthday: '1990-05-17' } });
    await page.getByRole('button', { name: 'Yes, please' }).click();
    await page.getByText('Thank you, that is saved.').waitFor();
    expect(site.asked.at(-1)).toEqual({ what: 'profile', body: { consents: { email: true } } });
    await expect.poll(() => page.locator('.ask').count(), patiently).toBe(0);
  });

  it('put off is not asked again, now or on another visit', async () => {
    const token = asking({
      profile: { missing: ['name'], points: 0, reward: null, unconfirmed: [], mustConfirm: false },
    });
    const page = await openCard(token);
    await page.getByRole('button', { name: 'Not now' }).click();
    await expect.poll(() => page.locator('.ask').count(), patiently).toBe(0);
    await page.reload();
    await page.waitForSelector('.plate-number');
    expect(await page.locator('.ask').count()).toBe(0);
  });

  it.each([
    ['Yes, I made it', true],
    ['No, give me my own', false],
  ] as const)(
    'a contact is confirmed by a button, never by opening the page: %s',
    async (name, keepsCard) => {
      const token = asking();
      const before = site.asked.length;
      const page = await openCard(`${token}#confirm=abc_DEF-123`);
      const button = page.getByRole('button', { name });
      await button.waitFor();
      expect(await page.getByRole('button', { name: 'Yes, confirm' }).count()).toBe(0);
      expect(site.asked.length).toBe(before);
      await button.click();
      await page.getByText('Thank you, it is confirmed.').waitFor();
      expect(site.asked.at(-1)).toEqual({ what: 'confirm', body: { code: 'abc_DEF-123', keepsCard } });
      expect(new URL(page.url()).hash).toBe('');
    },
  );

  it('who made the card in this browser is asked no more than to confirm, also where it is shown already', async () => {
    const page = await open('/');
    await joinByKeyboard(page, site.baseUrl, { email: 'camille@example.com' });
    await page.waitForURL(/\/card\//);
    await page.waitForSelector('.plate-number');
    await page.goto(`${page.url()}#confirm=abc_DEF-123`);
    await page.getByRole('button', { name: 'Yes, confirm' }).click();
    await page.getByText('Thank you, it is confirmed.').waitFor();
    const body = { code: 'abc_DEF-123', keepsCard: true };
    expect(site.asked.at(-1)).toEqual({ what: 'confirm', body });
  });

  it('a second contact that is given when joining is added on the card', async () => {
    const page = await open('/');
    const contacts = { email: 'camille@example.com', phone: '0033612345678' };
    await joinByKeyboard(page, site.baseUrl, contacts);
    await page.waitForURL(/\/card\//);
    expect(site.asked.at(-1)).toEqual({ what: 'profile', body: { phone: '+33612345678' } });
  });
});

describe('a wallet that is not configured', () => {
  it.each([
    [{ googleUrl: 'https://x.example/g' }, ['Add to Google Wallet']],
    [{ appleUrl: 'https://x.example/a' }, ['Add to Apple Wallet']],
    [{}, []],
  ])('has no button: %j', async (wallet, names) => {
    const page = await openCard(site.addCard({ wallet }));
    expect(await page.locator('.badge').allTextContents()).toEqual(names);
    expect(await page.locator('.looks').count()).toBe(names.length);
  });

  it('says so on the card’s page to who opened its address', async () => {
    const page = await openCard(`${site.addCard()}#wallet`);
    await page.getByText('That wallet cannot take the card just now.').waitFor();
  });
});

describe('the ways into a wallet', () => {
  it.each([
    ['an iPhone', iphone, ['Add to Apple Wallet', 'Add to Google Wallet']],
    ['an Android phone', android, ['Add to Google Wallet', 'Add to Apple Wallet']],
    ['a computer', desktop, ['Add to Apple Wallet', 'Add to Google Wallet']],
  ] as const)('on %s come in its order', async (_, options, order) => {
    const token = site.addCard();
    const page = await openCard(token, options);
    expect(await page.locator('.badge').allTextContents()).toEqual(order);
    const links = await page
      .locator('.badge')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    expect(new Set(links)).toEqual(
      new Set(['apple', 'google'].map((wallet) => `${site.baseUrl}/v1/cards/${token}/${wallet}`)),
    );
  });

  it.each([
    ['an iPhone', iphone, ['Apple', 'Google']],
    ['an Android phone', android, ['Google', 'Samsung', 'Apple']],
    ['a computer', desktop, ['Apple', 'Google', 'Samsung']],
  ] as const)(
    'on %s hold Samsung’s where it is configured and there can be one',
    async (_, options, order) => {
      const samsungUrl = `${site.baseUrl}/v1/cards/of-the-test/samsung`;
      const wallet = { appleUrl: `${site.baseUrl}/a`, googleUrl: `${site.baseUrl}/g`, samsungUrl };
      const page = await openCard(site.addCard({ wallet }), options);
      const names = order.map((name) => `Add to ${name} Wallet`);
      expect(await page.locator('.badge').allTextContents()).toEqual(names);
      if (options === iphone) return;
      const link = page.getByRole('link', { name: 'Add to Samsung Wallet' });
      expect(await link.getAttribute('href')).toBe(samsungUrl);
      expect((await link.boundingBox())?.height).toBeGreaterThanOrEqual(48);
    },
  );

  it.each([iphone, android, desktop])('are as tall as the brands ask', async (options) => {
    const page = await openCard(site.addCard(), options);
    for (const badge of await page.locator('.badge').all())
      expect((await badge.boundingBox())?.height).toBeGreaterThanOrEqual(48);
  });

  it('show on a computer a QR code that is the address of the card', async () => {
    const token = site.addCard();
    const page = await openCard(token);
    const code = page.getByRole('img', { name: 'QR code of this card’s address' });
    await code.waitFor();
    await page.getByText('Scan with your phone').waitFor();
    const picture = readPng(await code.screenshot());
    const { data, size } = encode(`${site.baseUrl}/card/${token}`, { ecc: 'M', border: 4 });
    const pitch = picture.width / size;
    const drawn = data.map((row, y) =>
      row.map((_, x) => isDark(picture, (x + 0.5) * pitch, (y + 0.5) * pitch)),
    );
    expect(drawn).toEqual(data);
  });

  it.each([
    ['an iPhone', iphone],
    ['an Android phone', android],
    ['a narrow window', { viewport: { width: 360, height: 740 } }],
  ] as const)('show no QR code on %s', async (_, options) => {
    const page = await openCard(site.addCard(), options);
    await page.getByRole('link', { name: 'Add to Apple Wallet' }).waitFor();
    expect(await page.locator('.qr').isVisible()).toBe(false);
  });
});

describe('how the card looks in a wallet', () => {
  it.each([
    ['an iPhone', iphone, 'en', ['Your card in Apple Wallet', 'Your card in Google Wallet']],
    ['a computer', desktop, 'fr', ['Votre carte dans Cartes Apple', 'Votre carte dans Google Wallet']],
  ] as const)(
    'is drawn on %s once somebody asks, and loaded no sooner',
    async (_, options, locale, names) => {
      const page = await openCard(site.addCard({ locale, colours: null }), options);
      const loaded = async () =>
        await page.evaluate<string[]>("performance.getEntriesByType('resource').map(({ name }) => name)");
      expect((await loaded()).filter((name) => name.includes('drawing'))).toEqual([]);
      await page.locator('.looks summary').click();
      for (const name of names) {
        const image = page.getByRole('img', { name });
        await image.waitFor();
        const size = async () =>
          await image.evaluate((one) => {
            const { complete, naturalWidth, naturalHeight } = one as unknown as Record<string, number>;
            return complete && { naturalWidth, naturalHeight };
          });
        await expect
          .poll(size, patiently)
          .toEqual({ naturalWidth: 375, naturalHeight: name.includes('Google') ? 322 : 460 });
        expect((await image.boundingBox())?.width).toBeGreaterThan(200);
      }
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(options.viewport.width);
    },
  );

  it('changes with the card while it is looked at', async () => {
    const token = site.addCard();
    const page = await openCard(token);
    await page.locator('.looks summary').click();
    const address = () => page.locator('.looks img').first().getAttribute('src');
    await expect.poll(address, patiently).toContain(encodeURIComponent('>50</text>'));
    site.changeCard(token, { balance: { available: 1284, pending: 0, held: 0, debt: 0 } });
    await expect.poll(address, patiently).toContain(encodeURIComponent('>1,284</text>'));
  });

  it('is not offered of a closed card, as no wallet is', async () => {
    const page = await openCard(site.addCard({ status: 'closed' }));
    expect(await page.locator('.looks, .badge').count()).toBe(0);
  });
});

describe('the barcode', () => {
  const screens = [
    ['an iPhone', iphone],
    ['a computer in dark mode', { ...desktop, colorScheme: 'dark' }],
    ['the narrowest phone', { viewport: { width: 320, height: 640 }, deviceScaleFactor: 1 }],
  ] as const;
  const settings: [format: string, barcodes: CardAnswer['barcodes']][] = [
    ['CODE_128', null],
    ['CODE_128', ['code128', 'qr']],
    ['EAN_13', ['ean13', 'code128']],
    ['QR_CODE', ['qr']],
  ];

  it.each(screens.flatMap(([screen, options]) => settings.map((one) => [screen, ...one, options] as const)))(
    'on %s is read by ZXing as %s of the number under it, where the programme says %j',
    async (_, format, barcodes, options) => {
      const page = await openCard(site.addCard({ barcodes }), options);
      const code = page.getByRole('img', { name: 'Barcode of your card number' });
      expect(readBarcode(readPng(await code.screenshot()))).toEqual({ format, text: '2912345678906' });
      expect(await page.textContent('.barcode-digits')).toBe('2912345678906');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(options.viewport.width);
    },
  );

  it.each(screens)('on %s has the light beside its bars that a scanner needs', async (_, options) => {
    const page = await openCard(site.addCard({ barcodes: ['ean13'] }), options);
    const picture = readPng(
      await page.getByRole('img', { name: 'Barcode of your card number' }).screenshot(),
    );
    const middle = picture.height / 2;
    const line = Array.from({ length: picture.width }, (__, x) => isDark(picture, x, middle));
    expect(scanEan13(line)).toBe('2912345678906');
  });
});

describe('every page', () => {
  const states = {
    join: async () => await open('/', theme),
    'a refused form': async () => {
      const page = await open('/', theme);
      await joinByKeyboard(page, site.baseUrl, { email: 'camille@' });
      await page.waitForSelector('#email-error');
      return page;
    },
    'a slip that is asked about': async () => {
      const page = await open('/', theme);
      await joinByKeyboard(page, site.baseUrl, { email: 'camille@gmial.com' });
      await page.waitForSelector('.slip');
      return page;
    },
    'a card': async () => await openCard(richCard(), theme),
    'a card on a phone': async () => await openCard(richCard(), { ...iphone, ...theme }),
    'a card as wallets show it': async () => {
      const page = await openCard(richCard(), theme);
      await page.locator('.looks summary').click();
      await page.waitForSelector('.looks img');
      return page;
    },
    'a card that is offline': async () => {
      const page = await openCard(richCard(), theme);
      await context.setOffline(true);
      await page.waitForSelector('.banner');
      return page;
    },
    'a closed card': async () => await openCard(site.addCard({ status: 'closed' }), theme),
    'an unknown card': async () => await open('/card/unknown', theme),
    terms: async () => await open('/terms.html', theme),
    'terms in French': async () => await open('/terms.html#fr', theme),
    'a page that does not exist': async () => await open('/nowhere.html', theme),
    'a page that cannot be given': async () => await open('/unavailable.html', theme),
    'a card that asks': async () => await openCard(askingCard(), theme),
    'a card of which somebody is asked whether it is theirs': async () =>
      await openCard(`${askingCard()}#confirm=abc`, theme),
  } satisfies Record<string, () => Promise<Page>>;
  let theme: BrowserContextOptions;

  /** A card of somebody who has given nothing, as the contract has it. */
  const askingCard = (change: Partial<CardAnswer> = {}) => {
    const profile: CardAnswer['profile'] = {
      missing: ['birthday', 'phone'],
      points: 50,
      reward: null,
      unconfirmed: ['email'],
      mustConfirm: true,
    };
    return site.addCard({ profile, ...change });
  };
  const richCard = () =>
    site.addCard({
      balance: { available: 1284, pending: 68, held: 100, debt: 20 },
      expiring: [{ points: 120, at: '2027-01-31T23:00:00Z' }],
    });

  for (const colorScheme of ['light', 'dark'] as const)
    it.each(Object.entries(states))(
      `is free of accessibility violations: %s, ${colorScheme}`,
      async (_, reach) => {
        theme = { colorScheme };
        expect(await accessibilityViolations(await reach())).toEqual([]);
      },
    );

  describe.each(languages)('in %s', (language) => {
    it.each(['/', '/terms.html', '/card/unknown', '/nowhere.html', '/unavailable.html'])(
      'fits the narrowest screen and says which language it is in: %s',
      async (path) => {
        const page = await open(path, { viewport: { width: 320, height: 640 }, locale: language });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
        expect(await page.getAttribute('html', 'lang')).toBe(language);
      },
    );

    it('a full card fits the narrowest screen', async () => {
      const page = await openCard(askingCard({ locale: language, name: 'Anne-Sophie Müller-Lüdenscheidt' }), {
        viewport: { width: 320, height: 640 },
      });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
      expect(await page.getAttribute('html', 'lang')).toBe(language);
    });

    it('the question whose card it is fits the narrowest screen', async () => {
      const page = await openCard(`${askingCard({ locale: language })}#confirm=abc`, {
        viewport: { width: 320, height: 640 },
      });
      await page.waitForSelector('.ask');
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(320);
    });
  });

  it('can be switched to another language, which is remembered by all of them', async () => {
    const token = site.addCard({ locale: 'fr' });
    const page = await openCard(token);
    await page.getByRole('combobox', { name: 'Langue' }).selectOption('nl');
    await page.getByRole('heading', { name: 'Hallo Camille Durand' }).waitFor();
    for (const [path, heading] of [
      ['/', 'Haal je kaart'],
      ['/terms.html', 'Voorwaarden en privacy'],
      ['/nowhere.html', 'Deze pagina bestaat niet'],
    ] as const) {
      await page.goto(site.baseUrl + path);
      await page.getByRole('heading', { name: heading }).waitFor();
      expect(await page.getAttribute('html', 'lang')).toBe('nl');
    }
  });

  it('speaks the programme’s first language to who reads none of ours', async () => {
    site.setBrand({ ...ourBrand, languages: ['es', 'en'] });
    const page = await open('/', { locale: 'pt-PT' });
    await page.getByRole('heading', { name: 'Consigue tu tarjeta' }).waitFor();
  });

  it('takes the language of the terms from the address', async () => {
    const page = await open('/terms.html#fr');
    await page.getByRole('heading', { name: 'Conditions et vie privée' }).waitFor();
  });
});

function isDark(picture: Picture, x: number, y: number): boolean {
  return picture.brightness(Math.floor(x), Math.floor(y)) < 128;
}

/** A tab that goes to the background, as far as the page can tell. */
async function setVisibility(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: '${state}' });
    document.dispatchEvent(new Event('visibilitychange'));`);
}
