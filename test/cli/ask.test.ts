/** A dangerous command is done on a yes, and on nothing else. */
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { ask, askText } from '../../cli/ask.ts';

const [ctrlC, ctrlD] = [String.fromCharCode(3), String.fromCharCode(4)];

async function answerTo(typed: string, { ended = false, terminal = false } = {}): Promise<boolean> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const answer = ask('Really?', { input, output, terminal });
  input.write(typed);
  if (ended) input.end();
  return answer;
}

test.each(['y\n', 'Y\n', 'yes\n', ' YES \n'])('%j is a yes', async (typed) => {
  expect(await answerTo(typed)).toBe(true);
  expect(await answerTo(typed, { terminal: true })).toBe(true);
});

test.each(['n\n', '\n', 'yeah\n', 'no y\n'])('%j is a no', async (typed) => {
  expect(await answerTo(typed)).toBe(false);
});

test('neither the end of the input nor an interruption is a yes', async () => {
  expect(await answerTo('', { ended: true })).toBe(false);
  expect(await answerTo('y', { ended: true, terminal: true })).toBe(false);
  expect(await answerTo(ctrlC, { terminal: true })).toBe(false);
  expect(await answerTo(ctrlD, { terminal: true })).toBe(false);
});

async function textFor(typed: string, isSecret: boolean, ended = false): Promise<[string, string]> {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const answer = askText('What?', isSecret, { input, output, terminal: true });
  input.write(typed);
  if (ended) input.end();
  const text = await answer;
  return [text, String(output.read() ?? '')];
}

test('a text is taken as it is typed, and shown; a secret is not shown, and its question is', async () => {
  const [text, shown] = await textFor(' a word \r', false);
  expect([text, shown]).toEqual(['a word', expect.stringMatching(/What\?: .*a.*word/s)]);
  const [secret, hidden] = await textFor('hush\r', true);
  expect([secret, hidden]).toEqual(['hush', expect.stringContaining('What?: ')]);
  expect(hidden).not.toMatch(/[hus]{2}/);
});

test('whoever ends the input has said nothing', async () => {
  expect((await textFor(ctrlD, true))[0]).toBe('');
});
