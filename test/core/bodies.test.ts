/** What requests and events may hold: of what is refused the place is named, and what it must be. */
import { describe, expect, it } from 'vitest';
import type { ZodType } from 'zod';
import { makeCardNumber } from '../../core/cardnumber.ts';
import { parseEvent } from '../../core/contract/events.ts';
import { mayName, routeKeysOf, routes } from '../../core/contract/routes.ts';
import { instant, quantity, text, utc } from '../../core/contract/shapes/basics.ts';
import { cardProfile, enrolment, memberReference } from '../../core/contract/shapes/member.ts';
import { purchase } from '../../core/contract/shapes/purchase.ts';
import { refund } from '../../core/contract/shapes/refund.ts';

function wrong(schema: ZodType, value: unknown): string[] {
  const { error } = schema.safeParse(value);
  return error?.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim()) ?? [];
}

describe('a refund', () => {
  const body = { id: 'R', occurredAt: '2026-11-22T12:00:00Z', currency: 'EUR' };
  const line = { lineId: '1', amountMinor: 100 };
  const returned = { sku: 'A', quantity: 1, amountMinor: 100 };
  const member = { email: 'ada@example.com' };
  const refused = (more: object) => wrong(refund, { ...body, ...more });

  it('is of lines of a purchase, of its shipping, or of an amount of it', () => {
    for (const more of [
      { lines: [line, { ...line, lineId: '2', quantity: 2 }] },
      { amountMinor: 0 },
      { shippingMinor: 1 },
      { shippingMinor: 1, lines: [line] },
    ])
      expect(refused({ purchaseId: 'P', ...more })).toEqual([]);
    expect(refused({ purchaseId: 'P' })).toEqual([
      'lines exactly one of lines and amountMinor is needed, or shippingMinor',
    ]);
    expect(refused({ purchaseId: 'P', lines: [line], amountMinor: 1 })).toEqual([
      'lines exactly one of lines and amountMinor is needed',
    ]);
    expect(refused({ purchaseId: 'P', shippingMinor: 1, amountMinor: 1 })).toEqual([
      'shippingMinor cannot stand beside amountMinor, which is of the whole order',
    ]);
  });

  it('without a purchase is of a member’s articles', () => {
    expect(refused({ member, lines: [returned] })).toEqual([]);
    expect(refused({})).toEqual([
      'member is needed when there is no purchaseId',
      'lines are needed when there is no purchaseId',
    ]);
    expect(refused({ member, lines: [returned], amountMinor: 1, shippingMinor: 1 })).toEqual([
      'amountMinor needs a purchaseId',
      'shippingMinor needs a purchaseId',
    ]);
  });

  it('names lines by their id where there is a purchase, by their article where there is none, and each once', () => {
    expect(refused({ purchaseId: 'P', lines: [line, returned] })).toEqual([
      'lines.1.lineId is needed when there is a purchaseId',
    ]);
    expect(refused({ member, lines: [returned, line] })).toEqual([
      'lines.1.sku is needed when there is no purchaseId',
    ]);
    expect(refused({ purchaseId: 'P', lines: [line, line] })).toEqual(['lines must name each line once']);
    expect(refused({ purchaseId: 'P', lines: [{}] })).toEqual([
      'lines.0 must hold lineId and amountMinor, or sku, quantity and amountMinor',
    ]);
  });
});

describe('a purchase', () => {
  const line = { id: '1', sku: 'A', quantity: 1, amountMinor: 100 };
  const refused = (...lines: object[]) =>
    wrong(purchase, {
      ...{ id: 'P', occurredAt: '2026-11-22T12:00:00Z', currency: 'EUR', totalMinor: 100 },
      lines: lines.map((more) => ({ ...line, ...more })),
    });

  it('has lines below zero only where they settle a sum', () => {
    for (const category of ['rounding', 'deposit'])
      expect(refused({ category, amountMinor: -1 })).toEqual([]);
    for (const category of ['coffee', undefined]) {
      expect(refused({ category, amountMinor: 0 })).toEqual([]);
      expect(refused({ category, amountMinor: -1 })).toEqual([
        'lines.0.amountMinor must not be below 0 unless the category is rounding or deposit',
      ]);
    }
  });

  it('has lines with ids of their own and codes of 8, 12, 13 or 14 digits', () => {
    expect(refused({}, {})).toEqual(['lines must have distinct ids']);
    for (const digits of [8, 12, 13, 14]) expect(refused({ gtin: '1'.repeat(digits) })).toEqual([]);
    for (const gtin of [...[7, 9, 11, 15].map((digits) => '1'.repeat(digits)), 'x12345678', '12345678x'])
      expect(refused({ gtin })).toEqual(['lines.0.gtin must be a GTIN of 8, 12, 13 or 14 digits']);
  });
});

describe('who is meant', () => {
  it('is said in one way', () => {
    const cardNumber = makeCardNumber(1);
    const message = 'must hold exactly one of memberId, cardNumber, email, phone';
    expect(wrong(memberReference, { cardNumber })).toEqual([]);
    expect(wrong(memberReference, {})).toEqual([message]);
    expect(wrong(memberReference, { cardNumber, phone: '+49 30 1234567' })).toEqual([message]);
  });

  it('is a card with the digit that fits, an address, or an international number', () => {
    const cardNumber = makeCardNumber(1);
    const other = `${cardNumber.slice(0, -1)}${(Number(cardNumber.at(-1)) + 1) % 10}`;
    expect(wrong(memberReference, { cardNumber: other })).toEqual([
      'cardNumber is not the number of a card: its last digit does not fit the others',
    ]);
    for (const one of [cardNumber.slice(1), `0${cardNumber}`, `${cardNumber}0`])
      expect(wrong(memberReference, { cardNumber: one })[0]).toBe(
        'cardNumber must be the 13 digits of a card, starting with 29',
      );
    expect(wrong(memberReference, { email: 'ada' })).toEqual([
      'email must be an e-mail address, as ada@example.com',
    ]);
    for (const phone of ['0301234567', '+12345', `+${'1'.repeat(31)}`, 'x+491234567', '+491234567x'])
      expect(wrong(memberReference, { phone })).toEqual([
        'phone must be an international number that starts with +',
      ]);
  });

  it('has a language, a birthday since 1900 and consents to few purposes', () => {
    for (const locale of ['fr', 'en-GB', 'zh-Hant-TW']) expect(wrong(enrolment, { locale })).toEqual([]);
    for (const locale of ['f', 'FR', 'fr_FR', 'fr-', ' fr'])
      expect(wrong(enrolment, { locale })).toEqual(['locale must be a BCP 47 language tag, as fr or en-GB']);
    expect(wrong(enrolment, { birthday: '1900-01-01' })).toEqual([]);
    expect(wrong(enrolment, { birthday: '1899-12-31' })).toEqual(['birthday must be a day since 1900-01-01']);
    const consents = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${'_'.repeat(at)}`, true]));
    for (const schema of [enrolment, cardProfile]) {
      expect(wrong(schema, { consents: consents(16) })).toEqual([]);
      expect(wrong(schema, { consents: consents(17) })).toEqual(['consents must name at most 16 purposes']);
      for (const purpose of ['Email', '_email', 'e-mail', 'e'.repeat(33)])
        expect(wrong(schema, { consents: { [purpose]: true } })).toHaveLength(1);
    }
    expect(wrong(cardProfile, {})).toEqual(['must hold at least one field']);
  });
});

describe('what shapes are made of', () => {
  it('are instants with an offset, of days that exist, kept in UTC', () => {
    const message = 'must be an RFC 3339 date-time with an offset, as 2026-11-22T10:00:00Z';
    expect(instant.parse('2026-11-22T11:00:00+01:00')).toBe('2026-11-22T10:00:00Z');
    expect(instant.parse('2026-11-22T10:00:00.5Z')).toBe('2026-11-22T10:00:00.500Z');
    expect(utc(Date.parse('2026-11-22T10:00:00Z'))).toBe('2026-11-22T10:00:00Z');
    for (const one of ['2026-11-22T10:00:00', '2026-02-30T10:00:00Z', '2026-11-22', 'now'])
      expect(wrong(instant, one)).toContain(message);
  });

  it('are texts that can be stored, and quantities of three decimals', () => {
    const message = 'must be well-formed Unicode without NUL';
    expect(wrong(text(3), 'é💎')).toEqual([]);
    for (const one of ['\ud800', 'a\0']) expect(wrong(text(3), one)).toEqual([message]);
    for (const one of [0.001, 1.005, 1_000_000]) expect(wrong(quantity, one)).toEqual([]);
    expect(wrong(quantity, 0.0001)).toEqual(['must have at most 3 decimals']);
    expect([wrong(quantity, 0), wrong(quantity, 1_000_001)].flat()).toHaveLength(2);
  });
});

describe('an event', () => {
  const event = (name: string, source: string, detail: unknown = {}) => ({
    id: '1',
    source,
    'detail-type': name,
    detail,
  });

  it('is of a type that is known, from who may send it', () => {
    for (const name of ['Unheard', 'constructor'])
      expect(() => parseEvent(event(name, 'philia.ledger'))).toThrow(
        `The event type ${name} is not known; known are PurchaseRecorded, `,
      );
    expect(() => parseEvent(event('PointsPosted', 'philia.channel.web'))).toThrow(
      'philia.channel.web may not send PointsPosted; allowed are philia.ledger.',
    );
    expect(() => parseEvent(event('PointsPosted', 'philia.ledger'))).toThrow('version');
  });
});

describe('a route', () => {
  it('whose id may hold a slash is known to the gateway under two names', () => {
    for (const route of Object.values(routes)) {
      const keys = routeKeysOf(route);
      expect(keys[0]).toBe(`${route.method} ${route.path}`);
      expect(keys).toHaveLength('slashes' in route && route.slashes ? 2 : 1);
      for (const key of keys.slice(1)) expect(key).toMatch(/^[A-Z]+ \/v1\/[^}]*\{\w+\+\}$/);
    }
  });

  it('may be meant by a path with a slash in an id that can hold one, by its own method', () => {
    expect(mayName('GET', '/v1/purchases/store:A/1')).toBe(true);
    expect(mayName('DELETE', '/v1/purchases/store:A/1')).toBe(false);
    expect(mayName('GET', '/v1/members/mem_01JD0000000000000000000000/1')).toBe(false);
    expect(mayName('GET', '/v1/nothing/a/b')).toBe(false);
  });
});
