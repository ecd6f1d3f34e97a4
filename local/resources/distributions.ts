/** `AWS::CloudFront::*`: what the public address serves. */
import type { PropertyReader } from '../template/reader.ts';
import type { Resource, Stack } from '../template/stack.ts';

/** Which request headers, cookies and query parameters go on to the origin. */
export interface ForwardingSpec {
  readonly headers: Selection;
  readonly cookies: Selection;
  readonly queries: Selection;
}

export type Selection =
  | { readonly kind: 'none' }
  | { readonly kind: 'all' }
  | { readonly kind: 'only' | 'except'; readonly names: readonly string[] };

export interface HeaderRule {
  readonly name: string;
  readonly value: string;
  /** Whether it replaces what the origin sent. */
  readonly override: boolean;
}

export interface BehaviorSpec {
  readonly pathPattern: string;
  readonly originId: string;
  readonly methods: readonly string[];
  /** What each of the two policies forwards; a request gets the union. */
  readonly forwarding: readonly ForwardingSpec[];
  /** For how long answers may be kept that say so themselves; 0 where none are. */
  readonly keptSecondsMax: number;
  readonly responseHeaders: { readonly set: readonly HeaderRule[]; readonly remove: readonly string[] };
  readonly requestFunction: string | undefined;
  readonly responseFunction: string | undefined;
}

export interface OriginSpec {
  readonly id: string;
  readonly host: string;
  readonly path: string;
  /** What the origin is told in place of the viewer's headers of these names; values may be references to secrets. */
  readonly headers: { readonly [name: string]: string };
}

export interface ErrorPageSpec {
  readonly status: number;
  readonly responseStatus: number | undefined;
  readonly pagePath: string | undefined;
}

export interface DistributionSpec {
  readonly id: string;
  readonly domain: string;
  readonly defaultRootObject: string;
  /** In order of precedence; the default behaviour, whose pattern is `*`, is last. */
  readonly behaviors: readonly BehaviorSpec[];
  readonly origins: readonly OriginSpec[];
  readonly errorPages: readonly ErrorPageSpec[];
}

const NONE: Selection = { kind: 'none' };
const ALL: Selection = { kind: 'all' };
const NOTHING: ForwardingSpec = { headers: NONE, cookies: NONE, queries: NONE };

/**
 * AWS's managed policies by id.
 * Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
 * and …/using-managed-origin-request-policies.html
 */
const MANAGED: { readonly [id: string]: ForwardingSpec } = {
  // CachingDisabled
  '4135ea2d-6df8-44a3-9df3-4b5a84be39ad': NOTHING,
  // CachingOptimized
  '658327ea-f89d-4fab-a63d-7e88639e58f6': NOTHING,
  // AllViewerExceptHostHeader
  'b689b0a8-53d0-40ab-baf2-68738e2966ac': {
    headers: { kind: 'except', names: ['host'] },
    cookies: ALL,
    queries: ALL,
  },
};

export function readDistribution(stack: Stack): DistributionSpec {
  const [distribution, second] = stack.ofType('AWS::CloudFront::Distribution');
  if (!distribution) throw new TypeError('The stack has no AWS::CloudFront::Distribution.');
  if (second) second.properties.fail('a second distribution is not known to the local run.');
  const functions = new Map(
    stack.ofType('AWS::CloudFront::Function').map((resource) => [resource.ref, readEdgeFunction(resource)]),
  );
  const forwarding = new Map([
    ...Object.entries(MANAGED),
    ...stack.ofType('AWS::CloudFront::CachePolicy').map((one) => readCachePolicy(one).forwarding),
    ...stack.ofType('AWS::CloudFront::OriginRequestPolicy').map(readOriginRequestPolicy),
  ]);
  const kept = new Map(stack.ofType('AWS::CloudFront::CachePolicy').map((one) => readCachePolicy(one).kept));
  const headers = new Map(stack.ofType('AWS::CloudFront::ResponseHeadersPolicy').map(readHeadersPolicy));
  const context = { functions, forwarding, kept, headers };
  const config = distribution.properties
    .inert('describes the distribution', 'Tags')
    .object('DistributionConfig');
  if (!config.flag('Enabled', true)) config.fail('a disabled distribution is not known to the local run.');
  config
    .inert('describes or watches the distribution', 'Comment', 'Logging')
    .inert(
      'names and protocols of the public internet',
      'Aliases',
      'ViewerCertificate',
      'HttpVersion',
      'IPV6Enabled',
    )
    .inert('names and protocols of the public internet', 'PriceClass', 'Restrictions', 'WebACLId');
  return {
    id: distribution.ref,
    domain: distribution.attribute('DomainName') ?? '',
    defaultRootObject: config.text('DefaultRootObject', ''),
    behaviors: [
      ...config
        .objects('CacheBehaviors')
        .map((behavior) => readBehavior(behavior, behavior.text('PathPattern'), context)),
      readBehavior(config.object('DefaultCacheBehavior'), '*', context),
    ],
    origins: config.objects('Origins').map(readOrigin),
    errorPages: config.objects('CustomErrorResponses').map(readErrorPage),
  };
}

interface Context {
  readonly functions: ReadonlyMap<string, string>;
  readonly forwarding: ReadonlyMap<string, ForwardingSpec>;
  readonly kept: ReadonlyMap<string, number>;
  readonly headers: ReadonlyMap<string, BehaviorSpec['responseHeaders']>;
}

function readBehavior(behavior: PropertyReader, pathPattern: string, context: Context): BehaviorSpec {
  behavior
    .inert('nothing is compressed here, and of methods only GET is kept', 'Compress', 'CachedMethods')
    .inert('the loopback has no TLS', 'ViewerProtocolPolicy');
  const policies = ['CachePolicyId', 'OriginRequestPolicyId'].filter((name) => behavior.has(name));
  const headersPolicy = behavior.optionalText('ResponseHeadersPolicyId');
  const associated = { 'viewer-request': undefined, 'viewer-response': undefined } as {
    [type: string]: string | undefined;
  };
  for (const association of behavior.objects('FunctionAssociations')) {
    const arn = association.text('FunctionARN');
    const code = context.functions.get(arn);
    if (code === undefined) association.fail(`there is no CloudFront function ${arn}.`);
    associated[association.oneOf('EventType', ['viewer-request', 'viewer-response'])] = code;
  }
  const methods = behavior.texts('AllowedMethods');
  return {
    pathPattern,
    originId: behavior.text('TargetOriginId'),
    methods: methods.length > 0 ? methods : ['GET', 'HEAD'],
    // AWS's own policies keep nothing here: of the API's paths they do not, and files do not change while they are served.
    keptSecondsMax: context.kept.get(behavior.text('CachePolicyId', '')) ?? 0,
    forwarding: policies.map((name) => policy(behavior, behavior.text(name), context.forwarding)),
    responseHeaders:
      headersPolicy === undefined
        ? { set: [], remove: [] }
        : policy(behavior, headersPolicy, context.headers),
    requestFunction: associated['viewer-request'],
    responseFunction: associated['viewer-response'],
  };
}

function policy<T>(behavior: PropertyReader, id: string, known: ReadonlyMap<string, T>): T {
  return known.get(id) ?? behavior.fail(`the policy ${id} is not known to the local run.`);
}

function readOrigin(origin: PropertyReader): OriginSpec {
  origin
    .inert('permissions are AWS’s', 'OriginAccessControlId', 'S3OriginConfig')
    .inert(
      'the origin is in the same process',
      'CustomOriginConfig',
      'ConnectionAttempts',
      'ConnectionTimeout',
    )
    .inert('the origin is in the same process', 'OriginShield', 'ResponseCompletionTimeout');
  const headers = origin
    .objects('OriginCustomHeaders')
    .map((header) => [header.text('HeaderName').toLowerCase(), header.textOrReference('HeaderValue')]);
  return {
    id: origin.text('Id'),
    host: origin.text('DomainName'),
    path: origin.text('OriginPath', ''),
    headers: Object.fromEntries(headers),
  };
}

function readErrorPage(page: PropertyReader): ErrorPageSpec {
  page.inert('errors are not kept here', 'ErrorCachingMinTTL');
  return {
    status: page.number('ErrorCode'),
    responseStatus: page.has('ResponseCode') ? page.number('ResponseCode') : undefined,
    pagePath: page.optionalText('ResponsePagePath'),
  };
}

function readEdgeFunction({ properties }: Resource): string {
  properties.inert('describes the function', 'Name', 'FunctionMetadata', 'AutoPublish', 'Tags');
  const config = properties.object('FunctionConfig').inert('describes the function', 'Comment');
  config.oneOf('Runtime', ['cloudfront-js-2.0']);
  return properties.text('FunctionCode');
}

/** What a policy lets the edge keep, and forward for it. */
function readCachePolicy({ ref, properties }: Resource): {
  readonly forwarding: [string, ForwardingSpec];
  readonly kept: [string, number];
} {
  const config = properties.object('CachePolicyConfig').inert('describes the policy', 'Name', 'Comment');
  for (const name of ['DefaultTTL', 'MinTTL'])
    if (config.number(name, 0) !== 0)
      config.fail(`what does not say itself how long it may be kept is not here: ${name} must be 0.`);
  const key = config.object('ParametersInCacheKeyAndForwardedToOrigin');
  key.inert('nothing is compressed here', 'EnableAcceptEncodingBrotli', 'EnableAcceptEncodingGzip');
  const forwarding = readForwarding(key);
  const kept = config.number('MaxTTL', 0);
  if (kept > 0 && [forwarding.headers, forwarding.cookies].some(({ kind }) => kind !== 'none'))
    config.fail('what is kept under headers or cookies is not known to the local run.');
  return { forwarding: [ref, forwarding], kept: [ref, kept] };
}

function readOriginRequestPolicy({ ref, properties }: Resource): [string, ForwardingSpec] {
  const config = properties
    .object('OriginRequestPolicyConfig')
    .inert('describes the policy', 'Name', 'Comment');
  return [ref, readForwarding(config)];
}

function readForwarding(config: PropertyReader): ForwardingSpec {
  return {
    headers: readSelection(config.object('HeadersConfig'), 'HeaderBehavior', 'Headers'),
    cookies: readSelection(config.object('CookiesConfig'), 'CookieBehavior', 'Cookies'),
    queries: readSelection(config.object('QueryStringsConfig'), 'QueryStringBehavior', 'QueryStrings'),
  };
}

function readSelection(config: PropertyReader, behaviorName: string, listName: string): Selection {
  const behavior = config.oneOf(behaviorName, ['none', 'all', 'allViewer', 'whitelist', 'allExcept']);
  const names = config.texts(listName).map((item) => item.toLowerCase());
  if (behavior === 'none') return NONE;
  if (behavior === 'all' || behavior === 'allViewer') return ALL;
  return { kind: behavior === 'whitelist' ? 'only' : 'except', names };
}

/** Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html */
function readHeadersPolicy({ ref, properties }: Resource): [string, BehaviorSpec['responseHeaders']] {
  const config = properties
    .object('ResponseHeadersPolicyConfig')
    .inert('describes the policy', 'Name', 'Comment');
  const set = config
    .object('CustomHeadersConfig')
    .objects('Items')
    .map((item) => ({
      name: item.text('Header').toLowerCase(),
      value: item.text('Value'),
      override: item.flag('Override', false),
    }));
  const remove = config
    .object('RemoveHeadersConfig')
    .objects('Items')
    .map((item) => item.text('Header').toLowerCase());
  return [ref, { set: [...set, ...readSecurityHeaders(config.object('SecurityHeadersConfig'))], remove }];
}

function readSecurityHeaders(config: PropertyReader): HeaderRule[] {
  const values: { readonly [property: string]: readonly [string, (header: PropertyReader) => string] } = {
    ContentSecurityPolicy: ['content-security-policy', (header) => header.text('ContentSecurityPolicy')],
    ContentTypeOptions: ['x-content-type-options', () => 'nosniff'],
    FrameOptions: ['x-frame-options', (header) => header.text('FrameOption')],
    ReferrerPolicy: ['referrer-policy', (header) => header.text('ReferrerPolicy')],
    StrictTransportSecurity: ['strict-transport-security', strictTransportSecurity],
    XSSProtection: ['x-xss-protection', xssProtection],
  };
  return Object.entries(values)
    .filter(([property]) => config.has(property))
    .map(([property, [name, value]]) => {
      const header = config.object(property);
      return { name, value: value(header), override: header.flag('Override', false) };
    });
}

function strictTransportSecurity(header: PropertyReader): string {
  const subdomains = header.flag('IncludeSubdomains', false) ? '; includeSubDomains' : '';
  const preload = header.flag('Preload', false) ? '; preload' : '';
  return `max-age=${header.number('AccessControlMaxAgeSec')}${subdomains}${preload}`;
}

function xssProtection(header: PropertyReader): string {
  if (!header.flag('Protection', false)) return '0';
  const report = header.optionalText('ReportUri');
  const mode = header.flag('ModeBlock', false) ? '; mode=block' : '';
  return `1${mode}${report === undefined ? '' : `; report=${report}`}`;
}
