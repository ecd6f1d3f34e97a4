/** The stack: it only composes. Construct ids are a contract, since a changed one replaces its resource. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, CfnCondition, CfnOutput, CfnParameter, Fn, SecretValue, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { walksQueue } from '../core/contract/queues.ts';
import { Alarms } from './alarms.ts';
import { Api } from './api.ts';
import { Bus } from './bus.ts';
import { accountDefault, concurrencyOf } from './concurrency.ts';
import { webAclOf, wholeNumber } from './context.ts';
import { Erasures } from './erasures.ts';
import { Functions } from './functions.ts';
import { checkWithNag } from './nag.ts';
import { Operators } from './operators.ts';
import { Secrets } from './secrets.ts';
import { type CustomDomain, Site } from './site.ts';
import { parseStage, type Stage } from './stage.ts';
import { Table, type Warm } from './table.ts';
import { Triggers } from './triggers.ts';
import { Walks } from './walks.ts';

export interface PhiliaProps {
  readonly stage: Stage;
  /** The folder that `tools/build.ts` wrote: `functions/<name>` and `site`. */
  readonly build: string;
  readonly custom?: CustomDomain;
  /** The web firewall before the distribution (firewall.ts). */
  readonly webAcl?: string;
  readonly warm?: Warm;
  /** The version of the secret `origin` that CloudFront is to say; the newest when it is left out. */
  readonly originVersion?: string;
  /** How many copies of all functions the account may run at the same time. */
  readonly accountConcurrency?: number;
}

export class PhiliaStack extends Stack {
  constructor(scope: Construct, props: PhiliaProps) {
    super(scope, `philia-${props.stage}`, { description: 'Philia, a serverless loyalty backend.' });
    const { stage, build, custom, webAcl, warm, originVersion, accountConcurrency = accountDefault } = props;
    const concurrency = concurrencyOf(accountConcurrency);
    const { publicUrl, mailFrom, alarmEmail } = this.parameters();
    const { table } = new Table(this, 'Table', stage, warm);
    const erasures = new Erasures(this, 'Erasures', stage).table;
    const bus = new Bus(this, 'Bus');
    const walks = new Walks(this, 'Walks');
    const { secrets } = new Secrets(this, 'Wallets', stage);
    const api = new Api(this, 'Api');
    const site = new Site(this, 'Site', {
      api: api.api,
      files: join(build, 'site'),
      origin: SecretValue.secretsManager(
        secrets.origin.secretArn,
        originVersion === undefined ? {} : { versionId: originVersion },
      ),
      ...(custom ? { custom } : {}),
      ...(webAcl === undefined ? {} : { webAcl }),
    });
    const url = this.orElse(publicUrl, site.url);
    const functions = new Functions(this, 'Functions', {
      stage,
      bundles: join(build, 'functions'),
      publicUrl: url,
      concurrency,
      on: {
        table,
        erasures,
        bus: bus.bus,
        queues: [...bus.queues, { name: walksQueue, queue: walks.queue }],
        secrets,
        mailFrom: mailFrom.valueAsString,
      },
    }).byName;
    const served = api.serve(functions, stage);
    const triggers = new Triggers(this, 'Triggers', {
      functions,
      queues: bus.queues,
      walks: walks.queue,
      deadLetters: [...bus.deadLetters, walks.deadLetters],
      table,
      concurrency,
    });
    const operators = new Operators(this, 'Operators', stage);
    new Alarms(this, 'Alarms', {
      email: alarmEmail.valueAsString,
      deadLetters: triggers.deadLetters,
      queues: bus.queues,
      walks: walks.queue,
      functions,
      table,
      api: served,
    });
    new CfnOutput(this, 'Url', { value: url });
    new CfnOutput(this, 'DistributionDomain', { value: site.distribution.distributionDomainName });
    new CfnOutput(this, 'LedgerTable', { value: table.tableName });
    new CfnOutput(this, 'ErasuresTable', { value: erasures.tableName });
    new CfnOutput(this, 'OperatorPool', { value: operators.pool.userPoolId });
  }

  private parameters() {
    return {
      publicUrl: new CfnParameter(this, 'PublicUrl', {
        default: '',
        description:
          "The address that people and phones use, without a trailing slash; else the distribution's.",
        allowedPattern: '^(https?://[^/]+)?$',
      }),
      mailFrom: new CfnParameter(this, 'MailFrom', {
        default: 'loyalty@example.com',
        description: 'The sender of e-mail; an identity that SES has verified.',
      }),
      alarmEmail: new CfnParameter(this, 'AlarmEmail', {
        default: '',
        description: 'Who is told of alarms; nobody when empty.',
      }),
    };
  }

  /** The parameter, or this value when it was left empty. */
  private orElse(parameter: CfnParameter, otherwise: string): string {
    const given = new CfnCondition(this, `${parameter.node.id}Given`, {
      expression: Fn.conditionNot(Fn.conditionEquals(parameter.valueAsString, '')),
    });
    return Fn.conditionIf(given.logicalId, parameter.valueAsString, otherwise).toString();
  }
}

/**
 * The app with the settings of `cdk.json`, so that running it directly and running it by the CDK CLI, which
 * adds its `-c` options, give the same template.
 * @throws Error when the stage is unknown, the custom domain is half given, prod is told of no web firewall or nothing
 * was built yet
 */
export function makeApp(options: {
  readonly build: string;
  readonly outdir?: string;
  readonly context?: Readonly<Record<string, unknown>>;
}): App {
  const { build, context, ...rest } = options;
  if (!existsSync(join(build, 'functions')))
    throw new Error(`${build} holds no functions: run \`node tools/build.ts\` first.`);
  const file = join(import.meta.dirname, '..', 'cdk.json');
  const settings = JSON.parse(readFileSync(file, 'utf8')) as { context: Record<string, unknown> };
  const app = new App({ ...rest, analyticsReporting: false, context: { ...settings.context, ...context } });
  const custom = customDomain(app);
  const stage = parseStage(app.node.tryGetContext('stage'));
  const webAcl = webAclOf(app);
  if (stage === 'prod' && app.node.tryGetContext('webAcl') === undefined)
    throw new Error('prod has a web firewall: -c webAcl=<its ARN> (docs/deploy.md), or -c webAcl=none.');
  const reads = wholeNumber(app, 'warmReads');
  const writes = wholeNumber(app, 'warmWrites');
  const accountConcurrency = wholeNumber(app, 'concurrency');
  const originVersion = versionOf(app);
  new PhiliaStack(app, {
    stage,
    build,
    ...(custom ? { custom } : {}),
    ...(webAcl === undefined ? {} : { webAcl }),
    ...(originVersion === undefined ? {} : { originVersion }),
    warm: { ...(reads === undefined ? {} : { reads }), ...(writes === undefined ? {} : { writes }) },
    ...(accountConcurrency === undefined ? {} : { accountConcurrency }),
  });
  checkWithNag(app);
  return app;
}

/** The version of a secret is an id; anything else would fail in the middle of a deployment. */
function versionOf(app: App): string | undefined {
  const given: unknown = app.node.tryGetContext('originVersion');
  if (given === undefined) return undefined;
  if (typeof given !== 'string' || !/^[A-Za-z0-9-]{32,64}$/.test(given))
    throw new Error(`-c originVersion=${String(given)} is no id of a secret's version.`);
  return given;
}

function customDomain(app: App): CustomDomain | undefined {
  const domain: unknown = app.node.tryGetContext('domain');
  const certificateArn: unknown = app.node.tryGetContext('certificate');
  if (domain === undefined && certificateArn === undefined) return undefined;
  if (typeof domain !== 'string' || typeof certificateArn !== 'string')
    throw new Error(
      'A custom domain needs both: -c domain=<host name> -c certificate=<ACM ARN in us-east-1>.',
    );
  return { domain, certificateArn };
}
