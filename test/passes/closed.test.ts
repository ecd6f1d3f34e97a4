/** The card of somebody who has left: void in every wallet, and without the person. */
import { expect, it } from 'vitest';
import { nobody } from '../../core/card.ts';
import { cardProperties } from '../../passes/apple/card.ts';
import { loyaltyObject } from '../../passes/google/index.ts';
import { ana, links } from './views.ts';

const closed = { ...ana, ...nobody, vouchers: [], status: 'closed' as const };

it('is void in Apple Wallet, with neither name, number, barcode nor link', () => {
  const pass = cardProperties({
    view: closed,
    links,
    webServiceUrl: 'https://philia.example/apple',
    authenticationToken: 'AAAAAAAAAAAAAAAAAAAAAA',
    organizationName: 'Maison Philia',
  });
  expect(pass).toMatchObject({ voided: true, barcodes: [], serialNumber: ana.memberId });
  for (const gone of ['Ana', ana.cardNumber ?? '', links.cardUrl])
    expect(JSON.stringify(pass)).not.toContain(gone);
});

it('is expired at Google, with name, number, barcode and link cleared by the patch', () => {
  const object = loyaltyObject(closed, links, '1');
  expect(object).toMatchObject({
    state: 'EXPIRED',
    accountId: null,
    accountName: null,
    barcode: null,
    linksModuleData: { uris: [] },
  });
  for (const gone of ['Ana', ana.cardNumber ?? '', links.cardUrl])
    expect(JSON.stringify(object)).not.toContain(gone);
});
