/** The stacks of the system as their resources with every intrinsic resolved. */
import type { Json } from '../bus/pattern.ts';
import { StartFailure } from '../failure.ts';
import type { Assembly, StackSource, Template } from './assembly.ts';
import { attributeOf } from './attributes.ts';
import { createResolver, type Resolver } from './intrinsics.ts';
import { PropertyReader } from './reader.ts';

export interface Resource {
  readonly id: string;
  readonly type: string;
  /** The physical name or id, as `Ref` gives it. */
  readonly ref: string;
  /** What `Fn::GetAtt` gives, or undefined for an attribute the type does not have here. */
  attribute(name: string): string | undefined;
  readonly properties: PropertyReader;
}

/** All stacks together: here nothing asks which of them a resource is of. */
export interface Stack {
  readonly resources: readonly Resource[];
  readonly assets: ReadonlyMap<string, string>;
  /** The resources of one type. */
  ofType(type: string): Resource[];
}

/** What one stack exports: the value, resolved when somebody imports it. */
type Exports = Map<string, () => Json | undefined>;

/** `parameters` are those that a deployment would pass to every stack. */
export function resolveStack(assembly: Assembly, parameters: ReadonlyMap<string, string>): Stack {
  const exports: Exports = new Map();
  const resolved = assembly.stacks.map((source) => resolverOf(source, parameters, exports));
  const resources = resolved.flatMap((make) => make());
  const ids = new Set<string>();
  for (const { id, type } of resources) {
    if (ids.has(id))
      throw new StartFailure(`${id} (${type}): two stacks have a resource of this logical id.`);
    ids.add(id);
  }
  return {
    resources,
    assets: assembly.assets,
    ofType: (type) => resources.filter((resource) => resource.type === type),
  };
}

/** Notes what a stack exports; its resources are made when all have been noted. */
function resolverOf(
  { name, template }: StackSource,
  parameters: ReadonlyMap<string, string>,
  exports: Exports,
): () => Resource[] {
  const attributes = (id: string, attribute: string | undefined): string | undefined =>
    attributeOf(template, name, id, attribute, (value) => resolver.resolve(value, id));
  const resolver: Resolver = createResolver(template, name, parameters, attributes, (exported) =>
    exports.get(exported)?.(),
  );
  for (const [output, { Value, Export }] of Object.entries(template.Outputs ?? {})) {
    if (Export === undefined) continue;
    const where = `${name}, output ${output}`;
    const exported = String(resolver.resolve(Export.Name, where));
    if (exports.has(exported)) throw new StartFailure(`${where}: ${exported} is exported twice.`);
    exports.set(exported, () => resolver.resolve(Value, where));
  }
  return () => resourcesOf(template, resolver, attributes);
}

function resourcesOf(
  template: Template,
  resolver: Resolver,
  attributes: (id: string, attribute: string | undefined) => string | undefined,
): Resource[] {
  const resources: Resource[] = [];
  for (const [id, source] of Object.entries(template.Resources)) {
    if (source.Condition !== undefined && !resolver.condition(source.Condition)) continue;
    const where = `${id} (${source.Type})`;
    const properties = resolver.resolve({ ...source.Properties }, where) as { [name: string]: Json };
    resources.push({
      id,
      type: source.Type,
      ref: attributes(id, undefined) ?? id,
      attribute: (attribute) => attributes(id, attribute),
      properties: new PropertyReader(where, properties),
    });
  }
  return resources;
}
