/** One mailbox is one person, however it is spelt; and what is no address is refused where it comes in. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalEmail, cleanEmail } from '../../core/contract/email.ts';
import { email, enrolment, memberReference, profileChange } from '../../core/contract/shapes/member.ts';
import { isSamePerson } from '../../core/referrals.ts';
import { likelyEmail } from '../../web/join/slip.ts';

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
const word = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 12 });
const address = fc
  .tuple(word, word, fc.constantFrom('com', 'fr', 'co.uk'))
  .map(([name, domain, end]) => `${name}@a${domain}.${end}`);

const wide = (text: string) =>
  text.replace(/[!-~]/g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0));

/** What people and programs make of one address. */
const spellings: Readonly<Record<string, (address: string) => string>> = {
  'in capitals': (one) => one.toUpperCase(),
  'in angle brackets': (one) => `<${one}>`,
  'with the dot of the root': (one) => `${one}.`,
  'with a zero-width space': (one) => `${one.slice(0, 2)}\u200b${one.slice(2)}`,
  'with a soft hyphen in its domain': (one) => one.replace('@', '@\u00ad'),
  'with a byte-order mark': (one) => `\ufeff${one}`,
  'with a mark of direction': (one) => `\u202a${one}\u202c`,
  'with blanks around': (one) => ` ${one}\t`,
  'in full width': wide,
};

describe('one mailbox', () => {
  it('is the same in every spelling, and in several at once', () => {
    const some = fc.subarray(Object.values(spellings), { minLength: 1 });
    fc.assert(
      fc.property(address, some, (plain, ways) => {
        const spelt = ways.reduce((one, way) => way(one), plain);
        expect(canonicalEmail(spelt)).toBe(plain);
        expect(email.parse(spelt).toLowerCase()).toBe(plain);
        expect(isSamePerson({ email: plain, phone: null }, { email: spelt, phone: null })).toBe(true);
      }),
    );
  });

  it.each([
    ['ada@example.com。', 'ada@example.com'],
    ['zoë@exämple.com', 'zoë@xn--exmple-cua.com'],
    ['zoe@EXÄMPLE.com', 'zoe@exa\u0308mple.com'],
    ['info@例え.jp', 'info@xn--r8jz45g.jp'],
  ])('%s is %s', (one, other) => {
    expect(canonicalEmail(one)).toBe(canonicalEmail(other));
    expect(canonicalEmail(one)).toMatch(/@[a-z0-9.-]+$/);
  });

  it('keeps its letters as they were given, and is the same once it is clean', () => {
    expect(cleanEmail(' <Ada.Lovelace@Exämple.com.> ')).toBe('Ada.Lovelace@Exämple.com');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (any) => {
        const canonical = canonicalEmail(any);
        if (canonical !== undefined) expect(canonicalEmail(canonical)).toBe(canonical);
      }),
    );
  });
});

describe('what is no address', () => {
  const wrong = [
    'ada@exmaple..com',
    'ada@-x.com',
    'ada@x-.com',
    'ada@.com',
    'ada@com',
    'ada@',
    '@x.com',
    'ada',
    '',
    'ada@exa mple.com',
    'ada @example.com',
    'ada@exam_ple.com',
    'ada@127.0.0.1',
    'ada@[127.0.0.1]',
    'ada@1.2',
    'Ada <ada@example.com>',
    'ada@example.com,bob@example.com',
    'ada@example.com/path',
    'ada@example.com:80',
    'ada@bob@example.com',
    '"ada"@example.com',
    'ada\\@example.com',
    'ada@exa%6dple.com',
    'ada@example.com..',
    '<<ada@example.com>>',
    'ada@example.com.。',
    `${'a'.repeat(65)}@example.com`,
    `ada@${'a'.repeat(64)}.com`,
    `ada@${'a.'.repeat(130)}com`,
    `${'é'.repeat(40)}@example.com`,
    `${'a'.repeat(64)}@${'a.'.repeat(94)}co`,
    'ada\ud800@example.com',
    'ada\n@example.com',
    'ada@exa\0mple.com',
  ];
  it.each(wrong)('%j is refused wherever one is taken', (one) => {
    for (const [schema, body] of [
      [enrolment, { email: one }],
      [profileChange, { email: one }],
      [memberReference, { email: one }],
    ] as const)
      expect(schema.safeParse(body).error?.issues.map(({ path }) => path)).toEqual([['email']]);
  });

  it.each([
    'ada+tag@example.com',
    "o'hara@example.co.uk",
    'a@b.fr',
    '用户@例子.公司',
    'a..b@docomo.ne.jp',
    `${'a'.repeat(64)}@${'a.'.repeat(93)}com`,
  ])('%s is taken', (one) => expect(email.parse(one)).toBe(one));
});

describe('a domain', () => {
  it('is the host that the URL Standard makes of it, though plain ones are not parsed', () => {
    const parts = ['a', 'Z9', '-a', 'a-', 'a--b', 'ab--c', 'xn--a', 'XN--a', 'xn--bcher-kva', 'mxn--a'];
    const part = fc.constantFrom(...parts, '0x7f', '9', '9a', '_', 'é', 'com', '');
    const domain = fc.array(part, { minLength: 1, maxLength: 3 }).map((labels) => labels.join('.'));
    const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
    let plain = 0;
    fc.assert(
      fc.property(domain, (text) => {
        const bare = text.replace(/(?<!\.)\.$/, '');
        const address = URL.canParse(`http://${bare}`) ? new URL(`http://${bare}`).hostname : '';
        const labels = address.split('.');
        const isDomain =
          labels.length > 1 && labels.every((one) => label.test(one)) && !/^\d+$/.test(labels.at(-1) ?? '');
        expect(canonicalEmail(`ada@${text}`)).toBe(isDomain ? `ada@${address}` : undefined);
        if (isDomain) plain++;
      }),
      { numRuns: 5000 },
    );
    expect(plain).toBeGreaterThan(100);
  });
});

describe('a birthday', () => {
  it.each([
    ['1900-01-01', true],
    ['1899-12-31', false],
    ['0001-01-01', false],
    ['2001-02-29', false],
    ['2000-02-29', true],
  ])('%s: %s', (birthday, isTaken) => {
    expect(enrolment.safeParse({ birthday }).success).toBe(isTaken);
    expect(profileChange.safeParse({ birthday }).success).toBe(isTaken);
  });
});

describe('a slip of the finger', () => {
  it.each([
    ['ada@gmial.com', 'ada@gmail.com'],
    ['Ada@gmal.com', 'Ada@gmail.com'],
    ['ada@gmaill.com', 'ada@gmail.com'],
    ['ada@gmail.con', 'ada@gmail.com'],
    ['ada@hotmial.com', 'ada@hotmail.com'],
    ['ada@orangee.fr', 'ada@orange.fr'],
    ['ada@gmail.com', undefined],
    ['ada@mail.com', undefined],
    ['ada@gmx.com', undefined],
    ['ada@example.com', undefined],
    ['ada@', undefined],
  ])('%s: asked is %s', (typed, meant) => expect(likelyEmail(typed)).toBe(meant));
});
