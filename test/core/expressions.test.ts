import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import {
  type ConditionError,
  compileCondition,
  type ExpressionScope,
  lineScope,
  memberScope,
  purchaseScope,
  storedCondition,
} from '../../core/expressions.ts';
import { programDocument } from '../../core/program.ts';
import { defaultProgram, isShort, often, runs } from '../support/world.ts';

type Line = RecordedPurchase['lines'][number];

const coffee: Line = {
  id: 'L1',
  sku: 'ESP-250',
  gtin: '3760001234564',
  name: 'Espresso 250 g ☕',
  category: 'coffee',
  brand: 'Philia',
  quantity: 1.5,
  amountMinor: 1180,
  discountMinor: 20,
};

function purchaseOf(line: Line, changes: Partial<RecordedPurchase> = {}): RecordedPurchase {
  return {
    channel: 'store',
    id: 'store:INV-1',
    occurredAt: '2026-11-22T23:30:00.500Z',
    currency: 'EUR',
    lines: [line],
    totalMinor: line.amountMinor,
    store: 'paris-01',
    ...changes,
  };
}

function scopeOf(line: Line = coffee, changes: Partial<RecordedPurchase> = {}): ExpressionScope {
  const purchase = purchaseScope(purchaseOf(line, changes), 'Europe/Paris');
  const member = { tier: 'complice', since: '2026-01-31T12:00:00Z', purchases: 4, birthdayMonth: 11 };
  return { purchase, line: lineScope(line), member: memberScope(member, purchase) };
}

function holds(text: string, scope: ExpressionScope = scopeOf()): boolean {
  const compiled = compileCondition(text);
  if ('error' in compiled) throw new Error(`${text}: ${compiled.error.message}`);
  return compiled.condition(scope);
}

function errorOf(text: string): ConditionError {
  const compiled = compileCondition(text);
  if ('condition' in compiled) throw new Error(`${text.slice(0, 100)} compiles.`);
  return compiled.error;
}

describe('a condition sees', () => {
  it.each([
    "purchase.channel == 'store'",
    "purchase.store == 'paris-01'",
    "purchase.currency == 'EUR'",
    'purchase.totalMinor == 1180',
    "purchase.occurredAt == timestamp('2026-11-23T00:30:00.500+01:00')",
    'purchase.year == 2026',
    'purchase.month == 11',
    'purchase.day == 23',
    "purchase.date == '2026-11-23'",
    "purchase.weekday == 'mon'",
    'purchase.hour == 0',
    'purchase.minute == 30',
    "purchase.time == '00:30'",
    'purchase.lineCount == 1',
    "line.id == 'L1'",
    "line.sku == 'ESP-250'",
    "line.gtin == '3760001234564'",
    "line.name == 'Espresso 250 g ☕'",
    "line.category == 'coffee'",
    "line.brand == 'Philia'",
    'line.quantity == 1.5',
    'line.amountMinor == 1180',
    'line.discountMinor == 20',
    "member.tier == 'complice'",
    "member.since == timestamp('2026-01-31T12:00:00Z')",
    "member.joinedAt == timestamp('2026-01-31T12:00:00Z')",
    'member.joinedDaysAgo == 296',
    'member.purchases == 4',
    'member.birthdayMonth == 11',
    'daysSince(member.joinedAt) == 296',
    "purchase.occurredAt - duration('1h') + duration('1h') == purchase.occurredAt",
    "daysSince(timestamp('2026-11-22T22:59:59Z')) == 1",
    "daysSince(timestamp('2026-11-24T23:00:00Z')) == -2",
  ])('%s', (text) => {
    expect(holds(text)).toBe(true);
    expect(holds(text.replace('==', '!='))).toBe(false);
  });

  it('nothing where an optional field was not given', () => {
    const bare: Line = { id: '1', sku: 'X', quantity: 1, amountMinor: 0 };
    const { store: _, ...purchase } = purchaseOf(bare);
    const scope = { ...scopeOf(bare), purchase: purchaseScope(purchase, 'Europe/Paris') };
    expect(
      holds(
        "line.gtin == '' && line.name == '' && line.category == '' && line.brand == '' && " +
          "line.discountMinor == 0 && purchase.store == ''",
        scope,
      ),
    ).toBe(true);
  });

  it('amounts exactly, above where doubles lose integers', () => {
    const large = scopeOf({ ...coffee, amountMinor: Number.MAX_SAFE_INTEGER });
    expect(holds('line.amountMinor + 2 == 9007199254740993', large)).toBe(true);
    expect(holds('line.amountMinor + 2 == 9007199254740992', large)).toBe(false);
  });
});

describe('a condition means what CEL says', () => {
  it.each([
    ["line.category == 'coffee' && purchase.totalMinor >= 1180", true],
    ["line.category == 'tea' && purchase.totalMinor >= 1180", false],
    ["line.category == 'tea' || member.tier == 'complice'", true],
    ["!(line.category == 'coffee')", false],
    ["line.category in ['tea', 'coffee']", true],
    ["line.category in ['tea', 'cake']", false],
    ['line.category in []', false],
    ["line.sku.startsWith('ESP-')", true],
    ["line.sku.endsWith('ESP-')", false],
    ["line.name.contains('250 g')", true],
    ["line.name.contains('coffee')", false],
    ['line.name.size() == 16 && size(line.name) == 16', true],
    ["'☕🫘'.size() == 2", true],
    ["line.quantity > 1.0 ? member.tier == 'ami' : true", false],
    ['line.quantity > 1 && line.quantity < 2', true],
    ['7 / 2 == 3 && -7 / 2 == -3 && -7 % 2 == -1', true],
    ['2 + 3 * 4 - 1 == 13', true],
    ['double(line.amountMinor) / line.quantity > 786.0', true],
    ["purchase.occurredAt < timestamp('2026-11-22T23:30:01Z')", true],
    ["purchase.occurredAt > member.since + duration('7000h')", true],
    ["purchase.occurredAt - member.since > duration('8000h')", false],
    ["purchase.occurredAt - duration('23h31m') < timestamp('2026-11-22T00:00:00Z')", true],
    ["purchase.occurredAt.getDayOfWeek('UTC') == 0 && purchase.occurredAt.getHours('UTC') == 23", true],
    ["purchase.occurredAt.getDayOfWeek('Europe/Paris') == 1", true],
    ["purchase.occurredAt.getMonth('UTC') == 10 && purchase.occurredAt.getDate('UTC') == 22", true],
    ["(purchase.occurredAt + duration('25h')).getDayOfWeek('Europe/Paris') == 2", true],
    ["purchase.weekday in ['mon', 'tue'] && purchase.time < '17:30'", true],
    ["purchase.date >= '2026-11-23' && purchase.date < '2026-12-01'", true],
    ['line.quantity in [1, 2]', false],
    ['line.quantity * 2 == 3 && 3 == line.quantity + line.quantity', true],
    ['line.quantity * 0.1 == 0.15 && 0.1 * 3.0 == 0.3 && 0.1 + 0.2 == 0.3', true],
    ['double(line.amountMinor) / 1180 == 1 && line.amountMinor / 1180 == 1', true],
    ['line.amountMinor * 1.1 == 1298 && 1298.0 == 1.1 * line.amountMinor', true],
    ['1 in [1.0, 2.0] && 1.0 in [1, 2] && !(1.5 in [1, 2])', true],
    ['-line.quantity < -1 && 9007199254740993 > 9007199254740992.0', true],
    ['line.quantity / 3 * 3 == line.quantity', true],
    ["'ａ' < '🎁' && '🎁' > 'ａ' && 'a' <= 'a' && 'a' < 'ab'", true],
    ["line.sku >= 'ESP' && line.sku < 'ESQ'", true],
    ['true // why', true],
  ])('%s is %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  it('an error is no match, unless the other side of && or || decides', () => {
    expect(holds('1 / (purchase.lineCount - 1) == 1')).toBe(false);
    expect(holds('1 / (purchase.lineCount - 1) != 1')).toBe(false);
    expect(holds('1 % (purchase.lineCount - 1) == 0 || true')).toBe(true);
    expect(holds('!(1 % (purchase.lineCount - 1) == 0 && false)')).toBe(true);
    expect(holds('purchase.totalMinor * 9223372036854775807 != 0')).toBe(false);
    expect(holds('9223372036854775807 + purchase.lineCount > 0')).toBe(false);
  });

  it.skipIf(isShort)('does not depend on the time zone of the machine', () => {
    const before = process.env['TZ'];
    try {
      for (const [zone, offset] of [
        ['Pacific/Kiritimati', -840],
        ['America/Los_Angeles', 480],
      ] as const) {
        process.env['TZ'] = zone;
        expect(new Date('2026-11-22T23:30:00Z').getTimezoneOffset()).toBe(offset);
        expect(holds('purchase.hour == 0 && purchase.day == 23')).toBe(true);
        expect(holds("purchase.occurredAt.getHours('Asia/Tokyo') == 8")).toBe(true);
        expect(holds("timestamp('2026-11-22T23:30:00.5Z') == purchase.occurredAt")).toBe(true);
      }
    } finally {
      if (before === undefined) delete process.env['TZ'];
      else process.env['TZ'] = before;
    }
  });
});

describe('a condition at the edge of what there is', () => {
  it.each([
    'purchase.hour >= 18 && purchase.hour < 24',
    'purchase.hour > -1 && purchase.minute < 60 && purchase.hour < 17.5',
    'purchase.month in [1, 12] && purchase.day <= 31 && purchase.day > 0',
    'member.purchases >= 0 && member.birthdayMonth == 0 && purchase.lineCount > 0',
  ])('is let through: %s', (text) => {
    expect(compileCondition(text)).not.toHaveProperty('error');
  });

  it('stays what it was where it is stored', () => {
    expect(storedCondition('purchase.hour >= 25').reads.onlyLines).toBe(false);
  });
});

describe('a condition is refused', () => {
  it.each([
    ['an unknown field', "line.colour == 'red'", 5, 'colour'],
    ['an unknown field in the middle', "line.sku == 'A' &&\n purchase.total > 1", 29, 'total'],
    ['an unknown variable', "basket.sku == 'A'", 0, 'basket'],
    ["the library's own variables", 'google.protobuf.Timestamp == google.protobuf.Duration', 0, 'google'],
    ['a text compared with a number', 'line.amountMinor > 1 && line.sku == 5', 24, 'string == int'],
    ['a text ordered against a number', 'line.category > 5', 0, 'string > int'],
    ['a list of whole numbers and others', 'line.quantity in [1, 2.5]', 21, 'as 1.0'],
    ['a day of the week that there is not', "purchase.weekday == 'Tuesday'", 0, "'mon' to 'sun'"],
    ['a day of the week in a list', "purchase.weekday in ['mon', 'Tue']", 0, "never 'Tue'"],
    ['what is no id of a channel', "purchase.channel == 'Shop'", 0, "the id of a channel, as 'store'"],
    ['a kind that there is not', "purchase.channelKind == 'shop'", 0, "'web', 'store' or 'app'"],
    ['a currency in another form', "purchase.currency == 'eur'", 0, "'EUR'"],
    ['an hour that no day has', 'purchase.hour >= 25', 0, 'purchase.hour is 0 to 23'],
    ['an hour that no day has, on the left', '24 <= purchase.hour', 0, '0 to 23'],
    ['an hour in a list', 'purchase.hour in [22, 23, 24]', 0, 'in 24'],
    ['an hour behind the last', 'purchase.hour > 23', 0, '0 to 23'],
    ['an hour before the first', 'purchase.hour < 0', 0, '0 to 23'],
    ['half an hour', 'purchase.hour == 2.5', 0, '0 to 23'],
    ['a month that no year has', 'line.amountMinor > 5 && purchase.month == 13', 24, '1 to 12'],
    ['a birthday in no month', 'member.birthdayMonth == -1', 0, '0 to 12'],
    ['fewer purchases than none', 'member.purchases < 0', 0, '0 or more'],
    ['a date in another form', "'02/03/2027' == purchase.date", 0, '2027-03-02'],
    ['a time in another form', "purchase.time >= '9:00'", 0, '17:30'],
    [
      'a reader of an instant in UTC',
      'purchase.occurredAt.getDayOfWeek() == 2',
      0,
      "purchase.weekday == 'tue'",
    ],
    ['a reader of an instant in no zone', "member.since.getHours('Paris') == 2", 0, 'Europe/Paris'],
    ['a zone out of the purchase', 'member.since.getHours(purchase.store) == 2', 0, 'Europe/Paris'],
    ['a remainder of a quantity', 'line.quantity % 2 == 0', 0, 'double % int'],
    ['a number taken for a truth', 'true && purchase.totalMinor', 0, 'bool'],
    ['a result that is a number', 'purchase.totalMinor', 0, 'bool'],
    ['a result that is a text', 'line.sku', 0, 'bool'],
    ['a list of mixed things', "line.sku in ['A', 1]", 18, 'int'],
    ['an argument of another type', 'line.sku.startsWith(1)', 0, 'startsWith(int)'],
    ['half an expression', 'line.sku ==', 11, 'EOF'],
    ['nothing', '', 0, 'EOF'],
    ['an assignment', "line.sku = 'A'", 9, '='],
    ['a day that does not exist', "member.since < timestamp('2026-02-30T00:00:00Z')", 15, 'RFC 3339'],
    ['an instant without offset', "member.since < timestamp('2026-02-20T00:00:00')", 15, 'RFC 3339'],
    ['an instant from the purchase', 'member.since < timestamp(line.name)', 15, 'RFC 3339'],
    ['an unknown unit of time', "member.since + duration('1d') < member.since", 15, 'duration'],
    ['a fraction of a second', "member.since + duration('1.5s') < member.since", 15, 'duration'],
    ['an empty duration', "member.since + duration('') < member.since", 15, 'duration'],
    ['a sum of durations', "duration('1h') + duration('1h') > duration('1h')", 0, 'duration'],
    [
      'a sum after a difference',
      "purchase.occurredAt - member.since + duration('1h') > duration('2h')",
      0,
      'duration',
    ],
    ['text that grows', "line.name + line.name == ''", 0, 'text'],
    ['text that grows in a branch', "(true ? line.name : 'x') + 'y' == ''", 1, 'text'],
    ['a list that grows', '[1] + [2] == [1, 2]', 0, 'list'],
    ['an index', "line['sku'] == 'A'", 0, 'index'],
    ['a map', "{'a': 1} == {'a': 1}", 0, 'map'],
    ['null', 'null == null', 0, 'literal'],
    ['bytes', "b'a' == b'a'", 0, 'literal'],
    ['an unsigned integer', '1u < 2', 0, 'literal'],
    ['an integer above 64 bits', '1 < 9223372036854775808', 4, '64 bits'],
    ['two time zones', "purchase.occurredAt.getHours('UTC', 'UTC') == 9", 0, 'getHours'],
    ['lower-casing', "line.sku.lowerAscii() == 'a'", 0, 'lowerAscii'],
    ['nesting beyond 32', `${'('.repeat(32)}true${')'.repeat(32)}`, 32, 'maxDepth'],
    ['a dynamic value', 'dyn(line.sku) == 1', 0, 'dyn'],
  ])('for %s: %s', (_what, text, position, named) => {
    const error = errorOf(text);
    expect(error.message).toContain(named);
    expect(error.position).toBe(position);
  });
});

describe('hostile conditions', () => {
  it.each([
    ['a regular expression that backtracks', `'${'a'.repeat(60)}!'.matches('(a+)+$')`],
    ['a regular expression out of the purchase', 'line.name.matches(line.sku)'],
    ['a macro', '[1, 2].all(x, x > 0)'],
    ['macros in macros', '[1].exists(a, [1].exists(b, [1].exists(c, a + b + c == 3)))'],
    ['a macro that maps', '[1, 2].map(x, x * 2) == [2, 4]'],
    ['a macro that asks for a field', 'has(line.sku)'],
    ['a binding', 'cel.bind(x, line.name, x == x)'],
    ['text split into a list', "line.name.split('') == []"],
    ['10,000 parentheses', `${'('.repeat(10_000)}true${')'.repeat(10_000)}`],
    ['900 parentheses', `${'('.repeat(900)}true${')'.repeat(900)}`],
    ['900 lists in each other', `${'['.repeat(900)}${']'.repeat(900)} == []`],
    ['1,900 negations', `${'!'.repeat(1900)}true`],
    ['1,900 signs', `${'-'.repeat(1900)}1 == 1`],
    ['400 branches', `${'true ? '.repeat(200)}true${' : true'.repeat(200)}`],
    ['600 additions', `1${'+1'.repeat(600)} == 601`],
    ['900 elements', `1 in [${'1,'.repeat(900)}1]`],
    ['an integer of 1,900 digits', `${'9'.repeat(1900)} > 0`],
    ['a decimal without end', `${'9'.repeat(1900)}.0 > 0.0`],
    ['1 MiB of text', `'${'x'.repeat(1_048_576)}' == ''`],
    ['NUL', "line.sku == '\0'"],
    ['a lone surrogate', "line.sku == '\ud800'"],
    ['the prototype', 'line.__proto__ == line.__proto__'],
    ['the constructor', 'line.constructor == line.constructor'],
    ["the constructor's constructor", "line.constructor.constructor('return 1')() == 1"],
    ['the prototype as a variable', '__proto__ == 1'],
    ['the constructor as a variable', 'constructor == 1'],
    ['a method of every object', "line.toString() == ''"],
    ['a function of every object', 'hasOwnProperty(1) == true'],
    ['an object of the host', "process.env == ''"],
  ])('are refused: %s', (_what, text) => {
    expect(errorOf(text).message).not.toBe('');
  });

  it('in any number leave the answers as they are, and the newest compiled', () => {
    for (let number = 0; number < 2500; number++)
      expect(holds(`line.amountMinor != ${number}`)).toBe(number !== 1180);
    expect(holds('line.amountMinor != 1180')).toBe(false);
    expect(compileCondition('line.amountMinor != 2499')).toBe(compileCondition('line.amountMinor != 2499'));
  });
});

const text = fc.string({ unit: 'binary', maxLength: 20 });
const amount = fc.nat(Number.MAX_SAFE_INTEGER);
const instant = fc
  .date({ min: new Date('2020-01-01T00:00:00Z'), max: new Date('2099-01-01T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString());
const scopes = fc
  .record({
    id: text,
    sku: text,
    name: text,
    category: text,
    amountMinor: amount,
    discountMinor: amount,
    at: instant,
    since: instant,
  })
  .map(({ at, since, ...line }): ExpressionScope => {
    const whole: Line = { ...line, quantity: (line.amountMinor % 1000) / 8 };
    const bought = purchaseOf(whole, { occurredAt: at, totalMinor: line.amountMinor });
    const purchase = purchaseScope(bought, 'Europe/Paris');
    const member = memberScope({ tier: line.sku, since }, purchase);
    return { purchase, line: lineScope(whole), member };
  });

/** Expressions of each type, well-typed or nearly so, that may divide by zero and overflow. */
const { truth } = fc.letrec<{ number: string; words: string; time: string; truth: string }>((tie) => ({
  number: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      'line.amountMinor',
      'purchase.totalMinor',
      'purchase.lineCount',
      '0',
      '-1',
      '9223372036854775807',
    ),
    fc
      .tuple(tie('number'), fc.constantFrom('+', '-', '*', '/', '%'), tie('number'))
      .map((it) => `(${it.join(' ')})`),
    tie('words').map((it) => `size(${it})`),
    tie('time').map((it) => `${it}.getDate('Asia/Tokyo')`),
  ),
  words: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('line.sku', 'line.name', 'member.tier', "''", "'a'"),
    fc.tuple(tie('truth'), tie('words'), tie('words')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
  ),
  time: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('purchase.occurredAt', 'member.since', "timestamp('9999-12-31T23:59:59Z')"),
    tie('time').map((it) => `(${it} + duration('9999999h'))`),
  ),
  truth: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('true', 'false'),
    fc.tuple(tie('number'), fc.constantFrom('==', '<', '>='), tie('number')).map((it) => it.join(' ')),
    fc.tuple(tie('time'), fc.constantFrom('==', '<', '>='), tie('time')).map((it) => it.join(' ')),
    fc.tuple(tie('words'), tie('words')).map(([a, b]) => `${a}.contains(${b})`),
    fc.tuple(tie('number'), tie('number')).map(([a, b]) => `${a} in [${b}, 1]`),
    fc.tuple(tie('truth'), fc.constantFrom('&&', '||'), tie('truth')).map((it) => `(${it.join(' ')})`),
  ),
}));

const getters = ['FullYear', 'Month', 'Date', 'DayOfMonth', 'DayOfWeek', 'Hours', 'Minutes', 'Seconds'];

describe('readers of an instant without a zone', () => {
  it('are refused with what to write instead, and go on in a programme that is stored', () => {
    for (const name of getters) {
      const text = `purchase.occurredAt.get${name}() >= 0`;
      expect(errorOf(text).message).toMatch(/reads UTC: write purchase\.\w+.*\('Europe\/Paris'\)/);
      expect(storedCondition(text).condition(scopeOf())).toBe(true);
    }
    expect(storedCondition('purchase.occurredAt.getDayOfWeek() == 0').condition(scopeOf())).toBe(true);
    expect(() => storedCondition('line.colour == 1')).toThrow(/does not compile/);
  });
});

describe('days and hours', () => {
  const zones = fc.constantFrom(
    ...['Europe/Paris', 'UTC', 'Asia/Kolkata', 'America/Santiago', 'Africa/Cairo', 'Pacific/Chatham'],
    ...['Australia/Lord_Howe', 'Pacific/Apia', 'America/St_Johns'],
  );
  it('are those that a clock in the zone shows, by name and by reader', () => {
    const from = Date.parse('2010-01-01T00:00:00Z');
    fc.assert(
      fc.property(zones, fc.nat(40 * 365 * 86_400), (zone, seconds) => {
        const occurredAt = new Date(from + seconds * 1000).toISOString();
        const parts = Object.fromEntries(
          new Intl.DateTimeFormat('en-GB', {
            timeZone: zone,
            dateStyle: 'short',
            timeStyle: 'medium',
          })
            .formatToParts(new Date(occurredAt))
            .map(({ type, value }) => [type, value]),
        );
        const { day, month, year, hour, minute, second } = parts;
        const weekday = new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short' })
          .format(new Date(occurredAt))
          .toLowerCase()
          .slice(0, 3);
        const scope = { ...scopeOf(), purchase: purchaseScope(purchaseOf(coffee, { occurredAt }), zone) };
        const at = (name: string) => `purchase.occurredAt.get${name}('${zone}')`;
        for (const text of [
          `purchase.date == '${year}-${month}-${day}' && purchase.time == '${hour}:${minute}'`,
          `purchase.year == ${year} && purchase.month == ${Number(month)} && purchase.day == ${Number(day)}`,
          `purchase.hour == ${Number(hour)} && purchase.minute == ${Number(minute)}`,
          `purchase.weekday == '${weekday}'`,
          `${at('FullYear')} == purchase.year && ${at('Month')} == purchase.month - 1`,
          `${at('Date')} == purchase.day && ${at('DayOfMonth')} == purchase.day - 1`,
          `${at('Hours')} == purchase.hour && ${at('Minutes')} == purchase.minute`,
          `${at('Seconds')} == ${Number(second)}`,
          `${at('DayOfWeek')} == ${['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'].indexOf(weekday)}`,
        ])
          expect([zone, occurredAt, text, holds(text, scope)]).toEqual([zone, occurredAt, text, true]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('numbers and texts', () => {
  const compares = {
    '==': (a: bigint, b: bigint) => a === b,
    '!=': (a: bigint, b: bigint) => a !== b,
    '<': (a: bigint, b: bigint) => a < b,
    '<=': (a: bigint, b: bigint) => a <= b,
    '>': (a: bigint, b: bigint) => a > b,
    '>=': (a: bigint, b: bigint) => a >= b,
  };
  const computes = {
    '+': (a: bigint, b: bigint) => a * 1000n + b * 1000n,
    '-': (a: bigint, b: bigint) => a * 1000n - b * 1000n,
    '*': (a: bigint, b: bigint) => a * b,
  };
  const thousandths = fc.oneof(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 1e9 }));
  const decimalOf = (number: bigint) => (Number(number) / 1000).toFixed(3);

  it('quantities go with whole and other numbers in either order, to the last digit', () => {
    fc.assert(
      fc.property(thousandths, thousandths, fc.nat(4), (quantity, other, whole) => {
        const scope = scopeOf({ ...coffee, quantity: quantity / 1000 });
        const [units, decimal, integer] = [BigInt(quantity), BigInt(other), BigInt(whole) * 1000n];
        const said = (text: string) => [text, holds(text, scope)];
        for (const [operator, truth] of Object.entries(compares)) {
          for (const [text, left, right] of [
            [`line.quantity ${operator} ${whole}`, units, integer],
            [`${whole} ${operator} line.quantity`, integer, units],
            [`line.quantity ${operator} ${decimalOf(decimal)}`, units, decimal],
            [`${decimalOf(decimal)} ${operator} line.quantity`, decimal, units],
          ] as const)
            expect(said(text)).toEqual([text, truth(left, right)]);
          for (const [between, compute] of Object.entries(computes)) {
            const text = `line.quantity ${between} ${whole} ${operator} ${decimalOf(decimal)}`;
            expect(said(text)).toEqual([text, truth(compute(units, integer), decimal * 1000n)]);
          }
        }
        const text = `line.quantity in [${whole}, 7] || ${whole} in [line.quantity]`;
        expect(said(text)).toEqual([text, units === integer || units === 7000n]);
      }),
      { numRuns: 300 },
    );
  });

  it('texts are ordered by their code points', () => {
    const points = fc.string({ unit: fc.constantFrom('a', 'b', 'ａ', '🎁', '🎂', '\uffff'), maxLength: 4 });
    fc.assert(
      fc.property(points, points, (sku, name) => {
        const [left, right] = [sku, name].map((it) => Buffer.from(it, 'utf8'));
        const sign = Buffer.compare(left as Buffer, right as Buffer);
        const scope = scopeOf({ ...coffee, sku, name });
        expect(
          ['<', '<=', '>', '>='].map((operator) => holds(`line.sku ${operator} line.name`, scope)),
        ).toEqual([sign < 0, sign <= 0, sign > 0, sign >= 0]);
      }),
      { numRuns: 500 },
    );
  });
});

describe('whatever is written and whatever is bought', () => {
  it('a condition that compiles answers true or false and never throws', () => {
    let compiledOnes = 0;
    fc.assert(
      fc.property(truth, scopes, (written, scope) => {
        const compiled = compileCondition(written);
        if ('error' in compiled) return;
        compiledOnes++;
        expect(compiled.condition(scope)).toBeTypeOf('boolean');
      }),
      { numRuns: 1000 },
    );
    expect(compiledOnes).toBeGreaterThan(often(500));
  });

  it('any other text is refused with a reason, and never throws', () => {
    const pieces = fc.constantFrom(
      ...[
        'line',
        '.',
        'sku',
        'purchase',
        'totalMinor',
        '(',
        ')',
        '[',
        ']',
        '{',
        '}',
        "'",
        '"',
        '\\',
        'r',
        'b',
      ],
      ...[
        'in',
        '==',
        '&&',
        '||',
        '!',
        '-',
        '?',
        ':',
        ',',
        '1',
        '0x',
        '.5',
        'e',
        'u',
        ' ',
        '//',
        '\n',
        '__proto__',
      ],
      ...['all', 'map', 'has', 'cel.bind', 'timestamp', 'duration', 'size', 'constructor', 'true', 'null'],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(pieces, { maxLength: 30, size: 'max' }).map((it) => it.join('')),
          text,
        ),
        (written) => {
          const compiled = compileCondition(written);
          if ('condition' in compiled) expect(compiled.condition(scopeOf())).toBeTypeOf('boolean');
          else expect(compiled.error.message).not.toBe('');
        },
      ),
      { numRuns: 3000 },
    );
  });
});

describe('a programme', () => {
  const { version: _, ...valid } = defaultProgram();
  const issuesOf = (document: unknown) =>
    (programDocument.safeParse(document).error?.issues ?? []).map(({ path, message }) => ({
      path: path.join('.'),
      message,
    }));

  it("whose campaign's or stamp's condition does not compile is refused with path, position and what is known", () => {
    const [campaign] = valid.campaigns;
    const [stamp] = valid.stamps;
    expect(issuesOf({ ...valid, campaigns: [{ ...campaign, when: "line.colour == 'red'" }] })).toEqual([
      { path: 'campaigns.0.when', message: expect.stringMatching(/position 5: .*colour.*line\.category/) },
    ]);
    expect(issuesOf({ ...valid, stamps: [{ ...stamp, when: 'line.sku' }] })).toEqual([
      { path: 'stamps.0.when', message: expect.stringMatching(/position 0: .*bool.*purchase\.totalMinor/) },
    ]);
  });

  it('names a condition that is empty or too long once', () => {
    const [stamp] = valid.stamps;
    for (const when of ['', ' '.repeat(2001)])
      expect(issuesOf({ ...valid, stamps: [{ ...stamp, when }] }).map(({ path }) => path)).toEqual([
        'stamps.0.when',
      ]);
  });

  it('with good conditions is accepted, and one without a condition too', () => {
    const [{ when: _when, ...always } = { when: '' }] = valid.campaigns;
    expect(issuesOf({ ...valid, campaigns: [...valid.campaigns, { ...always, id: 'always' }] })).toEqual([]);
  });
});

describe('what is wrong with a condition', () => {
  it.each([
    ['💎', '💎'],
    ["purchase.channel == 'web' 🏷", '🏷'],
  ])('names whole characters: %s', (text, character) => {
    const compiled = compileCondition(text);
    if (!('error' in compiled)) throw new Error('It compiles.');
    expect(compiled.error.message.isWellFormed()).toBe(true);
    expect(compiled.error.message).toContain(character);
  });

  it('says how numbers go together in a list, and of nothing else', () => {
    const message = (text: string) => {
      const compiled = compileCondition(text);
      return 'error' in compiled ? compiled.error.message : undefined;
    };
    const remedy = ': write each of its numbers with a point, as 1.0';
    expect(message('line.quantity in [1, 2.5]')).toContain(remedy);
    for (const text of [
      "line.quantity in [1, 'a']",
      "line.quantity in [2.5, 'a']",
      "line.amountMinor + 'a' == 1",
    ])
      expect(message(text)).not.toContain(remedy);
  });

  it('is well-formed text, whatever the condition', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const compiled = compileCondition(text);
        if ('error' in compiled) expect(compiled.error.message.isWellFormed()).toBe(true);
      }),
      runs(1_000),
    );
  });
});
