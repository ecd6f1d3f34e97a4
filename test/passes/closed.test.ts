/** The card of somebody who has left: void in every wallet, and without the person. */
import { describe, expect, it } from 'vitest';
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

describe('the card of somebody who was merged', () => {
  const moved = { ...ana, vouchers: [], locale: 'fr', status: 'moved' as const };
  const elsewhere = { ...links, cardUrl: 'https://philia.example/card/other' };

  it('says so on a phone, leads to the new one, and its number still scans', () => {
    const pass = cardProperties({
      view: moved,
      links: elsewhere,
      webServiceUrl: 'https://philia.example/apple',
      authenticationToken: 'AAAAAAAAAAAAAAAAAAAAAA',
      organizationName: 'Maison Philia',
    });
    expect(pass).toMatchObject({ voided: false, serialNumber: ana.memberId });
    expect(pass.barcodes[0]?.message).toBe(ana.cardNumber);
    const { primaryFields, backFields, auxiliaryFields, secondaryFields } = pass.storeCard;
    expect(primaryFields).toMatchObject([{ value: 'Cette carte a déménagé', changeMessage: '%@' }]);
    expect([...auxiliaryFields, ...secondaryFields]).toEqual([]);
    expect(backFields).toContainEqual(expect.objectContaining({ value: elsewhere.cardUrl }));
    expect(JSON.stringify(pass)).not.toContain(String(ana.balance.available));
  });

  it('says so at Google, with the link to the new one', () => {
    const object = loyaltyObject(moved, elsewhere, '1');
    expect(object).toMatchObject({ state: 'ACTIVE', barcode: { value: ana.cardNumber } });
    expect(object.linksModuleData).toMatchObject({ uris: [{ uri: elsewhere.cardUrl }] });
    expect(JSON.stringify(object.textModulesData)).toContain('Vos points sont sur votre autre carte');
  });
});
