/** What a visitor does and perceives, for tests of the pages: it needs no more than a page and an address. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';

export interface Person {
  readonly name?: string;
  readonly email?: string;
  readonly phone?: string;
  readonly referralCode?: string;
  readonly consents?: readonly ('email' | 'sms')[];
}

/**
 * Joins without a pointer: Tab to every control, Space for a tick, Enter to send. Leaves the page as it then is.
 * `query` belongs to the join page's address, with its question mark.
 */
export async function joinByKeyboard(page: Page, baseUrl: string, person: Person, query = ''): Promise<void> {
  await page.goto(`${baseUrl}/${query}`);
  await page.waitForSelector('form');
  for (const field of ['name', 'email', 'phone', 'referralCode'] as const) {
    const text = person[field];
    if (text === undefined) continue;
    await tabTo(page, field);
    await page.keyboard.type(text);
  }
  for (const consent of person.consents ?? []) {
    await tabTo(page, `consent-${consent}`);
    await page.keyboard.press('Space');
  }
  await page.keyboard.press('Enter');
}

const tabsMax = 30;

/** @throws Error if the control cannot be reached by Tab. */
async function tabTo(page: Page, id: string): Promise<void> {
  for (let tabs = 0; tabs < tabsMax; tabs++) {
    await page.keyboard.press('Tab');
    if ((await page.evaluate('document.activeElement?.id')) === id) return;
  }
  throw new Error(`${tabsMax} times Tab did not reach #${id}.`);
}

/** Waits until the card shows this number of points, as the card's language writes it. */
export async function waitForBalance(page: Page, shown: string): Promise<void> {
  await page.locator('.plate-number').getByText(shown, { exact: true }).waitFor();
}

export interface Perceived {
  readonly role: string;
  readonly name: string;
  readonly description: string;
  readonly invalid: string;
}

/** What a screen reader is told of the control that has the focus, from the browser's accessibility tree. */
export async function focused(page: Page): Promise<Perceived> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send('Accessibility.getFullAXTree');
  await session.detach();
  const property = (node: (typeof nodes)[number], name: string): unknown =>
    node.properties?.find((one) => one.name === name)?.value.value;
  const node = nodes.filter((one) => property(one, 'focused') === true).at(-1);
  return {
    role: String(node?.role?.value ?? ''),
    name: String(node?.name?.value ?? ''),
    description: String(node?.description?.value ?? ''),
    invalid: String((node && property(node, 'invalid')) ?? ''),
  };
}

/** axe-core's findings on the page as it stands: the rule and the elements that break it. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const result = (await page.evaluate('axe.run(document)')) as axe.AxeResults;
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
