import { describe, expect, test } from 'vitest';
import { parseCondition } from '../../../local/dynamodb/condition-parser.ts';
import { Placeholders } from '../../../local/dynamodb/placeholders.ts';
import { parseProjection } from '../../../local/dynamodb/projection-parser.ts';
import { parseUpdate } from '../../../local/dynamodb/update-parser.ts';

const placeholders = () =>
  new Placeholders({ '#a': 'a.b', '#s': 'status' }, { ':v': { N: '1' }, ':w': { S: 'w' } });
const condition = (text: string) => parseCondition(text, placeholders(), 'ConditionExpression');

describe('conditions are parsed as DynamoDB binds them', () => {
  const v = { kind: 'value', value: { N: '1' } };
  const equals = (name: string) => ({
    kind: 'compare',
    comparator: '=',
    left: { kind: 'path', path: [name] },
    right: v,
  });

  test('AND before OR, NOT before both', () => {
    expect(condition('a = :v OR NOT b = :v AND c = :v')).toEqual({
      kind: 'or',
      left: equals('a'),
      right: { kind: 'and', left: { kind: 'not', condition: equals('b') }, right: equals('c') },
    });
  });

  test('parentheses first, the AND of BETWEEN to itself', () => {
    expect(condition('(a = :v OR b = :v) AND c BETWEEN :v AND :v')).toEqual({
      kind: 'and',
      left: { kind: 'or', left: equals('a'), right: equals('b') },
      right: { kind: 'between', operand: { kind: 'path', path: ['c'] }, low: v, high: v },
    });
  });

  test('paths: members, positions, and names that stand for one part whatever is in them', () => {
    expect(parseProjection('x.y[3][0].z, #a.#s', placeholders())).toEqual([
      ['x', 'y', 3, 0, 'z'],
      ['a.b', 'status'],
    ]);
  });

  test('a function’s name is a name where no parenthesis follows', () => {
    expect(condition('contains = :v')).toEqual(equals('contains'));
  });
});

describe('what is wrong is said as DynamoDB says it', () => {
  test.each([
    ['a == :v', 'Syntax error; token: "=", near: "== :v"'],
    ['a = ', 'Syntax error; token: "<EOF>", near: "="'],
    ['a = :v b', 'Syntax error; token: "b", near: ":v b"'],
    ['l[01] = :v', 'Syntax error; token: "1", near: "01]"'],
    ['_a = :v', 'Syntax error; token: "_", near: "_a"'],
    ['a', 'Syntax error; token: "<EOF>", near: "a"'],
    ['((a = :v))', 'The expression has redundant parentheses;'],
    ['Status = :v', 'Attribute name is a reserved keyword; reserved keyword: Status'],
    ['#none = :v', 'not defined; attribute name: #none'],
    ['a = :none', 'not defined; attribute value: :none'],
    ['a > a', 'The first operand must be distinct'],
    ['size(a)', 'not allowed to be used this way in an expression; function: size'],
    ['attribute_exists(a) = :v', 'not allowed to be used this way'],
    ['list_append(a, b) = :v', 'not allowed in a condition expression; function: list_append'],
    ['begins_with(a, :v)', 'operator or function: begins_with, operand type: N'],
    ['begins_with(a)', 'Incorrect number of operands'],
    ['a BETWEEN :v AND :w', 'requires same data type'],
    [`a IN (${Array(101).fill('b').join()})`, 'too many operands; number of operands: 101'],
    [Array(301).fill('a = :v').join(' OR '), 'too many operators'],
    [`a = :v${' '.repeat(4096)}`, 'maximum allowed size; expression size: 4102'],
    ['('.repeat(4000), 'The expression has redundant parentheses;'],
    ['', 'The expression can not be empty;'],
  ])('%s', (text, message) => {
    expect(() => condition(text)).toThrow(message);
    expect(() => condition(text)).toThrow('Invalid ConditionExpression: ');
  });

  test.each([
    ['SET a = :v, a = :v', 'Two document paths overlap'],
    ['SET a.b = :v REMOVE a', 'path one: [a, b], path two: [a]'],
    ['SET a.b = :v, a[0] = :v', 'Two document paths conflict'],
    ['SET a = :v SET b = :v', 'The "SET" section can only be used once'],
    ['SET a = b + c + :v', 'Syntax error; token: "+", near: "c + :v"'],
    ['SET a = :v + :w', 'operator or function: +, operand type: S'],
    ['ADD a :w', 'typeSet: ALLOWED_FOR_ADD_OPERAND'],
    ['DELETE a :v', 'typeSet: ALLOWED_FOR_DELETE_OPERAND'],
    ['SET a = if_not_exists(:v, :v)', 'requires a document path'],
    ['SET a = size(b)', 'not allowed in an update expression; function: size'],
    ['a = :v', 'Syntax error; token: "a", near: "a ="'],
  ])('%s', (text, message) => {
    expect(() => parseUpdate(text, placeholders())).toThrow(message);
  });

  test('placeholders that nothing uses are named', () => {
    const given = placeholders();
    parseCondition('#a = :v', given, 'ConditionExpression');
    expect(() => given.assertAllUsed(true)).toThrow(
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#s}',
    );
  });
});
