import fc from 'fast-check';
import { expect, it } from 'vitest';
import { storeCard } from '../../passes/apple/fields.ts';
import { loyaltyObject } from '../../passes/google/index.ts';
import { arbView, check, links } from './views.ts';

it('both wallets say the same of any card, word for word', () => {
  check(
    fc.property(arbView, (view) => {
      const apple = new Map(
        Object.values(storeCard(view, links))
          .flat()
          .map((field) => [field.key, field]),
      );
      const google = loyaltyObject(view, links, '1');
      const module = (id: string) => google.textModulesData.find((one) => one.id === id);
      const { balance } = google.loyaltyPoints;
      expect('string' in balance ? Number(balance.string) : balance.int).toBe(apple.get('points')?.value);
      expect(google.accountId).toBe(apple.get('cardNumber')?.value);
      expect(google.accountName ?? view.programName).toBe(apple.get('holder')?.value);
      for (const key of ['tier', 'nextTier']) expect(module(key)?.body).toBe(apple.get(key)?.value);
      for (const [id, field] of apple)
        if (id.startsWith('voucher-')) expect(module(id)?.body ?? field.value).toBe(field.value);
      expect([...apple.keys()].filter((id) => id.startsWith('voucher-'))).toHaveLength(view.vouchers.length);
      const lines = module('expiring')?.body.split('\n') ?? [];
      const fields = [...apple.values()].filter(({ key }) => key.startsWith('expiring-'));
      expect(lines).toHaveLength(fields.length);
      for (const [index, { key, label, value }] of fields.entries())
        expect(lines[index]).toContain(key === 'expiring-later' ? value : `${label} `);
    }),
  );
});
