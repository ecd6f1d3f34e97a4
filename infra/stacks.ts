/**
 * The stacks: they only compose. CloudFormation takes 500 resources a stack; each of these stays below 300.
 *
 * What must never be replaced is in the first, whose name is the system's. The others hold nothing that cannot be made
 * again: what the world sees, what events do, what requests do, and what wakes somebody up. They know each other's queues
 * and functions by name; what has no name of its own goes by CloudFormation's exports.
 *
 * Construct ids are a contract, since a changed one replaces its resource.
 */
import { join } from 'node:path';
import {
  type App,
  CfnCondition,
  CfnOutput,
  CfnParameter,
  Fn,
  SecretValue,
  Stack,
  type StackProps,
} from 'aws-cdk-lib';
import { busRules } from '../core/contract/events.ts';
import { httpFunctions, type OtherFunction, otherFunctions } from '../core/contract/functions.ts';
import { walksQueue } from '../core/contract/queues.ts';
import { Alarms } from './alarms.ts';
import { Api } from './api.ts';
import { Bus, Rules } from './bus.ts';
import type { Concurrency } from './concurrency.ts';
import { Erasures } from './erasures.ts';
import { Functions } from './functions.ts';
import { systemName } from './names.ts';
import { Operators, SignIn } from './operators.ts';
import { queueNamed } from './queues.ts';
import { Secrets } from './secrets.ts';
import { type CustomDomain, Site } from './site.ts';
import type { Stage } from './stage.ts';
import { Table, type Warm } from './table.ts';
import { Triggers } from './triggers.ts';
import { Walks } from './walks.ts';

interface CommonProps {
  readonly stage: Stage;
  /** The folder that `tools/build.ts` wrote: `functions/<name>` and `site`. */
  readonly build: string;
}

function described(does: string): StackProps {
  return { description: `Philia, a serverless loyalty backend: ${does}.` };
}

/** What outlives everything else: tables, bus, secrets, operators. */
export class DataStack extends Stack {
  readonly table: Table['table'];
  readonly erasures: Erasures['table'];
  readonly bus: Bus['bus'];
  readonly secrets: Secrets['secrets'];
  readonly operators: Operators['pool'];

  constructor(app: App, stage: Stage, warm: Warm = {}) {
    super(app, systemName(stage), described('what must never be replaced'));
    this.table = new Table(this, 'Table', stage, warm).table;
    this.erasures = new Erasures(this, 'Erasures', stage).table;
    this.bus = new Bus(this, 'Bus').bus;
    this.secrets = new Secrets(this, 'Wallets', stage).secrets;
    this.operators = new Operators(this, 'Operators', stage).pool;
    new CfnOutput(this, 'LedgerTable', { value: this.table.tableName });
    new CfnOutput(this, 'ErasuresTable', { value: this.erasures.tableName });
    new CfnOutput(this, 'OperatorPool', { value: this.operators.userPoolId });
  }
}

export interface FrontProps extends CommonProps {
  readonly data: DataStack;
  readonly custom?: CustomDomain;
  /** The web firewall before the distribution (firewall.ts). */
  readonly webAcl?: string;
  /** The version of the secret `origin` that CloudFront is to say; the newest when it is left out. */
  readonly originVersion?: string;
}

/** The public address: the distribution, the pages and the API behind it. */
export class FrontStack extends Stack {
  readonly api: Site['api'];
  /** Its address, without a trailing slash. */
  readonly url: string;

  constructor(app: App, { stage, build, data, custom, webAcl, originVersion }: FrontProps) {
    super(app, `${systemName(stage)}-front`, described('its public address'));
    const site = new Site(this, 'Site', {
      files: join(build, 'site'),
      origin: SecretValue.secretsManager(
        data.secrets.origin.secretArn,
        originVersion === undefined ? {} : { versionId: originVersion },
      ),
      ...(custom ? { custom } : {}),
      ...(webAcl === undefined ? {} : { webAcl }),
    });
    this.api = site.api;
    this.url = site.url;
    new CfnOutput(this, 'Url', { value: this.url });
    new CfnOutput(this, 'DistributionDomain', { value: site.distribution.distributionDomainName });
  }
}

export interface WorkProps extends CommonProps {
  readonly data: DataStack;
  readonly front: FrontStack;
  readonly concurrency: Concurrency;
}

/** Functions, and the address that they tell people and phones. */
abstract class WorkStack extends Stack {
  protected readonly publicUrl: string;

  constructor(app: App, id: string, { front }: WorkProps, props: StackProps) {
    super(app, id, props);
    const parameter = new CfnParameter(this, 'PublicUrl', {
      default: '',
      description:
        "The address that people and phones use, without a trailing slash; else the distribution's.",
      allowedPattern: '^(https?://[^/]+)?$',
    });
    const given = new CfnCondition(this, 'PublicUrlGiven', {
      expression: Fn.conditionNot(Fn.conditionEquals(parameter.valueAsString, '')),
    });
    this.publicUrl = Fn.conditionIf(given.logicalId, parameter.valueAsString, front.url).toString();
  }
}

/** Whatever happens without anybody waiting for an answer. */
export class EventsStack extends WorkStack {
  readonly deadLetters: readonly string[];

  constructor(app: App, props: WorkProps) {
    const { stage, build, data, concurrency } = props;
    super(app, `${systemName(stage)}-events`, props, described('what events and schedules do'));
    const mailFrom = new CfnParameter(this, 'MailFrom', {
      default: 'loyalty@example.com',
      description: 'The sender of e-mail; an identity that SES has verified.',
    });
    const { table, erasures, bus, secrets } = data;
    const rules = new Rules(this, 'Rules', bus);
    const walks = new Walks(this, 'Walks');
    const functions = new Functions(this, 'Functions', {
      names: Object.keys(otherFunctions) as OtherFunction[],
      stage,
      bundles: join(build, 'functions'),
      publicUrl: this.publicUrl,
      concurrency,
      on: {
        table,
        erasures,
        bus,
        secrets,
        queues: [...rules.queues, { name: walksQueue, queue: walks.queue }],
        mailFrom: mailFrom.valueAsString,
      },
    }).byName;
    const triggers = new Triggers(this, 'Triggers', {
      functions,
      queues: rules.queues,
      walks: walks.queue,
      deadLetters: [...rules.deadLetters, walks.deadLetters],
      table,
      concurrency,
    });
    this.deadLetters = triggers.deadLetters.map(({ name }) => name);
  }
}

/** Whatever somebody waits for. */
export class ApiStack extends WorkStack {
  constructor(app: App, props: WorkProps) {
    const { stage, build, data, front, concurrency } = props;
    super(app, `${systemName(stage)}-api`, props, described('what requests do'));
    const { table, erasures, bus, secrets } = data;
    // A client can be made anew, so that it is no other stack's to know.
    const signIn = new SignIn(this, 'SignIn', data.operators, stage);
    new CfnOutput(this, 'OperatorClient', { value: signIn.clientId });
    new CfnOutput(this, 'SignInPage', { value: signIn.page });
    const functions = new Functions(this, 'Functions', {
      names: httpFunctions,
      stage,
      bundles: join(build, 'functions'),
      publicUrl: this.publicUrl,
      concurrency,
      on: {
        table,
        erasures,
        bus,
        secrets,
        signIn,
        queues: [...busRules().map(({ name }) => name), walksQueue].map((name) => ({
          name,
          queue: queueNamed(this, name),
        })),
      },
    }).byName;
    new Api(this, 'Api', { api: front.api, functions, stage });
  }
}

export interface AlarmsStackProps {
  readonly stage: Stage;
  readonly data: DataStack;
  readonly front: FrontStack;
  readonly events: EventsStack;
}

/** What wakes somebody up. */
export class AlarmsStack extends Stack {
  constructor(app: App, { stage, data, front, events }: AlarmsStackProps) {
    super(app, `${systemName(stage)}-alarms`, described('what wakes somebody up'));
    const email = new CfnParameter(this, 'AlarmEmail', {
      default: '',
      description: 'Who is told of alarms; nobody when empty.',
    });
    new Alarms(this, 'Alarms', {
      email: email.valueAsString,
      deadLetters: events.deadLetters,
      queues: busRules(),
      table: data.table,
      api: front.api,
    });
  }
}
