/** The bus's pattern language, case by case as EventBridge's documentation and event-ruler describe it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../../local/bus/json.ts';
import { compilePattern, type Json } from '../../../local/bus/pattern.ts';

function matches(pattern: unknown, event: Json): boolean {
  const compiled = compilePattern(pattern);
  if (!compiled.ok) throw new Error(`${compiled.path}: ${compiled.message}`);
  return compiled.pattern.matches(event);
}

const EVENT: Json = {
  'detail-type': 'EC2 Instance State-change Notification',
  source: 'aws.ec2',
  resources: ['arn:a', 'arn:b'],
  detail: {
    count: 5,
    limit: 301.8,
    zero: 0,
    big: 6e9,
    ip: '10.0.0.33',
    ip6: '2001:db8::1',
    state: 'running',
    path: 'a/b/lib/c*d\\e.PNG',
    yes: true,
    none: null,
    empty: '',
    text5: '5',
    tags: ['red', 'green', 7, null],
    list: [],
    nested: {},
  },
};

const inDetail = (field: string, ...alternatives: unknown[]): object => ({
  detail: { [field]: alternatives },
});

describe('a value in an event pattern', () => {
  it.each<[string, object, boolean]>([
    ['matches the same string', inDetail('state', 'running'), true],
    ['matches any of several', inDetail('state', 'stopped', 'running'), true],
    ['does not match another case', inDetail('state', 'Running'), false],
    ['does not match a part', inDetail('state', 'run'), false],
    ['matches the empty string', inDetail('empty', ''), true],
    ['matches a number written otherwise', inDetail('limit', 3.018e2), true],
    ['keeps numbers and strings apart', inDetail('text5', 5), false],
    ['keeps strings and numbers apart', inDetail('count', '5'), false],
    ['matches true', inDetail('yes', true), true],
    ['keeps true and "true" apart', inDetail('yes', 'true'), false],
    ['matches null', inDetail('none', null), true],
    ['keeps null and absence apart', inDetail('missing', null), false],
    ['does not find what is missing', inDetail('missing', 'x'), false],
    ['matches any element of an array', inDetail('tags', 'green'), true],
    ['matches a number within an array', inDetail('tags', 7), true],
    ['matches a null within an array', inDetail('tags', null), true],
    ['does not match an empty array', inDetail('list', 'red'), false],
    ['matches an IPv6 address written otherwise', inDetail('ip6', '2001:DB8:0:0:0:0:0:1'), true],
    ['does not match another address', inDetail('ip6', '2001:db8::2'), false],
  ])('%s', (_, pattern, expected) => {
    expect(matches(pattern, EVENT)).toBe(expected);
  });

  it('must match in every field named', () => {
    expect(matches({ source: ['aws.ec2'], detail: { state: ['running'] } }, EVENT)).toBe(true);
    expect(matches({ source: ['aws.s3'], detail: { state: ['running'] } }, EVENT)).toBe(false);
    expect(matches({ source: ['aws.ec2'], detail: { state: ['stopped'] } }, EVENT)).toBe(false);
  });
});

describe('an operator', () => {
  it.each<[string, unknown, boolean]>([
    ['state', { prefix: 'run' }, true],
    ['state', { prefix: '' }, true],
    ['state', { prefix: 'unn' }, false],
    ['count', { prefix: '5' }, false],
    ['state', { prefix: { 'equals-ignore-case': 'RUN' } }, true],
    ['state', { prefix: { 'equals-ignore-case': 'UNN' } }, false],
    ['state', { suffix: 'ning' }, true],
    ['state', { suffix: 'run' }, false],
    ['path', { suffix: '.png' }, false],
    ['path', { suffix: { 'equals-ignore-case': '.png' } }, true],
    ['path', { suffix: { 'equals-ignore-case': '.gif' } }, false],
    ['state', { 'equals-ignore-case': 'RUNNING' }, true],
    ['state', { 'equals-ignore-case': 'RUN' }, false],
    ['yes', { 'equals-ignore-case': 'TRUE' }, false],
    ['path', { wildcard: '*/lib/*' }, true],
    ['path', { wildcard: 'a*PNG' }, true],
    ['path', { wildcard: 'b/*' }, false],
    ['path', { wildcard: '*c\\*d*' }, true],
    ['path', { wildcard: '*b\\*d*' }, false],
    ['path', { wildcard: '*d\\\\e*' }, true],
    ['state', { wildcard: 'running' }, true],
    ['state', { wildcard: 'r.nning' }, false],
    ['state', { wildcard: '*' }, true],
    ['count', { wildcard: '*' }, false],
    ['state', { 'anything-but': 'stopped' }, true],
    ['state', { 'anything-but': 'running' }, false],
    ['state', { 'anything-but': ['stopped', 'running'] }, false],
    ['state', { 'anything-but': ['stopped', 'failed'] }, true],
    ['count', { 'anything-but': 5 }, false],
    ['count', { 'anything-but': [4, 6] }, true],
    ['count', { 'anything-but': 'running' }, true],
    ['none', { 'anything-but': 'running' }, true],
    ['missing', { 'anything-but': 'running' }, false],
    ['tags', { 'anything-but': 'red' }, true],
    ['state', { 'anything-but': { prefix: 'run' } }, false],
    ['state', { 'anything-but': { prefix: 'stop' } }, true],
    ['state', { 'anything-but': { prefix: ['stop', 'run'] } }, false],
    ['state', { 'anything-but': { suffix: 'ing' } }, false],
    ['state', { 'anything-but': { suffix: ['ed', 'al'] } }, true],
    ['state', { 'anything-but': { 'equals-ignore-case': 'RUNNING' } }, false],
    ['state', { 'anything-but': { 'equals-ignore-case': ['STOPPED', 'Running'] } }, false],
    ['state', { 'anything-but': { wildcard: 'r*g' } }, false],
    ['state', { 'anything-but': { wildcard: ['s*', '*x'] } }, true],
    ['count', { numeric: ['=', 5] }, true],
    ['count', { numeric: ['=', 5.1] }, false],
    ['count', { numeric: ['>', 5] }, false],
    ['count', { numeric: ['>=', 5] }, true],
    ['count', { numeric: ['<', 5] }, false],
    ['count', { numeric: ['<=', 5] }, true],
    ['count', { numeric: ['>', 0, '<=', 5] }, true],
    ['count', { numeric: ['>', 0, '<', 5] }, false],
    ['zero', { numeric: ['>=', 0, '<', 1] }, true],
    ['limit', { numeric: ['=', 3.018e2] }, true],
    ['text5', { numeric: ['=', 5] }, false],
    ['big', { numeric: ['>', 1] }, true],
    ['tags', { numeric: ['>', 6] }, true],
    ['ip', { cidr: '10.0.0.0/24' }, true],
    ['ip', { cidr: '10.0.1.0/24' }, false],
    ['ip', { cidr: '10.0.0.33/32' }, true],
    ['ip', { cidr: '0.0.0.0/0' }, true],
    ['ip', { cidr: '::/0' }, false],
    ['ip6', { cidr: '2001:db8::/32' }, true],
    ['ip6', { cidr: '2001:db9::/32' }, false],
    ['state', { cidr: '10.0.0.0/24' }, false],
    ['count', { exists: true }, true],
    ['none', { exists: true }, true],
    ['missing', { exists: true }, false],
    ['missing', { exists: false }, true],
    ['count', { exists: false }, false],
    ['list', { exists: true }, false],
    ['list', { exists: false }, true],
    // Only leaves exist: an object, empty or not, is none.
    ['nested', { exists: false }, true],
  ])('%s %j gives %s', (field, operator, expected) => {
    expect(matches(inDetail(field, operator), EVENT)).toBe(expected);
  });

  it('may stand beside values, any of which is enough', () => {
    const pattern = inDetail('state', 'stopped', { prefix: 'run' });
    expect(matches(pattern, EVENT)).toBe(true);
    expect(matches(inDetail('missing', 'x', { exists: false }), EVENT)).toBe(true);
    expect(matches(inDetail('state', 'x', { exists: false }), EVENT)).toBe(false);
  });
});

describe('arrays of objects', () => {
  const employees: Json = {
    employees: [
      [
        { first: 'John', last: 'Doe', roles: ['dev', 'ops'] },
        { first: 'Anna', last: 'Smith', roles: ['ops'] },
      ],
      [{ first: 'Peter', last: 'Jones', manager: { first: 'Anna' } }],
    ],
    site: 'paris',
  };

  it.each<[string, object, boolean]>([
    ['are looked through', { employees: { first: ['Anna'] } }, true],
    ['match in one element', { employees: { first: ['Anna'], last: ['Smith'] } }, true],
    ['do not match across elements', { employees: { first: ['Anna'], last: ['Doe'] } }, false],
    ['do not match across outer elements', { employees: { first: ['Anna'], last: ['Jones'] } }, false],
    ['match with a field outside of them', { employees: { last: ['Doe'] }, site: ['paris'] }, true],
    ['match a nested array of one element', { employees: { first: ['John'], roles: ['ops'] } }, true],
    [
      'do not match another element’s nested array',
      { employees: { first: ['Anna'], roles: ['dev'] } },
      false,
    ],
    [
      'match a nested object of the element',
      { employees: { last: ['Jones'], manager: { first: ['Anna'] } } },
      true,
    ],
    [
      'do not match a nested object elsewhere',
      { employees: { last: ['Doe'], manager: { first: ['Anna'] } } },
      false,
    ],
    ['try every choice', { employees: { first: [{ prefix: '' }], roles: ['dev'] } }, true],
  ])('%s', (_, pattern, expected) => {
    expect(matches(pattern, employees)).toBe(expected);
  });

  it('take a dot in a name for a level, as the service does', () => {
    expect(matches({ 'detail.state': ['on'] }, { detail: { state: 'on' } })).toBe(true);
    expect(matches({ detail: { state: ['on'] } }, { 'detail.state': 'on' })).toBe(true);
  });
});

describe('$or', () => {
  const pattern = {
    source: ['aws.ec2'],
    $or: [{ detail: { state: ['stopped'] } }, { detail: { count: [{ numeric: ['>', 4] }], yes: [true] } }],
  };

  it('is fulfilled by any alternative, with all fields beside it', () => {
    expect(matches(pattern, EVENT)).toBe(true);
    expect(matches({ ...pattern, source: ['aws.s3'] }, EVENT)).toBe(false);
    expect(matches({ $or: [{ source: ['x'] }, { source: ['y'] }] }, EVENT)).toBe(false);
  });

  it('needs every field of an alternative', () => {
    const both = { $or: [{ detail: { state: ['running'], yes: [false] } }, { source: ['x'] }] };
    expect(matches(both, EVENT)).toBe(false);
  });

  it('works in parallel and nested', () => {
    const parallel = {
      $or: [{ source: ['aws.ec2'] }, { source: ['x'] }],
      detail: { $or: [{ state: ['x'] }, { count: [5] }] },
    };
    expect(matches(parallel, EVENT)).toBe(true);
    const nested = {
      $or: [
        { source: ['x'] },
        { source: ['aws.ec2'], $or: [{ detail: { count: [1] } }, { detail: { yes: [true] } }] },
      ],
    };
    expect(matches(nested, EVENT)).toBe(true);
  });
});

/** What event-ruler 2.0.1 answers for each pair, as it stands in text; `refused` is what is refused here by name. */
describe('what JSON.parse would forget', () => {
  const one = '{"a":[1]}';
  it.each<[string, string, boolean | 'refused']>([
    // A key that stands twice in an event has both values, and is no list.
    [one, '{"a":1,"a":2}', true],
    ['{"a":[2]}', '{"a":1,"a":2}', true],
    ['{"a":[3]}', '{"a":1,"a":2}', false],
    ['{"a":[1],"b":[1]}', '{"a":1,"b":1,"a":2}', true],
    ['{"d":{"a":[1]}}', '{"d":{"a":1},"d":{"b":2}}', true],
    ['{"d":{"a":[1],"b":[2]}}', '{"d":{"a":1},"d":{"b":2}}', true],
    ['{"d":{"a":[1],"b":[2]}}', '{"d":[{"a":1},{"b":2}]}', false],
    // In a pattern it says two things of which one would be forgotten.
    ['{"a":[1],"a":[2]}', '{"a":2}', 'refused'],
    ['{"a":[{"prefix":"x","prefix":"y"}]}', '{"a":"y"}', 'refused'],
    ['{"$or":[{"a":[1]},{"b":[1]}],"$or":[{"c":[1]},{"d":[1]}]}', '{"c":1}', 'refused'],
    // Numbers are compared as far as a double holds them, and longer ones as they are written.
    ['{"a":[{"numeric":[">",0]}]}', '{"a":6000000000}', true],
    ['{"a":[{"numeric":[">",0]}]}', '{"a":1e300}', true],
    ['{"a":[{"numeric":[">",0]}]}', '{"a":-6000000000}', false],
    ['{"a":[{"numeric":[">",5]}]}', '{"a":1234567890123456}', true],
    ['{"a":[{"numeric":[">",5]}]}', '{"a":12345678901234567}', false],
    ['{"a":[{"numeric":[">=",5]}]}', '{"a":5.0000000000000001}', false],
    ['{"a":[{"numeric":["<",5]}]}', '{"a":0.12345678901234567}', false],
    ['{"a":[{"numeric":[">",5]}]}', '{"a":1e400}', false],
    ['{"a":[{"numeric":["<",1e-7]}]}', '{"a":1e-8}', true],
    ['{"a":[5]}', '{"a":5.00000000000000000}', true],
    ['{"a":[5]}', '{"a":5.0000000000000001}', false],
    ['{"a":[{"anything-but":5}]}', '{"a":5.0000000000000001}', true],
    ['{"a":[6000000000]}', '{"a":6e9}', true],
    ['{"a":[1234567890123456]}', '{"a":1.234567890123456e15}', true],
    ['{"a":[12345678901234567890]}', '{"a":12345678901234567890}', true],
    ['{"a":[12345678901234567890]}', '{"a":12345678901234567891}', false],
    ['{"a":[0.10000000000000001]}', '{"a":0.1}', false],
    ['{"a":[{"numeric":["=",0.10000000000000001]}]}', '{"a":0.1}', 'refused'],
    ['{"a":[{"numeric":[">",6000000000]}]}', '{"a":6000000001}', 'refused'],
    // A field may be called $or where it is no choice.
    ['{"$or":["x"]}', '{"$or":"x"}', true],
    ['{"$or":["x","y"]}', '{"$or":"z"}', false],
    ['{"$or":[1,2]}', '{"$or":2}', true],
    ['{"$or":[{"prefix":"x"}]}', '{"$or":"xy"}', true],
    ['{"$or":{"a":[1]}}', '{"$or":{"a":1}}', true],
    ['{"$or":{"a":[1]}}', '{"a":1}', false],
    ['{"$or":[{"a":[1]},{"b":[1]}]}', '{"b":1}', true],
    ['{"$or":[{"a":[1]},{"prefix":"x"}]}', '{"a":1}', 'refused'],
    // What is absent is absent everywhere under a list, whatever else matches in one of its elements.
    ['{"a":{"b":[{"exists":false}]}}', '{"a":[{"b":1},{"c":1}]}', false],
    ['{"a":{"b":[{"exists":false}]}}', '{"a":[{"c":1}]}', true],
    ['{"a":{"b":[{"exists":false}]}}', '{"a":[{"b":[]}]}', true],
    ['{"a":{"b":[{"exists":false}]}}', '{"a":{"b":null}}', false],
    ['{"a":{"b":[{"exists":false}],"c":[1]}}', '{"a":[{"b":1},{"c":1}]}', false],
    ['{"a":{"b":[{"exists":false}],"c":[1]}}', '{"a":[{"c":1}]}', true],
    ['{"a":{"b":[{"exists":false},"x"],"c":[1]}}', '{"a":[{"b":"x"},{"c":1}]}', false],
    ['{"a":{"b":[{"exists":false},"x"],"c":[1]}}', '{"a":[{"b":"x","c":1}]}', true],
    ['{"a":{"b":{"d":[{"exists":false}]},"c":[1]}}', '{"a":[{"b":[{"d":1},{"e":1}],"c":1}]}', false],
  ])('%s asked about %s gives %s', (pattern, event, expected) => {
    const compiled = compilePattern(readJson(pattern));
    expect(compiled.ok ? compiled.pattern.matches(readJson(event)) : 'refused').toBe(expected);
  });

  it.each(['', '{', '[1,]', '{"a":01}', '{a:1}'])('%j is no document', (text) => {
    expect(() => readJson(text)).toThrow(SyntaxError);
  });

  it('reads every document as JSON.parse does, where nothing is forgotten', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        expect(JSON.stringify(readJson(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });
});

describe('a malformed pattern is refused with its place:', () => {
  it.each<[string, unknown, string]>([
    ['no object', ['a'], ''],
    ['an empty object', {}, ''],
    ['an empty nested object', { detail: {} }, 'detail'],
    ['a bare value', { source: 'a' }, 'source'],
    ['an empty list', { source: [] }, 'source'],
    ['a list in a list', { source: [['a']] }, 'source[0]'],
    ['an unknown operator', { source: [{ contains: 'a' }] }, 'source[0].contains'],
    ['two operators', { source: [{ prefix: 'a', suffix: 'b' }] }, 'source[0]'],
    ['no operator', { source: ['a', {}] }, 'source[1]'],
    ['a prefix that is no string', { source: [{ prefix: 1 }] }, 'source[0].prefix'],
    ['another operator in a prefix', { source: [{ prefix: { wildcard: 'a' } }] }, 'source[0].prefix'],
    ['a wildcard with **', { source: [{ wildcard: 'a**b' }] }, 'source[0].wildcard'],
    ['a wildcard with a bad escape', { source: [{ wildcard: 'a\\b' }] }, 'source[0].wildcard'],
    ['a wildcard ending in a backslash', { source: [{ wildcard: 'a\\' }] }, 'source[0].wildcard'],
    ['a mixed anything-but', { source: [{ 'anything-but': ['a', 1] }] }, 'source[0].anything-but'],
    ['an empty anything-but', { source: [{ 'anything-but': [] }] }, 'source[0].anything-but'],
    ['anything-but null', { source: [{ 'anything-but': null }] }, 'source[0].anything-but'],
    ['anything-but numeric', { a: [{ 'anything-but': { numeric: ['>', 1] } }] }, 'a[0].anything-but.numeric'],
    ['anything-but an empty prefix', { a: [{ 'anything-but': { prefix: '' } }] }, 'a[0].anything-but.prefix'],
    ['an unknown comparison', { a: [{ numeric: ['!=', 1] }] }, 'a[0].numeric[0]'],
    ['a comparison with a string', { a: [{ numeric: ['>', '1'] }] }, 'a[0].numeric[1]'],
    ['a comparison beyond five billion', { a: [{ numeric: ['>', 5_000_000_001] }] }, 'a[0].numeric[1]'],
    ['an empty comparison', { a: [{ numeric: [] }] }, 'a[0].numeric'],
    ['a range upside down', { a: [{ numeric: ['<', 5, '>', 1] }] }, 'a[0].numeric'],
    ['an empty range', { a: [{ numeric: ['>', 5, '<', 5] }] }, 'a[0].numeric'],
    ['three comparisons', { a: [{ numeric: ['>', 1, '<', 5, '<', 9] }] }, 'a[0].numeric'],
    ['= within a range', { a: [{ numeric: ['=', 1, '<', 5] }] }, 'a[0].numeric'],
    ['exists with a string', { a: [{ exists: 'true' }] }, 'a[0].exists'],
    ['a network without length', { a: [{ cidr: '10.0.0.0' }] }, 'a[0].cidr'],
    ['a network that is too long', { a: [{ cidr: '10.0.0.0/33' }] }, 'a[0].cidr'],
    ['a network of no address', { a: [{ cidr: '10.0.0/8' }] }, 'a[0].cidr'],
    ['$or of one', { $or: [{ a: ['b'] }] }, '$or[0].a'],
    ['$or of nothing', { $or: [] }, '$or'],
    ['an operator as a field of $or', { $or: [{ prefix: ['a'] }, { b: ['c'] }] }, '$or[0].prefix'],
    ['an operator below a field of $or', { $or: [{ a: { prefix: ['x'] } }, { b: [1] }] }, 'a.prefix'],
    ['an empty alternative', { $or: [{}, { b: ['c'] }] }, ''],
  ])('%s', (_, pattern, path) => {
    expect(compilePattern(pattern)).toMatchObject({ ok: false, path });
  });
});
