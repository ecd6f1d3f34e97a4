/**
 * Reads what synthesis wrote: the stacks' templates and where their assets lie.
 * Format: https://github.com/aws/aws-cdk, package cloud-assembly-schema (manifest.json, <stack>.assets.json).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../bus/pattern.ts';
import { StartFailure } from '../failure.ts';

export interface ResourceSource {
  readonly Type: string;
  readonly Properties?: { readonly [name: string]: Json };
  readonly Condition?: string;
}

export interface Template {
  readonly Parameters?: { readonly [name: string]: { readonly Default?: Json } };
  readonly Conditions?: { readonly [name: string]: Json };
  readonly Resources: { readonly [logicalId: string]: ResourceSource };
  readonly Outputs?: {
    readonly [name: string]: { readonly Value: Json; readonly Export?: { readonly Name: Json } };
  };
}

export interface StackSource {
  readonly name: string;
  readonly template: Template;
}

export interface Assembly {
  readonly stacks: readonly StackSource[];
  /** The directory or file of an asset by the object key under which a deployment would upload it. */
  readonly assets: ReadonlyMap<string, string>;
}

interface Manifest {
  readonly artifacts: {
    readonly [name: string]: {
      readonly type: string;
      readonly properties?: {
        readonly templateFile?: string;
        readonly file?: string;
        readonly stackName?: string;
      };
    };
  };
}

interface AssetManifest {
  readonly files?: {
    readonly [hash: string]: {
      readonly source: { readonly path?: string };
      readonly destinations: { readonly [name: string]: { readonly objectKey: string } };
    };
  };
}

/** Reads the assembly in `directory`: all of its stacks are the system. */
export function readAssembly(directory: string): Assembly {
  const { artifacts } = readJson<Manifest>(join(directory, 'manifest.json'));
  const stacks = Object.entries(artifacts)
    .filter(([, { type }]) => type === 'aws:cloudformation:stack')
    .map(([id, { properties }]): StackSource => {
      const { templateFile, stackName: name = id } = properties ?? {};
      if (templateFile === undefined)
        throw new StartFailure(`The stack ${id} in ${directory} has no template.`);
      return { name, template: readJson<Template>(join(directory, templateFile)) };
    });
  if (stacks.length === 0) throw new StartFailure(`There is no stack in ${directory}.`);
  const assets = new Map<string, string>();
  for (const { type, properties } of Object.values(artifacts)) {
    if (type !== 'cdk:asset-manifest' || properties?.file === undefined) continue;
    const { files = {} } = readJson<AssetManifest>(join(directory, properties.file));
    for (const { source, destinations } of Object.values(files)) {
      for (const { objectKey } of Object.values(destinations)) {
        if (source.path !== undefined) assets.set(objectKey, join(directory, source.path));
      }
    }
  }
  return { stacks, assets };
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
