/** The pages on the running system: from joining with the keyboard to a purchase that shows by itself. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { type System, startSystem } from '../support/system.ts';
import { accessibilityViolations, joinByKeyboard, waitForBalance } from './journey.ts';

let system: System;
let browser: Browser;

beforeAll(async () => {
  [system, browser] = await Promise.all([startSystem('--clock', '2026-11-22T10:00:00Z'), openBrowser()]);
}, 150_000);
afterAll(async () => {
  await browser?.close();
  await system?.remove();
});

async function openPage(): Promise<{ page: Page; errors: string[] }> {
  const page = await browser.newPage({ locale: 'en-GB', viewport: { width: 1280, height: 900 } });
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    // A breach of the Content-Security-Policy is told here.
    if (message.type() === 'error') errors.push(message.text());
  });
  return { page, errors };
}

async function sentTo(address: string): Promise<{ text: string }[]> {
  const { body } = await system.call('GET', '/local/messages');
  return body.messages.filter(({ to }: { to: string }) => to === address);
}

async function linkSentTo(address: string): Promise<string> {
  await system.idle();
  const [message] = await sentTo(address);
  return /https?:\S+#confirm=\S+/.exec(message?.text ?? '')?.[0] ?? '';
}

async function buy(id: string, member: object, totalMinor: number): Promise<void> {
  const purchase = {
    id,
    occurredAt: '2026-11-22T09:59:00Z',
    currency: 'EUR',
    member,
    lines: [{ id: '1', sku: 'ESP-250', quantity: 1, amountMinor: totalMinor }],
    totalMinor,
  };
  expect((await system.call('POST', '/v1/purchases', purchase, 'store')).status).toBe(202);
}

describe('a visitor', () => {
  it('joins by keyboard, sees the card, and a purchase appears on it by itself', async () => {
    const { page, errors } = await openPage();
    await joinByKeyboard(page, system.baseUrl, {
      name: 'Zoë “Zed” <b>Martin</b>',
      email: 'zoe@example.com',
      consents: ['email'],
    });
    await page.waitForURL(/\/card\/[A-Za-z0-9_-]{32}$/);
    await waitForBalance(page, '50');
    expect(await page.textContent('body')).toContain('Zoë “Zed” <b>Martin</b>');
    const { body } = await system.call('GET', '/v1/members?email=zoe@example.com', undefined, 'store');
    const [member] = body.items;
    const links = await page.locator('a').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    expect(links).toEqual(expect.arrayContaining([member.wallet.appleUrl, member.wallet.googleUrl]));
    await buy('LIVE-1', { cardNumber: member.cardNumber }, 118_400);
    await waitForBalance(page, '1,234');
    expect(await accessibilityViolations(page)).toEqual([]);
    expect(errors).toEqual([]);
    await page.close();
  });

  it('joins by the link on a friend’s card, and both are rewarded with the first purchase', async () => {
    const friend = { name: 'Ann', email: 'ann@example.com' };
    const { body: ann } = await system.call('POST', '/v1/members', friend, 'store');
    const { page, errors } = await openPage();
    await page.goto(ann.cardUrl);
    const link = page.getByRole('link', { name: 'Share the link' });
    const { search } = new URL((await link.getAttribute('href')) ?? '');
    await joinByKeyboard(page, system.baseUrl, { email: 'ben@example.com' }, search);
    await page.waitForURL(/\/card\/[A-Za-z0-9_-]{32}$/);
    // A friend is rewarded for whoever is a person: the address has to be theirs.
    await page.goto(await linkSentTo('ben@example.com'));
    await page.getByRole('button', { name: 'Yes, confirm' }).click();
    await page.getByText('Thank you, it is confirmed.').waitFor();
    await system.idle();
    await buy('LIVE-2', { email: 'ben@example.com' }, 2000);
    await waitForBalance(page, '170');
    await page.goto(ann.cardUrl);
    await waitForBalance(page, '250');
    expect(errors).toEqual([]);
    await page.close();
  });

  it('who is known already gets a card like everybody, with nothing of theirs on it, and no second link', async () => {
    const { page } = await openPage();
    await joinByKeyboard(page, system.baseUrl, { email: 'ZOE@example.com' });
    await page.waitForURL(/\/card\/[A-Za-z0-9_-]{32}$/);
    await waitForBalance(page, '50');
    expect(await page.textContent('body')).not.toContain('Martin');
    await system.idle();
    expect(await sentTo('zoe@example.com')).toHaveLength(1);
    await page.close();
  });

  it('whose address somebody else has joined with gets a card of their own, and the other one ends', async () => {
    const { page: strangers } = await openPage();
    await joinByKeyboard(strangers, system.baseUrl, { name: 'Eve', email: 'lea@example.com' });
    await strangers.waitForURL(/\/card\/[A-Za-z0-9_-]{32}$/);
    await waitForBalance(strangers, '50');
    await buy('LIVE-3', { email: 'lea@example.com' }, 2000);
    await waitForBalance(strangers, '70');
    const { page, errors } = await openPage();
    const link = await linkSentTo('lea@example.com');
    await page.goto(link);
    await page.getByRole('button', { name: 'No, give me my own' }).click();
    await page.waitForURL((url) => !link.includes(url.pathname));
    await waitForBalance(page, '70');
    expect(await page.textContent('body')).not.toContain('Eve');
    await strangers.getByRole('heading', { name: 'This card does not exist' }).waitFor();
    expect(errors).toEqual([]);
    await Promise.all([page.close(), strangers.close()]);
  });
});
