/** Scope: the HTTP routes and the distribution before them, in the synthesized template. */
import { createContext, runInContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { httpFunctions } from '../../core/contract/functions.ts';
import { fallback, type Route, routeKeysOf, routes } from '../../core/contract/routes.ts';
import { synthesize } from './template.ts';

const template = synthesize();
const table: readonly Route[] = Object.values(routes);

/** Route key -> the function behind it. */
const served = new Map<string, string>(
  template.all('AWS::ApiGatewayV2::Route').map(({ Properties }) => {
    const integration = template.target(Properties.Target['Fn::Join'][1][1]);
    return [Properties.RouteKey, template.functionName(integration.Properties.IntegrationUri)];
  }),
);

describe('routes', () => {
  it.each(Object.entries<Route>(routes))('%s has its routes and its function', (_name, route) => {
    for (const key of routeKeysOf(route)) expect(served.get(key)).toBe(route.function);
  });

  it('are those of the table, and one that answers every other path', () => {
    const keys = table.flatMap(routeKeysOf);
    expect([...served.keys()].sort()).toEqual([...keys, '$default'].sort());
    expect(served.get('$default')).toBe(fallback);
  });

  it('hand the request on whole, in the second format', () => {
    for (const { Properties } of template.all('AWS::ApiGatewayV2::Integration'))
      expect(Properties).toMatchObject({ IntegrationType: 'AWS_PROXY', PayloadFormatVersion: '2.0' });
  });

  it('may call their functions, the one for every other path included', () => {
    const permissions = template.all('AWS::Lambda::Permission').map(({ Properties }) => ({
      name: template.functionName(Properties.FunctionName),
      last: Properties.SourceArn['Fn::Join'][1].at(-1),
      principal: Properties.Principal,
    }));
    const principal = 'apigateway.amazonaws.com';
    expect(permissions).toEqual(httpFunctions.map((name) => ({ name, last: '/*/*', principal })));
  });
});

describe('the stage', () => {
  const stage = template.one('AWS::ApiGatewayV2::Stage');

  it('holds exactly the limits of the table, after the routes they name', () => {
    const limited = table.filter(({ throttle }) => throttle);
    expect(limited.length).toBeGreaterThan(0);
    expect(stage.Properties.RouteSettings).toEqual(
      Object.fromEntries(
        limited.map(({ method, path, throttle }) => [
          `${method} ${path}`,
          { ThrottlingRateLimit: throttle?.rate, ThrottlingBurstLimit: throttle?.burst },
        ]),
      ),
    );
    for (const { method, path } of limited) {
      const key = `${method} ${path}`;
      const route = template.one('AWS::ApiGatewayV2::Route', ({ Properties }) => Properties.RouteKey === key);
      expect(stage.DependsOn).toContain(route.id);
    }
  });

  it('limits every other route too', () => {
    const { ThrottlingRateLimit, ThrottlingBurstLimit } = stage.Properties.DefaultRouteSettings;
    expect(ThrottlingRateLimit).toBeGreaterThan(0);
    expect(ThrottlingBurstLimit).toBeGreaterThan(0);
  });

  it('logs no path, since paths hold card tokens and pass serials', () => {
    const { DestinationArn, Format } = stage.Properties.AccessLogSettings;
    expect(template.target(DestinationArn).Type).toBe('AWS::Logs::LogGroup');
    const variables = Object.values(JSON.parse(Format) as Record<string, string>);
    expect(variables).toContain('$context.routeKey');
    expect(variables.filter((one) => /path|authorizer|header|query/i.test(one))).toEqual([]);
  });
});

describe('the distribution', () => {
  const { DistributionConfig: config } = template.one('AWS::CloudFront::Distribution').Properties;
  const originOf = (id: string) => config.Origins.find((one: { Id: string }) => one.Id === id);

  it('leads /v1, /apple, /google and /samsung to the API, uncached but for cards, with every method and all of the request', () => {
    const paths = config.CacheBehaviors.map((one: { PathPattern: string }) => one.PathPattern);
    expect(paths).toEqual(['/v1/cards/*', '/v1/brand*', '/v1/*', '/apple/*', '/google/*', '/samsung/*']);
    for (const behaviour of config.CacheBehaviors) {
      expect(template.target(originOf(behaviour.TargetOriginId).DomainName['Fn::Join'][1][0]).Type).toBe(
        'AWS::ApiGatewayV2::Api',
      );
      expect([...behaviour.AllowedMethods].sort()).toEqual([
        'DELETE',
        'GET',
        'HEAD',
        'OPTIONS',
        'PATCH',
        'POST',
        'PUT',
      ]);
      // AWS's own policies "CachingDisabled" and "AllViewerExceptHostHeader".
      if (!['/v1/cards/*', '/v1/brand*'].includes(behaviour.PathPattern))
        expect(behaviour.CachePolicyId).toBe('4135ea2d-6df8-44a3-9df3-4b5a84be39ad');
      expect(behaviour.OriginRequestPolicyId).toBe('b689b0a8-53d0-40ab-baf2-68738e2966ac');
    }
  });

  it('says to the API what nobody else can, by a reference, and to the bucket nothing', () => {
    const secret = template.one('AWS::SecretsManager::Secret', ({ Properties }) =>
      Properties.Name.endsWith('/origin'),
    );
    expect(secret.Properties.GenerateSecretString.PasswordLength).toBe(64);
    const said = (version: string) => [
      {
        HeaderName: 'x-philia-origin',
        HeaderValue: {
          'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: secret.id }, `:SecretString::${version}}}`]],
        },
      },
    ];
    expect(originOf(config.CacheBehaviors[0].TargetOriginId).OriginCustomHeaders).toEqual(said(':'));
    expect(originOf(config.DefaultCacheBehavior.TargetOriginId).OriginCustomHeaders).toBeUndefined();
    // A rotation names the version, for CloudFormation looks at a secret again only when its reference changes.
    const originVersion = '7b0f1c1e-8f0a-4f53-9d0e-0a6f0c2b1d3e';
    const { Origins } = synthesize({ originVersion }).one('AWS::CloudFront::Distribution').Properties
      .DistributionConfig;
    const headers = Origins.map((one: { OriginCustomHeaders?: object }) => one.OriginCustomHeaders);
    expect(headers).toContainEqual(said(`:${originVersion}`));
  });

  it('covers every path of the route table', () => {
    const prefixes = config.CacheBehaviors.map((one: { PathPattern: string }) =>
      one.PathPattern.slice(0, -1),
    );
    const uncovered = table.filter(({ path }) => !prefixes.some((prefix: string) => path.startsWith(prefix)));
    expect(uncovered).toEqual([]);
  });

  it('leads everything else to the private bucket', () => {
    const origin = originOf(config.DefaultCacheBehavior.TargetOriginId);
    const bucket = template.target(origin.DomainName);
    expect(origin.OriginAccessControlId).toBeDefined();
    expect(bucket.Properties.PublicAccessBlockConfiguration).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  });

  it('keeps of cards what says so itself, for a minute at most, apart for each address', () => {
    const { CachePolicyConfig: policy } = template.one('AWS::CloudFront::CachePolicy').Properties;
    const [cards] = config.CacheBehaviors;
    expect(template.target(cards.CachePolicyId).Properties.CachePolicyConfig).toEqual(policy);
    expect(policy).toMatchObject({ MinTTL: 0, DefaultTTL: 0, MaxTTL: 60 });
    expect(policy.ParametersInCacheKeyAndForwardedToOrigin).toMatchObject({
      QueryStringsConfig: { QueryStringBehavior: 'all' },
    });
  });

  it('leaves the errors of the API as they are, and keeps none that the next caller would get', () => {
    const kept = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504];
    expect(config.CustomErrorResponses).toEqual(
      kept.map((ErrorCode) => ({
        ErrorCode,
        ErrorCachingMinTTL: 0,
        // What no origin of ours says: then it is CloudFront that speaks, and a page of ours is shown.
        ...([502, 504].includes(ErrorCode) && {
          ResponseCode: ErrorCode,
          ResponsePagePath: '/unavailable.html',
        }),
      })),
    );
  });

  it('sends the security headers with every answer', () => {
    const policy = template.one('AWS::CloudFront::ResponseHeadersPolicy');
    for (const behaviour of [config.DefaultCacheBehavior, ...config.CacheBehaviors])
      expect(behaviour.ResponseHeadersPolicyId).toEqual({ Ref: policy.id });
    const headers = policy.Properties.ResponseHeadersPolicyConfig.SecurityHeadersConfig;
    const directives = headers.ContentSecurityPolicy.ContentSecurityPolicy.split('; ');
    expect(directives).toContain("default-src 'self'");
    expect(directives).toContain("img-src 'self' data:");
    expect(directives).toContain("frame-ancestors 'none'");
    expect(directives.filter((one: string) => /unsafe|\*|https?:/.test(one))).toEqual([]);
    expect(headers.ReferrerPolicy.ReferrerPolicy).toBe('no-referrer');
    expect(headers.ContentTypeOptions.Override).toBe(true);
    expect(headers.StrictTransportSecurity.AccessControlMaxAgeSec).toBeGreaterThanOrEqual(31_536_000);
  });
});

describe('the rewriting of paths', () => {
  const { FunctionCode } = template.one('AWS::CloudFront::Function').Properties;
  const context = createContext({});
  runInContext(FunctionCode, context);

  it.each([
    ['/', '/index.html'],
    ['/card/0bX-_9AAAAAAAAAAAAAAAA', '/card/index.html'],
    ['/card/0bX-_9AAAAAAAAAAAAAAAA/', '/card/index.html'],
    ['/card', '/card/index.html'],
    ['/card/', '/card/index.html'],
    ['/card/index.html', '/card/index.html'],
    ['/terms.html', '/terms.html'],
    ['/openapi.json', '/openapi.json'],
  ])('%s is %s', (uri, wanted) => {
    const rewritten = runInContext(`handler({ request: { uri: ${JSON.stringify(uri)} } })`, context);
    expect(rewritten.uri).toBe(wanted);
  });

  it.each(['/console', '/console/', '/nothing.html', '/assets/nothing.js', '/card/a.b', '/constructor'])(
    '%s is answered by the page that says that there is none',
    (uri) => {
      const answer = runInContext(`handler({ request: { uri: ${JSON.stringify(uri)} } })`, context);
      expect(answer).toMatchObject({
        statusCode: 404,
        headers: { 'content-type': { value: 'text/html; charset=utf-8' } },
      });
      expect(answer.body).toContain('data-problem="missing"');
    },
  );

  it('is within the 10 KB that a function may have', () => {
    expect(FunctionCode.length).toBeLessThan(10_240);
  });
});
