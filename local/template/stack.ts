/** The stack as its resources with every intrinsic resolved. */
import type { Json } from '../bus/pattern.ts';
import type { Assembly } from './assembly.ts';
import { attributeOf } from './attributes.ts';
import { createResolver } from './intrinsics.ts';
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

export interface Stack {
  readonly name: string;
  readonly resources: readonly Resource[];
  readonly assets: ReadonlyMap<string, string>;
  /** The resources of one type. */
  ofType(type: string): Resource[];
}

/** `parameters` are the template's parameters that a deployment would pass. */
export function resolveStack(assembly: Assembly, parameters: ReadonlyMap<string, string>): Stack {
  const { template, stackName: name, assets } = assembly;
  const attributes = (id: string, attribute: string | undefined): string | undefined =>
    attributeOf(template, name, id, attribute, (value) => resolver.resolve(value, id));
  const resolver = createResolver(template, name, parameters, attributes);
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
  return {
    name,
    resources,
    assets,
    ofType: (type) => resources.filter((resource) => resource.type === type),
  };
}
