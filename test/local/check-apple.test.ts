import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { type CheckSettings, checkAppleSecret } from '../../local/check-apple.ts';

const folder = mkdtempSync(join(tmpdir(), 'philia-test-'));
const path = join(folder, 'apple.json');
afterAll(() => rmSync(folder, { recursive: true }));

/** What is said at the start when the check answers so; `invoked` are the functions that were asked. */
async function start(answer: unknown) {
  const [said, invoked]: [string[], string[]] = [[], []];
  const invoke = async (name: string) => {
    invoked.push(name);
    return answer instanceof Error
      ? { kind: 'failure', error: { errorType: 'Error', errorMessage: answer.message } }
      : { kind: 'answer', payload: JSON.stringify(answer) };
  };
  const functions = [{ name: 'philia-dev-setup' }, { name: 'philia-dev-certificates' }];
  const settings = { model: { functions }, pool: { invoke }, path, warn: (line: string) => said.push(line) };
  await checkAppleSecret(settings as unknown as CheckSettings);
  return { said, invoked };
}

it('nothing is asked and said while there are no credentials of the person', async () => {
  expect(await start({ daysLeft: 0, problem: 'x' })).toEqual({ said: [], invoked: [] });
});

it('what is wrong with them is said, and that the check failed; nothing when they fit', async () => {
  writeFileSync(path, '{}');
  expect(await start({ daysLeft: 300 })).toEqual({ said: [], invoked: ['philia-dev-certificates'] });
  const { said } = await start({ daysLeft: 0, problem: 'The pass certificate expired.' });
  expect(said).toEqual([
    `${path} cannot be used, so there are no Apple passes: The pass certificate expired.`,
  ]);
  expect((await start(new Error('It broke.'))).said).toEqual([`${path} could not be checked: It broke.`]);
});
