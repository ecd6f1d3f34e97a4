/** `AWS::ApiGatewayV2::*`: an HTTP API's routes and the functions behind them. */

import { REGION } from '../template/intrinsics.ts';
import type { PropertyReader } from '../template/reader.ts';
import type { Stack } from '../template/stack.ts';

export interface RouteSpec {
  /** `METHOD /path/{parameter}`, `ANY /…` or `$default`, as API Gateway writes it. */
  readonly routeKey: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
}

export interface ApiSpec {
  readonly id: string;
  /** The host name under which an origin names this API. */
  readonly host: string;
  readonly routes: readonly RouteSpec[];
}

interface Integration {
  readonly functionArn: string;
  readonly timeoutMs: number;
}

export function readApis(stack: Stack): ApiSpec[] {
  const integrations = new Map(
    stack
      .ofType('AWS::ApiGatewayV2::Integration')
      .map(({ ref, properties }) => [ref, readIntegration(properties)] as const),
  );
  for (const { properties } of stack.ofType('AWS::ApiGatewayV2::Stage')) readStage(properties);
  const routes = stack
    .ofType('AWS::ApiGatewayV2::Route')
    .map(({ properties }) => readRoute(properties, integrations));
  return stack.ofType('AWS::ApiGatewayV2::Api').map(({ ref, properties }) => {
    properties
      .inert('describes the API', 'Name', 'Description', 'Tags', 'Version')
      .oneOf('ProtocolType', ['HTTP']);
    // Requests come through the distribution here in any case.
    properties.inert(
      'the API’s own host name is not served here',
      'DisableExecuteApiEndpoint',
      'IpAddressType',
    );
    return {
      id: ref,
      host: `${ref}.execute-api.${REGION}.amazonaws.com`,
      routes: routes.filter(({ apiId }) => apiId === ref).map(({ route }) => route),
    };
  });
}

function readIntegration(properties: PropertyReader): Integration {
  properties.inert('describes the integration', 'Description').text('ApiId');
  properties.oneOf('IntegrationType', ['AWS_PROXY']);
  properties.oneOf('IntegrationMethod', ['POST'], 'POST');
  properties.oneOf('ConnectionType', ['INTERNET'], 'INTERNET');
  properties.oneOf('PayloadFormatVersion', ['2.0']);
  properties.inert('permissions are AWS’s', 'CredentialsArn');
  return { functionArn: functionArn(properties), timeoutMs: properties.number('TimeoutInMillis', 30_000) };
}

/** The function's ARN, which may be wrapped into API Gateway's path for invoking it. */
function functionArn(properties: PropertyReader): string {
  const uri = properties.text('IntegrationUri');
  const arn = /arn:aws:lambda:[^/]*:function:[^/]+/.exec(uri)?.[0];
  return arn ?? properties.fail(`IntegrationUri names no function: ${uri}.`);
}

function readStage(properties: PropertyReader): void {
  properties.text('ApiId');
  properties.oneOf('StageName', ['$default']);
  if (!properties.flag('AutoDeploy', false))
    properties.fail('a stage without AutoDeploy is not known to the local run.');
  properties
    .inert('describes the stage', 'Description', 'Tags')
    .inert('access is logged by the deployed API', 'AccessLogSettings')
    .inert('the machine itself is the limit here', 'DefaultRouteSettings', 'RouteSettings');
}

function readRoute(
  properties: PropertyReader,
  integrations: ReadonlyMap<string, Integration>,
): { apiId: string; route: RouteSpec } {
  properties.oneOf('AuthorizationType', ['NONE'], 'NONE');
  properties.inert('describes the route', 'OperationName');
  const target = properties.text('Target').replace(/^integrations\//, '');
  const integration = integrations.get(target);
  if (!integration) return properties.fail(`Target names no integration: ${target}.`);
  return {
    apiId: properties.text('ApiId'),
    route: { routeKey: properties.text('RouteKey'), ...integration },
  };
}
