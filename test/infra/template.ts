/** The synthesized templates as tests read them, all stacks in one, made over stub bundles in a folder of the test's own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { afterAll } from 'vitest';
import { makeApp } from '../../infra/make-app.ts';
import { functionNames } from '../../infra/names.ts';

const temporary = mkdtempSync(join(tmpdir(), 'philia-infra-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

export interface Resource {
  readonly id: string;
  readonly Type: string;
  // Templates are plain JSON of many shapes; a test says what it expects of each value it takes.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly Properties: any;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
  readonly Condition?: string;
}

interface TemplateJson {
  readonly Resources: Record<string, Omit<Resource, 'id'>>;
  readonly Outputs?: Record<string, { readonly Value: unknown; readonly Export?: { readonly Name: string } }>;
}

export type Reference =
  | string
  | { Ref?: string; 'Fn::GetAtt'?: [string, string]; 'Fn::Join'?: [string, unknown[]] };

export class Template {
  readonly resources: readonly Resource[];

  constructor(json: Pick<TemplateJson, 'Resources'>) {
    this.resources = Object.entries(json.Resources).map(([id, one]) => ({ ...one, id }));
  }

  all(type: string): Resource[] {
    return this.resources.filter(({ Type }) => Type === type);
  }

  /** The only resource of a type that passes. */
  one(type: string, test: (resource: Resource) => boolean = () => true): Resource {
    const [found, ...more] = this.all(type).filter(test);
    if (!found || more.length > 0)
      throw new Error(`There are ${more.length + (found ? 1 : 0)} such ${type}.`);
    return found;
  }

  /** What a `Ref` or `Fn::GetAtt` points to; or the queue of a name, or of an ARN. */
  target(reference: Reference): Resource {
    if (typeof reference === 'string' || reference['Fn::Join']) return this.queueNamed(reference);
    const id = reference.Ref ?? reference['Fn::GetAtt']?.[0];
    const found = this.resources.find((resource) => resource.id === id);
    if (!found) throw new Error(`${JSON.stringify(reference)} points to nothing.`);
    return found;
  }

  /** A queue and a function may have the same name. */
  private queueNamed(reference: Reference): Resource {
    const text = typeof reference === 'string' ? reference : String(reference['Fn::Join']?.[1].at(-1));
    const name = text.split(':').at(-1);
    return this.one('AWS::SQS::Queue', ({ Properties }) => Properties.QueueName === name);
  }

  /** A function by its name in the contract. */
  function(name: string): Resource {
    return this.one('AWS::Lambda::Function', ({ Properties }) => contractName(Properties) === name);
  }

  /** The name in the contract of what a reference points to. */
  functionName(reference: Reference): string {
    if (typeof reference === 'string') return contractName({ FunctionName: reference });
    return contractName(this.target(reference).Properties);
  }
}

const tableType = 'AWS::DynamoDB::GlobalTable';

/** The ledger's table: the one with a sort key. */
export function ledgerTable(template: Template): Resource {
  return template.one(tableType, ({ Properties }) => Properties.KeySchema.length === 2);
}

/** The table of who has been erased. */
export function erasuresTable(template: Template): Resource {
  return template.one(tableType, ({ Properties }) => Properties.KeySchema.length === 1);
}

function contractName(properties: { FunctionName?: string }): string {
  return properties.FunctionName?.replace(/^philia-(dev|prod)-/, '') ?? '';
}

/** A build folder with one empty function for each name and an empty page. */
export function stubBuild(): string {
  const build = mkdtempSync(join(temporary, 'build-'));
  for (const name of functionNames) {
    mkdirSync(join(build, 'functions', name), { recursive: true });
    writeFileSync(
      join(build, 'functions', name, 'index.mjs'),
      `export const handler = async () => '${name}';`,
    );
  }
  mkdirSync(join(build, 'site', 'card'), { recursive: true });
  const missing = '<!doctype html><html data-problem="missing"></html>';
  for (const page of ['index.html', 'card/index.html', 'terms.html', 'openapi.json', '404.html'])
    writeFileSync(join(build, 'site', page), missing);
  return build;
}

export function stubApp(context: Record<string, unknown> = {}): App {
  return makeApp({ build: stubBuild(), outdir: mkdtempSync(join(temporary, 'out-')), context });
}

export function synthesize(context: Record<string, unknown> = {}): Template {
  return joined([...synthesizeStacks(context).values()]);
}

/** Each stack's template by its name, as it is. */
export function synthesizeStacks(context: Record<string, unknown> = {}): Map<string, TemplateJson> {
  const { stacks } = stubApp(context).synth();
  return new Map(
    stacks.map(({ stackName, templateFullPath }) => [
      stackName,
      JSON.parse(readFileSync(templateFullPath, 'utf8')) as TemplateJson,
    ]),
  );
}

/** All stacks in one, what one imports in the place of the import. */
function joined(stacks: readonly TemplateJson[]): Template {
  const exported = new Map(
    stacks
      .flatMap(({ Outputs = {} }) => Object.values(Outputs))
      .flatMap(({ Value, Export }) => (Export ? [[Export.Name, Value] as const] : [])),
  );
  const text = JSON.stringify(
    Object.fromEntries(stacks.flatMap(({ Resources }) => Object.entries(Resources))),
  );
  const Resources = JSON.parse(text, (_, value) => {
    const name: string | undefined = value?.['Fn::ImportValue'];
    if (name === undefined) return value;
    if (!exported.has(name)) throw new Error(`Nothing exports ${name}.`);
    return exported.get(name);
  });
  return new Template({ Resources });
}
