/**
 * What bundles leave out of the AWS SDK. Its packages hold all that a service can answer and every way in which a client
 * can be set; functions ask a few operations, and Lambda sets clients by the environment alone. What is asked for and
 * is not there is an error, never something else.
 */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** The operations that functions ask of each service; a bundle with another one is not built (tools/build.ts). */
export const operations: Readonly<Record<string, readonly string[]>> = {
  dynamodb: ['GetItem', 'Query', 'Scan', 'PutItem', 'TransactWriteItems'],
  eventbridge: ['PutEvents'],
  'secrets-manager': ['GetSecretValue', 'CreateSecret', 'PutSecretValue'],
  sesv2: ['SendEmail'],
  sns: ['Publish'],
  sqs: ['SendMessage'],
};

/** @throws Error naming what is asked of a service although its answers are not in the bundle */
export function checkOperations(inputs: readonly string[]): void {
  for (const input of inputs) {
    const [, service = '', operation = ''] =
      /@aws-sdk[\\/]client-([^\\/]+)[\\/]dist-es[\\/]commands[\\/](\w+)Command\.js$/.exec(input) ?? [];
    if (service && !operations[service]?.includes(operation))
      throw new Error(`${operation} of ${service} is asked for: add it to tools/sdk-parts.ts.`);
  }
}

/** The errors that an operation may answer with, as its documentation lists them; others become the service's general one. */
async function errorsOf(service: string, folder: string): Promise<Set<string>> {
  const pages = await Promise.all(
    (operations[service] ?? []).map((operation) =>
      readFile(`${folder}/dist-types/commands/${operation}Command.d.ts`, 'utf8'),
    ),
  );
  return new Set(
    pages.flatMap((page) => [...page.matchAll(/@throws \{@link (\w+)\}/g)].map(([, name]) => name ?? '')),
  );
}

/** Modules of the SDK that no function of ours comes to, by the ends of their paths, and what stands in their place. */
const instead: Readonly<Record<string, string>> = {
  // There are no files of settings beside a function: all of them are in the environment.
  '@smithy/core/dist-es/submodules/config/shared-ini-file-loader/loadSharedConfigFiles.js': `export { CONFIG_PREFIX_SEPARATOR } from './constants.js';
    export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });`,
  // Only an instance of EC2 asks who it is.
  '@smithy/core/dist-es/submodules/config/config-resolver/regionConfig/getInstanceMetadataRegion.js':
    'export const getInstanceMetadataRegion = async () => undefined;',
  // Node has SHA-256.
  '@smithy/core/dist-es/submodules/checksum/sha256/Sha256Js.js': 'export const Sha256Js = undefined;',
  '@smithy/core/dist-es/submodules/retry/util-retry/AdaptiveRetryStrategy.js': `export class AdaptiveRetryStrategy {
    constructor() { throw new Error('The adaptive retry mode is not in this bundle.'); }
  }`,
  // Who asks DynamoDB for an endpoint of its own has to say so; functions do not.
  '@aws-sdk/middleware-endpoint-discovery/dist-es/resolveEndpointDiscoveryConfig.js':
    'export const resolveEndpointDiscoveryConfig = (input) => input;',
  '@aws-sdk/client-dynamodb/dist-es/commands/DescribeEndpointsCommand.js':
    'export const DescribeEndpointsCommand = undefined;',
  '@smithy/signature-v4/dist-es/HeaderFormatter.js': `export class HeaderFormatter {
    format() { throw new Error('Signatures of streamed events are not in this bundle.'); }
  }`,
  // No endpoint of ours is in more than one region.
  '@aws-sdk/signature-v4-multi-region/dist-es/SignatureV4MultiRegion.js': `
    import { SignatureV4SignWithCredentials } from './SignatureV4SignWithCredentials.js';
    export class SignatureV4MultiRegion extends SignatureV4SignWithCredentials {
      static sigv4aDependency() { return 'none'; }
      sign(request, options = {}) {
        if (options.signingRegion === '*') throw new Error('Signatures for all regions are not in this bundle.');
        return super.sign(request, options);
      }
    }`,
};

const fileOf = (path: string) => path.replaceAll('\\', '/').replace(/^.*\/node_modules\//, '');

export const sdkParts: Plugin = {
  name: 'sdk-parts',
  setup: (builder) => {
    const ends = Object.keys(instead).map((end) => end.replaceAll('.', '\\.').replaceAll('/', '[\\\\/]'));
    builder.onLoad(
      { filter: new RegExp(`[\\\\/]node_modules[\\\\/](?:${ends.join('|')})$`) },
      ({ path }) => ({
        contents: instead[fileOf(path)] ?? '',
      }),
    );
    // A client tells its own version to the service, and nothing else of its package.
    builder.onLoad({ filter: /@aws-sdk[\\/][\w-]+[\\/]package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8'));
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
    builder.onLoad(
      { filter: /@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]schemas[\\/]schemas_0\.js$/ },
      async ({ path }) => {
        const [, folder = '', service = ''] = /^(.*[\\/]client-([\w-]+))[\\/]dist-es[\\/]/.exec(path) ?? [];
        const kept = await errorsOf(service, folder);
        const text = await readFile(path, 'utf8');
        return {
          contents: withPlainKeys(text).replace(
            /^n0_registry\.registerError\(\w+\$, (\w+)\);$/gm,
            (line, name) => (kept.has(name) ? line : ''),
          ),
        };
      },
    );
    builder.onLoad(
      { filter: /@aws-sdk[\\/]core[\\/].*[\\/]util-endpoints[\\/]lib[\\/]aws[\\/]partitions\.js$/ },
      async ({ path }) => {
        const { partitionsInfo } = await import(path);
        return {
          contents: `export const partitionsInfo = ${JSON.stringify(shortPartitions(partitionsInfo))};`,
        };
      },
    );
  },
};

/** Keys that are constants, as the texts that they are: an object whose keys are computed is never left out. */
function withPlainKeys(text: string): string {
  const constants = new Map(
    [...text.matchAll(/^const (_\w+) = (".*");$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  return text.replace(/\[(_\w+)\]:/g, (key, name) => (constants.has(name) ? `${constants.get(name)}:` : key));
}

interface Partitions {
  readonly partitions: readonly {
    readonly regionRegex: string;
    readonly regions: Readonly<Record<string, object>>;
  }[];
}

/** The parts of AWS without those names of regions that follow from the form of their names. */
export function shortPartitions<T extends Partitions>(data: T): T {
  return {
    ...data,
    partitions: data.partitions.map((one) => ({
      ...one,
      regions: Object.fromEntries(
        Object.keys(one.regions)
          .filter((name) => !new RegExp(one.regionRegex).test(name))
          .map((name) => [name, {}]),
      ),
    })),
  };
}
