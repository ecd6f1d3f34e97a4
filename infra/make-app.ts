/** The app: its settings, and the stacks that follow from them. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { accountDefault, concurrencyOf } from './concurrency.ts';
import { webAclOf, wholeNumber } from './context.ts';
import { checkWithNag } from './nag.ts';
import type { CustomDomain } from './site.ts';
import { AlarmsStack, ApiStack, DataStack, EventsStack, FrontStack } from './stacks.ts';
import { parseStage } from './stage.ts';

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
  const originVersion = versionOf(app);
  const concurrency = concurrencyOf(wholeNumber(app, 'concurrency') ?? accountDefault);
  const common = { stage, build };
  const data = new DataStack(app, stage, {
    ...(reads === undefined ? {} : { reads }),
    ...(writes === undefined ? {} : { writes }),
  });
  const front = new FrontStack(app, {
    ...common,
    data,
    ...(custom ? { custom } : {}),
    ...(webAcl === undefined ? {} : { webAcl }),
    ...(originVersion === undefined ? {} : { originVersion }),
  });
  const events = new EventsStack(app, { ...common, data, front, concurrency });
  const api = new ApiStack(app, { ...common, data, front, concurrency });
  const alarms = new AlarmsStack(app, { stage, data, front, events });
  // Those that are known by name alone have to be there first.
  api.addStackDependency(events);
  alarms.addStackDependency(api);
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
