/** Scope: the web firewall, and that the distribution stands behind it. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { problemSchema } from '../../core/contract/errors.ts';
import { makeFirewall } from '../../infra/firewall.ts';
import { synthesize, Template } from './template.ts';

const folder = mkdtempSync(join(tmpdir(), 'philia-firewall-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function firewall(context: Record<string, unknown> = {}): Template {
  const [stack] = makeFirewall({ outdir: mkdtempSync(join(folder, 'out-')), context }).synth().stacks;
  if (!stack) throw new Error('Nothing was synthesized.');
  expect(stack.environment.region).toBe('us-east-1');
  return new Template(JSON.parse(readFileSync(stack.templateFullPath, 'utf8')));
}

const aclOf = (template: Template) => template.one('AWS::WAFv2::WebACL').Properties;
type Rule = Record<string, never> & { readonly Name: string; readonly Priority: number };
const ruleOf = (template: Template, name: string) =>
  aclOf(template).Rules.find((one: Rule) => one.Name === name);

describe('the web firewall', () => {
  const template = firewall({ stage: 'prod' });

  it("is CloudFront's, lets in whom no rule stops, and keeps no sample of paths and addresses", () => {
    const acl = aclOf(template);
    expect([acl.Scope, acl.DefaultAction]).toEqual(['CLOUDFRONT', { Allow: {} }]);
    const visible = [acl, ...acl.Rules].map((one) => one.VisibilityConfig.SampledRequestsEnabled);
    expect(visible).toEqual(visible.map(() => false));
    expect(new Set(acl.Rules.map((one: Rule) => one.Priority)).size).toBe(acl.Rules.length);
  });

  it('tells an address that sends too much to wait, in the form of every refusal', () => {
    const rule = ruleOf(template, 'per-address');
    expect(rule.Statement.RateBasedStatement).toEqual({
      AggregateKeyType: 'IP',
      EvaluationWindowSec: 300,
      Limit: 2_000,
    });
    const { CustomResponse } = rule.Action.Block;
    expect(CustomResponse.ResponseCode).toBe(429);
    expect(CustomResponse.ResponseHeaders).toEqual([{ Name: 'retry-after', Value: '300' }]);
    const body = aclOf(template).CustomResponseBodies[CustomResponse.CustomResponseBodyKey];
    expect(problemSchema.parse(JSON.parse(body.Content))).toMatchObject({ code: 'too_many_requests' });
  });

  it("has AWS's rules, and only counts what bodies of 256 KiB and plain programs of tills would break", () => {
    const groups = aclOf(template).Rules.filter((one: Rule) => one.Name !== 'per-address');
    expect(groups.map((one: Rule) => one.Name)).toEqual([
      'AWSManagedRulesAmazonIpReputationList',
      'AWSManagedRulesKnownBadInputsRuleSet',
      'AWSManagedRulesCommonRuleSet',
    ]);
    const counted = ruleOf(template, 'AWSManagedRulesCommonRuleSet').Statement.ManagedRuleGroupStatement;
    expect(counted.RuleActionOverrides).toEqual(
      ['SizeRestrictions_BODY', 'NoUserAgent_HEADER'].map((Name) => ({ Name, ActionToUse: { Count: {} } })),
    );
  });

  it("takes another limit, and leaves servers of one's own out of it", () => {
    const other = firewall({ ratePerAddress: '500', unlimited: '203.0.113.0/24,2001:db8::/32' });
    const { Limit, ScopeDownStatement } = ruleOf(other, 'per-address').Statement.RateBasedStatement;
    expect(Limit).toBe(500);
    const sets = ScopeDownStatement.NotStatement.Statement.OrStatement.Statements.map(
      (one: { IPSetReferenceStatement: { Arn: object } }) =>
        other.target(one.IPSetReferenceStatement.Arn).Properties.Addresses,
    );
    expect(sets).toEqual([['203.0.113.0/24'], ['2001:db8::/32']]);
    const one = ruleOf(firewall({ unlimited: '203.0.113.7/32' }), 'per-address').Statement.RateBasedStatement;
    expect(one.ScopeDownStatement.NotStatement.Statement.IPSetReferenceStatement).toBeDefined();
  });

  it.each(['203.0.113.7', 'till/24', '203.0.113.0/33', '203.0.113.0/24/1', ''])(
    '"%s" is no network',
    (one) => {
      expect(() => firewall({ unlimited: one })).toThrow('is no network');
    },
  );
});

describe('the distribution', () => {
  const webAcl = 'arn:aws:wafv2:us-east-1:111111111111:global/webacl/philia-prod-firewall/0000';
  const domain = 'card.example.com';
  const certificate = 'arn:aws:acm:us-east-1:111111111111:certificate/0000';

  it.each<[string, Record<string, string>, string | undefined]>([
    ['a trial', {}, undefined],
    ['prod', { stage: 'prod', webAcl }, webAcl],
    ["prod with a domain of one's own", { stage: 'prod', webAcl, domain, certificate }, webAcl],
    ['prod that is told to go without', { stage: 'prod', webAcl: 'none' }, undefined],
  ])('of %s stands behind what it was told', (_which, context, expected) => {
    const { DistributionConfig } = synthesize(context).one('AWS::CloudFront::Distribution').Properties;
    expect(DistributionConfig.WebACLId).toBe(expected);
  });
});
