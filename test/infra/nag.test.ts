/** What is accepted of cdk-nag and of CDK's own warnings is there to be accepted: nothing stands for a finding of before. */
import { type App, CfnResource } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { expect, it, vi } from 'vitest';
import { stubApp } from './template.ts';

interface Accepted {
  readonly path: string;
  readonly id: string;
}

const { accepted } = vi.hoisted(() => ({ accepted: [] as Accepted[] }));
vi.mock('../../infra/nag.ts', () => ({
  accept: (on: IConstruct, id: string) => accepted.push({ path: on.node.path, id }),
  checkWithNag: () => undefined,
}));

/** Every finding that there would be, with nothing accepted. */
function findings(app: App): Accepted[] {
  app.synth();
  const nag = [new AwsSolutionsChecks(app), new ServerlessChecks(app)].flatMap((pack) =>
    pack
      .validateScope(app)
      .violations.flatMap(({ ruleName, violatingResources }) =>
        violatingResources.map(({ constructPath = '' }) => ({ path: constructPath, id: ruleName })),
      ),
  );
  const warnings = app.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata
        .filter(({ type }) => type === 'aws:cdk:warning')
        .map(({ data }) => ({ path: node.path, id: /\[ack: ([^\]]+)\]/.exec(String(data))?.[1] ?? '' })),
    );
  return [...nag, ...warnings];
}

/** Whether an acknowledgement is of a construct or of one around it. */
function covers({ path, id }: Accepted, finding: Accepted): boolean {
  return id === finding.id && (finding.path === path || finding.path.startsWith(`${path}/`));
}

/** Those that accept nothing: for each finding the nearest counts. */
function idle(app: App): string[] {
  const used = new Set<Accepted>();
  for (const finding of findings(app)) {
    const [nearest] = accepted
      .filter((one) => covers(one, finding))
      .toSorted((a, b) => b.path.length - a.path.length);
    if (nearest) used.add(nearest);
  }
  return accepted.filter((one) => !used.has(one)).map(({ path, id }) => `${path} ${id}`);
}

const domain = 'card.example.com';
const webAcl = 'arn:aws:wafv2:us-east-1:111111111111:global/webacl/philia-prod-firewall/0000';
const certificate = 'arn:aws:acm:us-east-1:111111111111:certificate/0000';

it.each<[string, Record<string, string>]>([
  ['dev', {}],
  ['prod', { stage: 'prod', webAcl }],
  ['prod without a web firewall', { stage: 'prod', webAcl: 'none' }],
  ["prod with a domain of one's own", { stage: 'prod', domain, certificate, webAcl }],
])('in %s every acknowledgement accepts a finding', (_stage, context) => {
  accepted.length = 0;
  const app = stubApp(context);
  expect(accepted.length).toBeGreaterThan(0);
  expect(app.node.findAll().some((one) => CfnResource.isCfnResource(one))).toBe(true);
  expect(idle(app)).toEqual([]);
});
