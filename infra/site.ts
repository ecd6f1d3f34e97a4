/** What the world sees: one address, with the static site behind it and the API under its own paths. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { Aws, type CfnElement, Duration, RemovalPolicy, type SecretValue, Stack } from 'aws-cdk-lib';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  AccessLevel,
  AllowedMethods,
  type BehaviorOptions,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  Distribution,
  type ErrorResponse,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  HttpVersion,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
  Function as Rewrite,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront';
import { HttpOrigin, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { BucketDeployment, CacheControl, Source } from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { originHeader } from '../core/contract/functions.ts';
import { accept } from './nag.ts';
import { systemOf } from './names.ts';

/** A name of one's own: a host name and its certificate in ACM, which CloudFront reads in us-east-1 only. */
export interface CustomDomain {
  readonly domain: string;
  readonly certificateArn: string;
}

export interface SiteProps {
  /** The folder of the built site. */
  readonly files: string;
  readonly custom?: CustomDomain;
  /** The ARN of the web firewall before the distribution. */
  readonly webAcl?: string;
  /** What the distribution says to the API, which answers nobody else. */
  readonly origin: SecretValue;
}

const apiPaths = ['/v1/*', '/apple/*', '/google/*', '/samsung/*'] as const;
/** Whose answers say themselves how long they may be kept; first, since the first pattern that fits decides. */
const keptPaths = ['/v1/cards/*', '/v1/brand*'] as const;

/**
 * CloudFront would keep these for ten seconds whatever their headers say, and give one caller's refusal or a moment's
 * trouble to the next (its page "How CloudFront processes HTTP 4xx and 5xx status codes").
 */
const keptErrors = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504] as const;

/** CloudFront's own, when an origin does not answer: the API answers 503 and 500, with a body that says why. */
const unanswered: readonly number[] = [502, 504];

/**
 * A card's address is its token; one page serves them all. Other paths without a file name are folders. What the site
 * does not hold is answered here, by the page that says so: a status of the distribution's own would also stand in the
 * place of the API's answers.
 */
function rewriteCode(files: string): string {
  const known = readdirSync(files, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map(({ parentPath, name }) => `/${relative(files, join(parentPath, name)).split(sep).join('/')}`);
  const missing = readFileSync(join(files, '404.html'), 'utf8').replace(/\n\s*/g, '');
  const headers = Object.fromEntries(Object.entries(pageHeaders).map(([name, value]) => [name, { value }]));
  return `var files = ${JSON.stringify(known.sort())};
var missing = ${JSON.stringify(missing)};
var headers = ${JSON.stringify(headers)};
function handler(event) {
  var request = event.request;
  var uri = request.uri;
  if (/^\\/card\\/[A-Za-z0-9_-]+\\/?$/.test(uri)) request.uri = '/card/index.html';
  else if (uri.endsWith('/')) request.uri = uri + 'index.html';
  else if (!uri.split('/').pop().includes('.')) request.uri = uri + '/index.html';
  if (files.includes(request.uri)) return request;
  return { statusCode: 404, statusDescription: 'Not Found', headers: headers, body: missing };
}
`;
}

const contentSecurityPolicy = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const referrerPolicy = HeadersReferrerPolicy.NO_REFERRER;
const frameOption = HeadersFrameOption.DENY;
const hstsAge = Duration.days(365);

/** What the headers' policy adds to every answer, for those that a function gives before there is one. */
const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': frameOption,
  'referrer-policy': referrerPolicy,
  'strict-transport-security': `max-age=${hstsAge.toSeconds()}`,
};

export class Site extends Construct {
  /** Behind the distribution; its routes are made where the functions are (api.ts). */
  readonly api: HttpApi;
  readonly distribution: Distribution;
  /** The address without a trailing slash, where no other is given. */
  readonly url: string;

  constructor(scope: Construct, id: string, { files, custom, webAcl, origin }: SiteProps) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', { apiName: systemOf(this), createDefaultStage: false });
    const bucket = this.makeBucket();
    const headers = this.makeHeaders();
    const shared = { responseHeadersPolicy: headers, viewerProtocolPolicy: ViewerProtocolPolicy.HTTPS_ONLY };
    const toApi: BehaviorOptions = {
      ...shared,
      origin: new HttpOrigin(`${this.api.apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}`, {
        // A reference in the template, which CloudFormation follows; CloudFront replaces what a viewer says here.
        customHeaders: { [originHeader]: origin.unsafeUnwrap() },
      }),
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: CachePolicy.CACHING_DISABLED,
      // Authorization and the query string go along; the host stays ours, or API Gateway would refuse it.
      originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
    };
    const kept = this.makeCardCache();
    this.distribution = new Distribution(this, 'Distribution', {
      ...(webAcl === undefined ? {} : { webAclId: webAcl }),
      httpVersion: HttpVersion.HTTP2_AND_3,
      defaultRootObject: 'index.html',
      defaultBehavior: {
        ...shared,
        viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        // Listing lets S3 say 404 for a file that is not there, where it would say 403.
        origin: S3BucketOrigin.withOriginAccessControl(bucket, {
          originAccessLevels: [AccessLevel.READ, AccessLevel.LIST],
        }),
        functionAssociations: [
          { function: this.makeRewrite(files), eventType: FunctionEventType.VIEWER_REQUEST },
        ],
      },
      additionalBehaviors: {
        ...Object.fromEntries(keptPaths.map((path) => [path, { ...toApi, cachePolicy: kept }])),
        ...Object.fromEntries(apiPaths.map((path) => [path, toApi])),
      },
      errorResponses: keptErrors.map(
        (httpStatus): ErrorResponse => ({
          httpStatus,
          ttl: Duration.seconds(0),
          ...(unanswered.includes(httpStatus) && {
            responseHttpStatus: httpStatus,
            responsePagePath: '/unavailable.html',
          }),
        }),
      ),
      ...(custom ? this.namedBy(custom) : {}),
    });
    this.url = `https://${custom?.domain ?? this.distribution.distributionDomainName}`;
    this.deployFiles(files, bucket);
    this.acceptFindings(bucket, custom === undefined, webAcl === undefined);
    this.acceptHelper(bucket);
  }

  /** Nothing in it is precious: it is built from the repository, so it goes with the stack. */
  private makeBucket(): IBucket {
    // A Bucket is an IBucket, though its type says so only without `exactOptionalPropertyTypes`.
    return new Bucket(this, 'Files', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.DESTROY,
    }) as IBucket;
  }

  private makeHeaders(): ResponseHeadersPolicy {
    const override = true;
    return new ResponseHeadersPolicy(this, 'Headers', {
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy, override },
        contentTypeOptions: { override },
        frameOptions: { frameOption, override },
        // The address of a card is its key: it must not travel on in a Referer header.
        referrerPolicy: { referrerPolicy, override },
        strictTransportSecurity: {
          accessControlMaxAge: hstsAge,
          override,
        },
      },
    });
  }

  /**
   * A card's address is its key, so that nobody is given another one's. What says nothing of being kept is not, and
   * what does is for a minute at most.
   */
  private makeCardCache(): CachePolicy {
    return new CachePolicy(this, 'CardCache', {
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.minutes(1),
      headerBehavior: CacheHeaderBehavior.none(),
      cookieBehavior: CacheCookieBehavior.none(),
      queryStringBehavior: CacheQueryStringBehavior.all(),
    });
  }

  private makeRewrite(files: string): Rewrite {
    return new Rewrite(this, 'Rewrite', {
      runtime: FunctionRuntime.JS_2_0,
      code: FunctionCode.fromInline(rewriteCode(files)),
    });
  }

  private namedBy({ domain, certificateArn }: CustomDomain) {
    return {
      domainNames: [domain],
      certificate: Certificate.fromCertificateArn(this, 'Certificate', certificateArn),
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
    };
  }

  /** Browsers ask each time whether a file changed; CloudFront keeps it until a deployment says otherwise. */
  private deployFiles(files: string, destinationBucket: IBucket): void {
    new BucketDeployment(this, 'Deployment', {
      sources: [Source.asset(files)],
      destinationBucket,
      distribution: this.distribution,
      distributionPaths: ['/*'],
      cacheControl: [CacheControl.fromString('public, max-age=0, s-maxage=86400, must-revalidate')],
      retainOnDelete: false,
    });
  }

  private acceptFindings(bucket: IBucket, unnamed: boolean, open: boolean): void {
    const { distribution } = this;
    accept(bucket, 'AwsSolutions-S1', 'Its files are public and only the distribution reads them.');
    accept(
      distribution,
      'AwsSolutions-CFR3',
      "These logs would hold the paths of cards, which are their keys; the API's own log names routes only.",
    );
    accept(distribution, 'AwsSolutions-CFR1', 'Members travel: the card has to open in every country.');
    if (open)
      accept(
        distribution,
        'AwsSolutions-CFR2',
        'A web firewall costs by the month: a trial has none, and prod only goes without when it is told to.',
      );
    accept(
      distribution,
      '@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk',
      'The root is always rewritten to a file and no query reaches S3, so nobody is shown a list.',
    );
    if (unnamed)
      accept(
        distribution,
        'AwsSolutions-CFR4',
        "CloudFront fixes the protocol for its own certificate; with a domain of one's own it is TLS 1.2.",
      );
  }

  /** CDK's own function that unpacks the site into the bucket at deployment. Its code and role are not ours. */
  private acceptHelper(bucket: IBucket): void {
    const stack = Stack.of(this);
    const helper = stack.node.children.find(({ node }) => node.id.startsWith('Custom::CDKBucketDeployment'));
    if (!helper) throw new Error("CDK's bucket deployment function is not where it was expected.");
    const files = stack.getLogicalId(bucket.node.defaultChild as CfnElement);
    const wildcards = [
      'Action::s3:GetBucket*',
      'Action::s3:GetObject*',
      'Action::s3:List*',
      'Action::s3:Abort*',
      'Action::s3:DeleteObject*',
      `Resource::<${files}.Arn>/*`,
      'Resource::arn:<AWS::Partition>:s3:::cdk-hnb659fds-assets-<AWS::AccountId>-<AWS::Region>/*',
      'Resource::*',
    ];
    const itsOwn = "It is CDK's own, runs only at deployment and touches the site's files, which are public.";
    const basic = 'arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
    for (const id of [
      ...wildcards.map((one) => `AwsSolutions-IAM5[${one}]`),
      `AwsSolutions-IAM4[Policy::${basic}]`,
      'AwsSolutions-L1',
      'Serverless-LambdaDLQ',
      'Serverless-LambdaLatestVersion',
      'Serverless-LambdaTracing',
    ])
      accept(helper, id, itsOwn);
  }
}
