/**
 * The web firewall before the distribution: a stack of its own, since CloudFront takes one from us-east-1 only, wherever
 * the rest is. `npx cdk deploy --app "node infra/edge.ts"` deploys it; the rest is given its ARN.
 */
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { CfnIPSet, CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Problem } from '../core/contract/errors.ts';
import { addressList, wholeNumber } from './context.ts';
import { checkWithNag } from './nag.ts';
import { parseStage, type Stage } from './stage.ts';

export interface FirewallProps {
  readonly stage: Stage;
  /** Requests of one address in five minutes; more are told to wait. */
  readonly perAddress: number;
  /** Networks that may send as many as they like: servers of one's own, which speak for all of their visitors. */
  readonly unlimited: readonly string[];
}

/** Seconds in which requests are counted. */
const windowSeconds = 300;

/** A till sends some requests for each customer, and the tills of a large shop share one address. */
const perAddressDefault = 2_000;

/**
 * What AWS keeps current, with the rules that are only counted: a body may have 256 KiB and its schema says what is in
 * it, and the programs of tills need not say what they are.
 */
const managed: readonly { readonly name: string; readonly counted?: readonly string[] }[] = [
  { name: 'AWSManagedRulesAmazonIpReputationList' },
  { name: 'AWSManagedRulesKnownBadInputsRuleSet' },
  { name: 'AWSManagedRulesCommonRuleSet', counted: ['SizeRestrictions_BODY', 'NoUserAgent_HEADER'] },
];

/** A sample would keep whole paths, which hold card tokens, beside the addresses of who came. */
const visible = (metricName: string) => ({
  metricName,
  cloudWatchMetricsEnabled: true,
  sampledRequestsEnabled: false,
});

export class FirewallStack extends Stack {
  constructor(scope: App, { stage, perAddress, unlimited }: FirewallProps) {
    super(scope, `philia-${stage}-firewall`, {
      description: 'Philia: the web firewall before its distribution.',
      env: { region: 'us-east-1' },
    });
    const acl = new CfnWebACL(this, 'Firewall', {
      name: this.stackName,
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: visible(this.stackName),
      customResponseBodies: { wait: { contentType: 'APPLICATION_JSON', content: waitBody() } },
      rules: [this.rateRule(perAddress, unlimited), ...managed.map(managedRule)],
    });
    new CfnOutput(this, 'WebAcl', { value: acl.attrArn });
  }

  private rateRule(limit: number, unlimited: readonly string[]): CfnWebACL.RuleProperty {
    const known = this.known(unlimited);
    const [first] = known;
    const any = known.length > 1 ? { orStatement: { statements: known } } : first;
    return {
      name: 'per-address',
      priority: 0,
      statement: {
        rateBasedStatement: {
          aggregateKeyType: 'IP',
          limit,
          evaluationWindowSec: windowSeconds,
          ...(any && { scopeDownStatement: { notStatement: { statement: any } } }),
        },
      },
      action: {
        block: {
          customResponse: {
            responseCode: new Problem('too_many_requests').status,
            customResponseBodyKey: 'wait',
            responseHeaders: [{ name: 'retry-after', value: String(windowSeconds) }],
          },
        },
      },
      visibilityConfig: visible('per-address'),
    };
  }

  /** A set holds addresses of one kind. */
  private known(unlimited: readonly string[]): CfnWebACL.StatementProperty[] {
    const kinds = {
      IPV4: unlimited.filter((one) => !one.includes(':')),
      IPV6: unlimited.filter((one) => one.includes(':')),
    };
    return Object.entries(kinds)
      .filter(([, addresses]) => addresses.length > 0)
      .map(([ipAddressVersion, addresses]) => {
        const set = new CfnIPSet(this, `Unlimited${ipAddressVersion}`, {
          scope: 'CLOUDFRONT',
          ipAddressVersion,
          addresses,
        });
        return { ipSetReferenceStatement: { arn: set.attrArn } };
      });
  }
}

/** What a problem says, less what only one request has. */
function waitBody(): string {
  const detail = `More requests came from this address in ${windowSeconds} seconds than one address may send.`;
  return JSON.stringify(new Problem('too_many_requests', detail).body('firewall'));
}

function managedRule(
  { name, counted = [] }: (typeof managed)[number],
  index: number,
): CfnWebACL.RuleProperty {
  return {
    name,
    priority: index + 1,
    overrideAction: { none: {} },
    statement: {
      managedRuleGroupStatement: {
        vendorName: 'AWS',
        name,
        ruleActionOverrides: counted.map((rule) => ({ name: rule, actionToUse: { count: {} } })),
      },
    },
    visibilityConfig: visible(name),
  };
}

/**
 * The app of the firewall alone; its settings are `-c stage`, `-c ratePerAddress` and `-c unlimited`.
 * @throws Error when one of them is none
 */
export function makeFirewall(
  options: { readonly outdir?: string; readonly context?: Record<string, unknown> } = {},
): App {
  const app = new App({ ...options, analyticsReporting: false });
  new FirewallStack(app, {
    stage: parseStage(app.node.tryGetContext('stage')),
    perAddress: wholeNumber(app, 'ratePerAddress') ?? perAddressDefault,
    unlimited: addressList(app, 'unlimited'),
  });
  checkWithNag(app);
  return app;
}
