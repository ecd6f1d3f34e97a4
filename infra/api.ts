/** The HTTP API: exactly the routes of the route table, and one answer for every other path. */
import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnIntegration,
  CfnRoute,
  type CfnStage,
  type HttpApi,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as Lambda } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type HttpFunction, httpFunctions } from '../core/contract/functions.ts';
import { fallback, type Route, routeKeysOf, routes } from '../core/contract/routes.ts';
import { accept } from './nag.ts';
import { systemOf } from './names.ts';
import { logRetentionOf, type Stage } from './stage.ts';

/** Requests per second over all callers and routes; a route's own limit in the table comes first. */
const throttle = { rateLimit: 1000, burstLimit: 2000 };

/**
 * One line of JSON for each request. It names the route and never the path, which holds card tokens and
 * pass serials: whoever reads the logs must not be able to open a card.
 */
const accessLine = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    at: '$context.requestTime',
    route: '$context.routeKey',
    status: '$context.status',
    bytes: '$context.responseLength',
    latencyMs: '$context.responseLatency',
    functionLatencyMs: '$context.integrationLatency',
    error: '$context.integrationErrorMessage',
  }),
);

export interface ApiProps {
  readonly api: HttpApi;
  readonly functions: Readonly<Record<HttpFunction, Lambda>>;
  readonly stage: Stage;
}

/**
 * Puts the functions behind the routes. The API itself is made before (site.ts), because the functions are told the
 * public address, which is the distribution's, which stands in front of it.
 */
export class Api extends Construct {
  private readonly api: HttpApi;

  constructor(scope: Construct, id: string, { api, functions, stage }: ApiProps) {
    super(scope, id);
    this.api = api;
    const targets = Object.fromEntries(
      httpFunctions.map((name) => [name, this.integrate(name, functions[name])]),
    ) as Record<HttpFunction, string>;
    const entries = Object.entries(routes) as [string, Route][];
    const made = entries.flatMap(([name, route]) =>
      routeKeysOf(route).map((key, index) => ({
        route,
        key,
        resource: this.addRoute(index === 0 ? name : `${name}-slashes`, key, targets[route.function]),
      })),
    );
    this.addRoute('fallback', '$default', targets[fallback]);
    accept(
      this,
      'AwsSolutions-APIG4',
      "The functions authorise: the route table says who may call, by the ledger's hashed keys and tokens.",
    );
    const served = this.addStage(stage);
    // Limits name routes, and API Gateway refuses a name that does not exist yet.
    const limited = made.filter(({ route }) => route.throttle);
    for (const { resource } of limited) served.node.addDependency(resource);
    (served.node.defaultChild as CfnStage).routeSettings = Object.fromEntries(
      limited.map(({ key, route }) => [key, limitsOf(route)]),
    );
  }

  /**
   * Lets the API call a function, by one permission for all of its routes: the source of a call is
   * `<stage>/<method>/<path>`, but `<stage>/$default` for the fallback, and the pattern covers both.
   */
  private integrate(name: HttpFunction, handler: Lambda): string {
    handler.addPermission('Api', {
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      sourceArn: `arn:${Aws.PARTITION}:execute-api:${Aws.REGION}:${Aws.ACCOUNT_ID}:${this.api.apiId}/*/*`,
    });
    const integration = new CfnIntegration(this, `${name}-integration`, {
      apiId: this.api.apiId,
      integrationType: 'AWS_PROXY',
      integrationUri: handler.functionArn,
      payloadFormatVersion: '2.0',
    });
    return `integrations/${integration.ref}`;
  }

  private addRoute(id: string, routeKey: string, target: string): CfnRoute {
    return new CfnRoute(this, id, { apiId: this.api.apiId, routeKey, target });
  }

  private addStage(stage: Stage): HttpStage {
    const logs = new LogGroup(this, 'AccessLogs', {
      logGroupName: `/aws/vendedlogs/apis/${systemOf(this)}`,
      retention: logRetentionOf(stage),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle,
      accessLogSettings: { destination: new LogGroupLogDestination(logs), format: accessLine },
    });
  }
}

/** CloudFormation takes this map as it is, so the names are its own. */
function limitsOf({ throttle: limit }: Route) {
  return { ThrottlingRateLimit: limit?.rate, ThrottlingBurstLimit: limit?.burst };
}
