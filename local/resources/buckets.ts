/** `AWS::S3::Bucket` and the deployments into it: which objects the public site is made of. */
import type { PropertyReader } from '../template/reader.ts';
import type { Stack } from '../template/stack.ts';

export interface BucketSpec {
  /** The host name under which an origin names this bucket. */
  readonly host: string;
  /** Whether CloudFront may list it: a missing object is then 404, else 403, as S3 answers. */
  readonly listable: boolean;
  readonly sources: readonly BucketSource[];
}

export interface BucketSource {
  readonly directory: string;
  readonly keyPrefix: string;
  /** Texts to replace in every file: values that are only known when deploying. */
  readonly markers: { readonly [marker: string]: string };
  /** Whether the replacements stand inside JSON strings. */
  readonly jsonEscape: boolean;
  readonly cacheControl: string | undefined;
}

export function readBuckets(stack: Stack): BucketSpec[] {
  const deployments = stack
    .ofType('Custom::CDKBucketDeployment')
    .map(({ properties }) => readDeployment(stack, properties));
  return stack.ofType('AWS::S3::Bucket').map((resource) => {
    resource.properties
      .inert('describes the bucket', 'BucketName', 'Tags')
      .inert('access, encryption and history are AWS’s', 'PublicAccessBlockConfiguration', 'BucketEncryption')
      .inert(
        'access, encryption and history are AWS’s',
        'OwnershipControls',
        'VersioningConfiguration',
        'AccessControl',
      )
      .inert('access, encryption and history are AWS’s', 'LifecycleConfiguration', 'LoggingConfiguration');
    return {
      host: resource.attribute('RegionalDomainName') ?? '',
      listable: isListable(stack, resource.ref),
      sources: deployments.filter(({ bucket }) => bucket === resource.ref).flatMap(({ sources }) => sources),
    };
  });
}

function readDeployment(
  stack: Stack,
  properties: PropertyReader,
): { bucket: string; sources: BucketSource[] } {
  properties
    .inert('the deployment tool’s own function', 'ServiceToken')
    .inert('the bucket of the assets', 'SourceBucketNames')
    .inert('nothing is cached here', 'DistributionId', 'DistributionPaths', 'WaitForDistributionInvalidation')
    .inert('the objects are always exactly the sources', 'Prune', 'RetainOnDelete', 'OutputObjectKeys');
  const markers = properties.has('SourceMarkers') ? properties.objects('SourceMarkers') : [];
  const markerSettings = properties.has('SourceMarkersConfig')
    ? properties.objects('SourceMarkersConfig')
    : [];
  const metadata = properties.object('SystemMetadata');
  const cacheControl = metadata.optionalText('cache-control');
  const keyPrefix = properties.text('DestinationBucketKeyPrefix', '');
  const sources = properties.texts('SourceObjectKeys').map((key, index): BucketSource => {
    const directory = stack.assets.get(key);
    if (directory === undefined) return properties.fail(`the asset ${key} is not in the assembly.`);
    return {
      directory,
      keyPrefix: keyPrefix === '' ? '' : `${keyPrefix.replace(/^\/|\/$/g, '')}/`,
      markers: markers[index]?.all() ?? {},
      jsonEscape: markerSettings[index]?.flag('jsonEscape', false) ?? false,
      cacheControl,
    };
  });
  return { bucket: properties.text('DestinationBucketName'), sources };
}

interface Statement {
  readonly Effect?: string;
  readonly Action?: string | readonly string[];
  readonly Principal?: { readonly Service?: unknown };
}

function isListable(stack: Stack, bucket: string): boolean {
  return stack.ofType('AWS::S3::BucketPolicy').some(({ properties }) => {
    if (properties.text('Bucket') !== bucket) return false;
    const { Statement: statements = [] } = properties.json('PolicyDocument') as { Statement?: Statement[] };
    return statements.some(
      ({ Effect, Action = [], Principal }) =>
        Effect === 'Allow' &&
        [Action].flat().includes('s3:ListBucket') &&
        Principal?.Service === 'cloudfront.amazonaws.com',
    );
  });
}
