/**
 * `node tools/picture.ts`: the README's picture. Starts the system, joins, buys, and photographs the card page
 * as it then is, into docs/card.png.
 */
import { join } from 'node:path';
import { openBrowser } from '../test/support/browser.ts';
import { startSystem } from '../test/support/system.ts';
import { root } from './generated.ts';

const system = await startSystem('--clock', '2026-11-22T10:00:00Z');
const browser = await openBrowser();
try {
  const { body: member } = await system.call(
    'POST',
    '/v1/members',
    { name: 'Camille', email: 'camille@example.com' },
    'store',
  );
  const purchase = {
    id: 'PICTURE-1',
    occurredAt: '2026-11-22T09:59:00Z',
    currency: 'EUR',
    member: { memberId: member.memberId },
    lines: [
      { id: '1', sku: 'ESP-250', category: 'coffee', quantity: 3, amountMinor: 3_540 },
      { id: '2', sku: 'MACH-1', category: 'kitchen', quantity: 1, amountMinor: 124_860 },
    ],
    totalMinor: 128_400,
  };
  await system.call('POST', '/v1/purchases', purchase, 'store');
  await system.idle();
  // A voucher in hand: five euros for a hundred points.
  await fetch(`${system.baseUrl}/v1/redemptions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${system.credentials.channels.store}`,
      'content-type': 'application/json',
      'idempotency-key': 'picture',
    },
    body: JSON.stringify({
      member: { memberId: member.memberId },
      rewardId: 'five-euros',
      mode: 'capture',
    }),
  });
  await system.idle();
  for (const [name, width, height] of [
    ['card', 1280, 980],
    ['card-phone', 390, 1560],
  ] as const) {
    const page = await browser.newPage({
      locale: 'en-GB',
      viewport: { width, height },
      deviceScaleFactor: 2,
    });
    await page.goto(member.cardUrl);
    await page.locator('.plate-number').getByText('1,234', { exact: true }).waitFor();
    await page.waitForTimeout(1500);
    await page.screenshot({ path: join(root, `docs/${name}.png`) });
    await page.close();
  }
} finally {
  await browser.close();
  await system.remove();
}
