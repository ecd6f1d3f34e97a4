/**
 * `npm run test:fuzz -- --minutes 30`: Schemathesis makes up requests from `/openapi.json`, valid ones and others, and
 * sends them to a system as `npm start` runs it. Nothing may be answered 5xx, nor with a status, a type or a body that
 * the document does not have. Half of the time it speaks as an operator, half as a channel.
 */
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { venv } from '../../tools/venv.ts';
import { startSystem } from '../support/system.ts';

const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '30' }, seed: { type: 'string' } },
});
const seconds = Math.round((Number(values.minutes) * 60) / 2);
const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 31));
console.log(
  `Schemathesis, ${seconds} seconds for each role: SEED ${seed} (--seed ${seed} repeats its choices).`,
);

const system = await startSystem();
const { ops, channels } = system.credentials;
/** What it reads it asks for again: a key that it speaks with must not be given up on the way. */
const listed = await system.call('GET', '/v1/keys', undefined, 'ops');
const spoken: string[] = listed.body.items.map(({ id }: { id: string }) => id);
let failed = 0;
for (const [role, key] of Object.entries({ ops, store: channels.store })) {
  console.log(`As ${role}:`);
  failed += await schemathesis(key);
}
// What was accepted has to be handled, whatever it was.
await system.idle();
const { status, body } = await system.call('GET', '/v1/exceptions?type=dead_letter', undefined, 'ops');
if (status !== 200 || body.items.length > 0) {
  console.error('The dead letters should be none:', status, JSON.stringify(body, null, 2));
  failed++;
}
if (failed > 0) {
  const log = await readFile(join(system.dataDirectory, 'functions.log'), 'utf8');
  console.error(
    log
      .split('\n')
      .filter((line) => line.includes('"level":"ERROR"'))
      .slice(-20)
      .join('\n'),
  );
}
await system.remove();
console.log(`${failed === 0 ? 3 : 3 - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function schemathesis(key: string): Promise<number> {
  const args = [
    'run',
    `${system.baseUrl}/openapi.json`,
    ...['--header', `Authorization: Bearer ${key}`],
    ...['--checks', checks.join(',')],
    ...['--max-time', String(seconds)],
    ...['--seed', seed],
    ...['--phases', 'examples,coverage,fuzzing'],
    // A local system has no account at Samsung: each would be answered 503 wallet_not_configured.
    ...['--exclude-path-regex', '^/samsung/'],
    ...['--workers', '2', '--continue-on-failure', '--warnings', 'off', '--no-color'],
  ];
  return new Promise((resolve, reject) => {
    const env = {
      ...process.env,
      SCHEMATHESIS_HOOKS: 'hooks',
      PYTHONPATH: import.meta.dirname,
      SPOKEN_KEYS: spoken.join(' '),
    };
    const child = spawn(join(venv, 'bin/schemathesis'), args, { stdio: 'inherit', env });
    child.on('error', reject);
    child.on('exit', (code) => resolve(code === 0 ? 0 : 1));
  });
}
