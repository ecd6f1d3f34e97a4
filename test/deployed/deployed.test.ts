/**
 * Philia deployed by the real CDK CLI onto an AWS that nobody here wrote, by the commands of docs/deploy.md as they stand
 * there, and used over HTTP.
 */
import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import shopify from '../../channels/shopify/vectors/vectors.json' with { type: 'json' };
import { PASS_TYPE_IDENTIFIER, TEAM_IDENTIFIER } from '../../local/standins/certificates.ts';
import { issueCertificates } from '../../local/standins/issue.ts';
import { account, type Emulator, type Front, startEmulator, startFront } from './emulator.ts';
import { leftOut } from './left-out.ts';
import { type Block, readPage } from './page.ts';

/** Blocks of the page that are not run here, by their first words. */
const notRun: Readonly<Record<string, string>> = {
  'aws acm request-certificate': 'a domain and its DNS records',
  'VERSION=$(aws secretsmanager put-secret-value': 'a whole deployment more, for one value',
  'openssl pkcs12 -legacy -in pass.p12': 'another way to the same files',
  'jq -n --slurpfile account service-account.json': 'a service account of Google',
  'openssl req -new -newkey rsa:2048 -nodes -keyout samsung.key': 'an account at Samsung',
  'jq -n --rawfile privateKey samsung.key': 'an account at Samsung',
  'npx cdk deploy --app "node infra/edge.ts" -c stage=prod -c ratePerAddress':
    'the first deployment of the firewall, with other numbers',
  'aws lambda list-event-source-mappings': 'stops the system',
  'aws dynamodb restore-table-to-point-in-time': 'a restore, which the page itself calls untried',
  'aws lambda invoke --function-name philia-prod-setup --cli-binary-format raw-in-base64-out --cli-read-timeout':
    'follows a restore',
  'PAGE=https://philia-prod': 'a browser, and the page that is Cognito’s',
  'for table in LEDGER_TABLE': 'ends it all',
};

const page = readPage();
const unread = new Set(page);

/** The block of the page that begins so, with what a reader would put in the place of the examples. */
function block(begins: string, values: Readonly<Record<string, string>> = {}): string {
  const [found, ...more] = [...unread].filter(({ script }) => script.startsWith(begins));
  if (!found || more.length > 0)
    throw new Error(`The page has ${more.length + (found ? 1 : 0)} blocks "${begins}".`);
  unread.delete(found);
  return Object.entries(values).reduce((script, [example, value]) => {
    if (!script.includes(example)) throw new Error(`"${example}" is not in the block "${begins}".`);
    return script.replaceAll(example, value);
  }, found.script);
}

let aws: Emulator;
let front: Front;
let keys: Readonly<Record<'web' | 'store' | 'app' | 'ops', string>>;
let files: string;

async function call(method: string, path: string, body?: object, key?: keyof typeof keys, more: object = {}) {
  const response = await fetch(front.url + path, {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(key && { authorization: `Bearer ${keys[key]}` }),
      ...more,
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text.startsWith('{') ? JSON.parse(text) : text };
}

/** Asks until what is asked for is so: events take their time. */
async function until<T>(what: string, ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  let answer = await ask();
  for (const end = Date.now() + 90_000; !holds(answer); answer = await ask()) {
    if (Date.now() > end) throw new Error(`${what} did not come about: ${JSON.stringify(answer)}`);
    await sleep(200);
  }
  return answer;
}

const output = (stack: string, name: string) =>
  aws
    .must(
      `aws cloudformation describe-stacks --stack-name ${stack} --output text ` +
        `--query "Stacks[0].Outputs[?OutputKey=='${name}'].OutputValue" ${stack.endsWith('firewall') ? '--region us-east-1' : ''}`,
    )
    .then((text) => text.trim());

beforeAll(async () => {
  aws = await startEmulator();
  files = await mkdtemp(join(tmpdir(), 'philia-apple-'));
}, 60_000);
afterAll(async () => {
  front?.close();
  await aws?.stop();
  if (files) await rm(files, { recursive: true, force: true });
});

describe('what the emulator does not know', () => {
  it.each(leftOut)('$what: $why', async ({ alone }) => {
    const template = JSON.stringify({ Resources: { Alone: alone } });
    const { code, stdout, stderr } = await aws.run(
      'aws cloudformation create-stack --stack-name alone --template-body "$TEMPLATE" --on-failure DELETE' +
        ' && aws cloudformation wait stack-create-complete --stack-name alone',
      { TEMPLATE: template },
    );
    expect({ code, said: stdout + stderr }).toMatchObject({ code: expect.toSatisfy((one) => one !== 0) });
    await aws.run('aws cloudformation delete-stack --stack-name alone');
  });
});

describe('the page', () => {
  it('deploys the firewall and the five stacks', async () => {
    const [bootstrap = '', firewall = '', ...rest] = block('npm ci')
      .replaceAll('111111111111', account)
      .split(/\n(?=npx)/)
      .slice(1);
    await aws.must(bootstrap);
    await aws.must(firewall);
    const webAcl = await output('philia-prod-firewall', 'WebAcl');
    expect(webAcl).toMatch(/^arn:aws:wafv2:us-east-1:/);
    await aws.must(rest.join('\n').replace('ARN', webAcl));
    const stacks = await aws.must(
      `aws cloudformation list-stacks --stack-status-filter CREATE_COMPLETE --query 'StackSummaries[].StackName' --output text`,
    );
    expect(stacks.split(/\s+/)).toEqual(
      expect.arrayContaining(
        ['', '-front', '-events', '-api', '-alarms'].map((name) => `philia-prod${name}`),
      ),
    );
  });

  it('the distribution says its secret to the API, whose own address refuses everybody else', async () => {
    const secret = await aws.must(
      'aws secretsmanager get-secret-value --secret-id philia-prod/origin --query SecretString --output text',
    );
    const distribution = await aws.must(
      'aws cloudfront get-distribution-config --id $(aws cloudfront list-distributions --query "DistributionList.Items[0].Id" --output text)',
    );
    // As JSON has it: the emulator's secrets have punctuation, though the template says that they have none.
    expect(distribution).toContain(JSON.stringify(secret.trim()));
    const api = await aws.must(`aws apigatewayv2 get-apis --query 'Items[0].ApiId' --output text`);
    const endpoint = (await aws.must('echo $AWS_ENDPOINT_URL')).trim();
    const host = `${api.trim()}.execute-api.localhost`;
    const stranger = await startFront(endpoint, host, {});
    expect((await fetch(`${stranger.url}/v1/brand`)).status).toBe(403);
    stranger.close();
    front = await startFront(endpoint, host, { 'x-philia-origin': secret.trim() });
  });

  it('puts a certificate for Apple in place, and asks whether it fits', async () => {
    const made = await issueCertificates();
    await aws.must(block('openssl req -new -newkey rsa:2048 -nodes -keyout pass.key'));
    // What Apple does with the request and answers.
    await Promise.all([
      writeFile(join(files, 'pass.pem'), made.passCertificate),
      writeFile(join(files, 'wwdr.pem'), made.wwdr),
      writeFile(join(files, 'pass.key'), made.passKey),
    ]);
    await aws.must(
      `openssl x509 -in ${files}/pass.pem -outform der -out pass.cer; cp ${files}/pass.key pass.key
       openssl x509 -in ${files}/wwdr.pem -outform der -out AppleWWDRCAG4.cer`,
    );
    expect(await aws.must(block('openssl x509 -inform der -in pass.cer'))).toContain('pass.pem: OK');
    await aws.must(
      block('jq -n --rawfile certificate pass.pem', {
        'pass.com.example.loyalty': PASS_TYPE_IDENTIFIER,
        A1B2C3D4E5: TEAM_IDENTIFIER,
      }),
    );
    const answer = await aws.must(block('aws lambda invoke --function-name philia-prod-certificates'));
    expect(answer).toMatch(/\{"daysLeft": ?[1-9]\d+\}/);
  });

  it('puts the programme in force and makes the keys', async () => {
    const answer = await aws.must(block('jq -n --slurpfile program program.json'));
    expect(answer).toContain('"version": 1');
    const made = JSON.parse(await aws.must('cat answer.json'));
    keys = made.keys;
    expect(Object.keys(keys)).toEqual(['web', 'store', 'app', 'ops']);
  });

  it('asks for e-mail', async () => {
    await aws.must(block('aws sesv2 create-email-identity').split('\n').slice(0, 1).join('\n'));
  });

  it('makes the first card and the first purchase', async () => {
    const joined = await aws.must(block('BASE=', { 'https://card.example.com': front.url }));
    expect(JSON.parse(joined).cardUrl).toMatch(/^https:\/\/.*\.cloudfront\.net\/card\//);
    const sold = await aws.run(block('curl -s $BASE/v1/purchases'), { BASE: front.url, WEB_KEY: keys.web });
    expect(sold.stdout).toContain('"purchaseId":"web:INV-1"');
    const posted = await until(
      'the first purchase',
      () => call('GET', '/v1/purchases/web:INV-1', undefined, 'web'),
      ({ status }) => status === 200,
    );
    expect(posted.body).toMatchObject({ status: 'posted' });
  });

  it('lists dead letters and sends them again', async () => {
    const answers = await aws.must(block('curl -s "$BASE/v1/exceptions?type=dead_letter"'), {
      BASE: front.url,
      OPS_KEY: keys.ops,
    });
    expect(answers).toMatch(/"items":\[\].*"redriven":0,"left":0/s);
  });

  it('invites an operator', async () => {
    const pool = await output('philia-prod', 'OperatorPool');
    // The emulator makes up a password that the pool's own rules refuse.
    const script = block('aws cognito-idp admin-create-user', { POOL: pool });
    await aws.must(script.replace('\n', " --temporary-password 'Temporary-1-word'\n"));
  });

  it('lets her sign in by the command line, and the API takes her access token', async () => {
    const pool = await output('philia-prod', 'OperatorPool');
    const client = await output('philia-prod-api', 'OperatorClient');
    // By the page she would choose it herself.
    const password = 'Permanent-1-word';
    const set = `aws cognito-idp admin-set-user-password --user-pool-id ${pool} --username ada --permanent`;
    await aws.must(`${set} --password ${password}`);
    const script = block('aws cognito-idp admin-initiate-auth', { POOL: pool, OPERATOR_CLIENT: client });
    // The emulator asks for no second factor.
    const said = await aws.must(`${script}\ncat auth.json`, { PASSWORD: password });
    const { AccessToken, IdToken } = JSON.parse(said).AuthenticationResult;
    const ask = (token: string) =>
      call('GET', '/v1/audit', undefined, undefined, { authorization: `Bearer ${token}` });
    expect((await ask(AccessToken)).status).toBe(200);
    expect((await ask(IdToken)).body.code).toBe('invalid_token');
    expect((await ask(`${AccessToken.slice(0, -8)}AAAAAAAA`)).body.code).toBe('invalid_token');
  });
});

const shopifyOrder = shopify.find(({ name }) => name === 'an order of two lines, tax inside')
  ?.body as unknown as {
  id: number;
};

describe('what was deployed', () => {
  const at = () => new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const purchase = (id: string, email: string, amountMinor: number) => ({
    id,
    occurredAt: at(),
    currency: 'EUR',
    member: { email },
    lines: [{ id: '1', sku: 'ESP-250', quantity: 1, amountMinor }],
    totalMinor: amountMinor,
  });

  /** Of the programme as it ships, which gives a point a euro. */
  const welcome = 50;

  async function enrol(email: string): Promise<string> {
    const { status, body } = await call('POST', '/v1/members', { email }, 'store');
    expect(status).toBe(201);
    return body.memberId;
  }

  interface Balance {
    readonly available: number;
    readonly pending: number;
  }

  const balanceOf = (memberId: string): Promise<Balance> =>
    call('GET', `/v1/members/${memberId}`, undefined, 'ops').then(({ body }) => body.balance);

  it('takes a burst of sixteen callers with repeats, and every balance is exact', async () => {
    const people = Array.from({ length: 8 }, (_, index) => `burst${index}@example.com`);
    const members = await Promise.all(people.map(enrol));
    const sales = Array.from({ length: 200 }, (_, index) =>
      purchase(`B-${index}`, people[index % 8] ?? '', 1_000 + 100 * (index % 3)),
    );
    // Every third is sent twice, as a till does that heard no answer.
    const posts = sales.flatMap((sale, index) => (index % 3 === 0 ? [sale, sale] : [sale]));
    const answers: number[] = [];
    let next = 0;
    // 503 says that the outcome is unknown: a till sends the same again.
    const post = async (sale: object): Promise<number> => {
      for (let tries = 1; ; tries++) {
        const { status } = await call('POST', '/v1/purchases', sale, 'store');
        if (status !== 503 || tries === 20) return status;
        await sleep(1_000);
      }
    };
    const caller = async () => {
      for (let sale = posts[next++]; sale; sale = posts[next++]) answers.push(await post(sale));
    };
    await Promise.all(Array.from({ length: 16 }, caller));
    expect(answers).toHaveLength(267);
    expect(new Set(answers)).toEqual(new Set([202]));
    for (const [index, memberId] of members.entries()) {
      const own = sales.filter((_, sale) => sale % 8 === index);
      const points = own.reduce((sum, { totalMinor }) => sum + Math.floor(totalMinor / 100), welcome);
      const all = ({ available, pending }: Balance) => available + pending;
      const reached = await until(
        `${points} points`,
        () => balanceOf(memberId),
        (one) => all(one) >= points,
      );
      expect(all(reached)).toBe(points);
    }
  });

  it('hears a shop that it was connected to, by what the shop signs with', async () => {
    const memberId = await enrol('shop@example.com');
    const channel = { kind: 'web', name: 'Webshop', adapter: 'shopify', secrets: ['signs with this'] };
    const settings = { shop: 'maison.myshopify.com' };
    const once = { 'idempotency-key': 'connects-the-shop' };
    const put = await call('PUT', '/v1/channels/webshop', { ...channel, settings }, 'ops', once);
    expect([put.status, put.body]).toMatchObject([200, { secretCount: 1 }]);
    const order = {
      ...shopifyOrder,
      email: 'shop@example.com',
      customer: { id: 1, email: 'shop@example.com' },
      processed_at: at(),
    };
    const signature = (secret: string) => ({
      'x-shopify-topic': 'orders/paid',
      'x-shopify-api-version': '2026-10',
      'x-shopify-hmac-sha256': createHmac('sha256', secret).update(JSON.stringify(order)).digest('base64'),
    });
    const deliver = (secret: string) =>
      call('POST', '/v1/channels/webshop/deliveries', order, undefined, signature(secret));
    expect((await deliver('something else')).status).toBe(401);
    expect(await deliver('signs with this')).toMatchObject({ status: 200, body: { accepted: 1 } });
    await until(
      'the order',
      () => balanceOf(memberId),
      ({ pending }) => pending > 0,
    );
    const state = await call('GET', `/v1/purchases/webshop:${order.id}`, undefined, 'ops');
    expect(state.body).toMatchObject({ memberId, status: 'posted', totalMinor: 3230 });
  });

  it('takes points back, spends them and gives them back', async () => {
    const memberId = await enrol('road@example.com');
    await call('POST', '/v1/purchases', purchase('R-1', 'road@example.com', 30_000), 'store');
    await until(
      'the purchase',
      () => balanceOf(memberId),
      ({ available }) => available === welcome + 300,
    );
    const spent = await call(
      'POST',
      '/v1/redemptions',
      { member: { memberId }, rewardId: 'five-euros', mode: 'capture' },
      'store',
      {
        'idempotency-key': 'spend-1',
      },
    );
    expect(spent).toMatchObject({ status: 201, body: { status: 'captured', points: 100 } });
    const refund = {
      id: 'RR-1',
      purchaseId: 'R-1',
      occurredAt: at(),
      currency: 'EUR',
      lines: [{ lineId: '1', amountMinor: 10_000 }],
    };
    expect((await call('POST', '/v1/refunds', refund, 'store')).status).toBe(202);
    await until(
      'the refund',
      () => balanceOf(memberId),
      ({ available }) => available === welcome + 100,
    );
    const undone = await call('POST', `/v1/redemptions/${spent.body.redemptionId}/cancel`, {}, 'store', {
      'idempotency-key': 'undo-1',
    });
    expect(undone).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await balanceOf(memberId)).toMatchObject({ available: welcome + 200, held: 0 });
  });

  it('hands out an Apple card', async () => {
    const { body } = await call('POST', '/v1/members', { email: 'apple@example.com' }, 'store');
    const token = String(body.cardUrl).split('/').at(-1);
    const pass = await fetch(`${front.url}/v1/cards/${token}/apple`);
    expect([pass.status, pass.headers.get('content-type')]).toEqual([200, 'application/vnd.apple.pkpass']);
    expect([...new Uint8Array(await pass.arrayBuffer()).slice(0, 2)]).toEqual([0x50, 0x4b]);
  });

  it('a night goes through', async () => {
    await aws.must('aws lambda invoke --function-name philia-prod-night night.json && cat night.json');
  });

  it('exports and forgets somebody, by the words of the page', async () => {
    const memberId = await enrol('gone@example.com');
    const script = block('curl -s $BASE/v1/members/mem_…/export', { 'mem_…': memberId });
    const environment = { BASE: front.url, OPS_KEY: keys.ops };
    const [first = '', , csv = '', ...erase] = script.split('\n');
    expect(await aws.must(first, environment)).toContain('gone@example.com');
    await aws.must(csv, environment);
    await aws.must(erase.join('\n'), environment);
    expect((await call('GET', `/v1/members/${memberId}`, undefined, 'ops')).status).toBe(404);
  });

  it('verifies', async () => {
    const { code, stdout, stderr } = await aws.run('npx philia verify', {
      PHILIA_URL: front.url,
      PHILIA_KEY: keys.ops,
    });
    expect({ code, stdout, stderr }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^differences +0$/m),
    });
  });
});

describe('the page, in the end', () => {
  it('has no other command than those that were run, or that say why they were not', () => {
    const left = [...unread].filter(
      ({ script }: Block) => !Object.keys(notRun).some((begins) => script.startsWith(begins)),
    );
    expect(left).toEqual([]);
    for (const begins of Object.keys(notRun))
      expect(
        page.filter(({ script }) => script.startsWith(begins)),
        begins,
      ).toHaveLength(1);
  });
});
