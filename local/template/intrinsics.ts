/**
 * CloudFormation's intrinsic functions and pseudo parameters, as far as synthesized templates use them.
 * Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
import type { Json } from '../bus/pattern.ts';
import { StartFailure } from '../failure.ts';
import type { Template } from './assembly.ts';

export const ACCOUNT = '000000000000';
export const REGION = 'eu-west-1';

/** What another stack exports by this name; undefined when none does. */
export type Imports = (exported: string) => Json | undefined;

/** What `Ref` and `Fn::GetAtt` of a resource give. Undefined: the resource has no such attribute here. */
export type Attributes = (logicalId: string, attribute: string | undefined) => Json | undefined;

export interface Resolver {
  /** The value with every intrinsic replaced; undefined when the whole value is `AWS::NoValue`. */
  resolve(value: Json, where: string): Json | undefined;
  /** Whether the named condition of the template holds. */
  condition(name: string): boolean;
}

export function createResolver(
  template: Template,
  stackName: string,
  parameters: ReadonlyMap<string, string>,
  attributes: Attributes,
  imports: Imports,
): Resolver {
  const pseudo: { readonly [name: string]: Json } = {
    'AWS::AccountId': ACCOUNT,
    'AWS::Partition': 'aws',
    'AWS::Region': REGION,
    'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${stackName}/local`,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };

  function reference(name: string, where: string): Json | undefined {
    if (name === 'AWS::NoValue') return undefined;
    const value = pseudo[name] ?? parameters.get(name) ?? template.Parameters?.[name]?.Default;
    if (value !== undefined) return value;
    if (template.Parameters?.[name]) throw new StartFailure(`${where}: the parameter ${name} has no value.`);
    return attribute(name, undefined, where);
  }

  function attribute(logicalId: string, name: string | undefined, where: string): Json {
    const value = template.Resources[logicalId] && attributes(logicalId, name);
    if (value === undefined) {
      const wanted = name === undefined ? `Ref ${logicalId}` : `Fn::GetAtt ${logicalId}.${name}`;
      throw new StartFailure(`${where}: ${wanted} is not known to the local run.`);
    }
    return value;
  }

  function condition(name: string): boolean {
    const expression = template.Conditions?.[name];
    if (expression === undefined) throw new StartFailure(`The template has no condition ${name}.`);
    return truth(expression, `Conditions.${name}`);
  }

  function truth(expression: Json, where: string): boolean {
    const value = resolve(expression, where);
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    throw new StartFailure(`${where}: a condition must be true or false, not ${JSON.stringify(value)}.`);
  }

  function substitute(argument: Json, where: string): string {
    const [text, variables] = Array.isArray(argument) ? argument : [argument];
    const own = isObject(variables) ? variables : {};
    return String(text).replaceAll(/\$\{([^}]*)\}/g, (_, name: string) => {
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (Object.hasOwn(own, name)) return scalar(resolve(own[name] ?? null, where), where);
      const dot = name.indexOf('.');
      const value =
        dot < 0 ? reference(name, where) : attribute(name.slice(0, dot), name.slice(dot + 1), where);
      return scalar(value, where);
    });
  }

  function call(name: string, argument: Json, where: string): Json | undefined {
    if (name === 'Fn::If') {
      const [test, yes = null, no = null] = items(argument, where);
      return resolve(condition(String(test)) ? yes : no, where);
    }
    if (name === 'Fn::Sub') return substitute(argument, where);
    if (name === 'Fn::GetAtt') {
      const [logicalId = '', attributeName] =
        typeof argument === 'string' ? argument.split('.') : items(argument, where);
      return attribute(String(logicalId), String(attributeName), where);
    }
    if (name === 'Condition') return condition(String(argument));
    const resolved = resolve(argument, where) ?? null;
    switch (name) {
      case 'Fn::ImportValue': {
        const exported = scalar(resolved, where);
        const value = imports(exported);
        if (value === undefined) throw new StartFailure(`${where}: no stack exports ${exported}.`);
        return value;
      }
      case 'Fn::Join': {
        const [separator, parts] = items(resolved, where);
        return items(parts, where)
          .map((part) => scalar(part, where))
          .join(String(separator));
      }
      case 'Fn::Select': {
        const [index, list] = items(resolved, where);
        const chosen = items(list, where)[Number(index)];
        if (chosen === undefined)
          throw new StartFailure(`${where}: Fn::Select has no element ${String(index)}.`);
        return chosen;
      }
      case 'Fn::Split': {
        const [separator, text] = items(resolved, where);
        return scalar(text, where).split(String(separator));
      }
      case 'Fn::Equals': {
        const [left, right] = items(resolved, where);
        return JSON.stringify(left) === JSON.stringify(right);
      }
      case 'Fn::Not':
        return !truth(items(resolved, where)[0] ?? null, where);
      case 'Fn::And':
        return items(resolved, where).every((part) => truth(part, where));
      case 'Fn::Or':
        return items(resolved, where).some((part) => truth(part, where));
      default:
        throw new StartFailure(`${where}: ${name} is not known to the local run.`);
    }
  }

  function resolve(value: Json, where: string): Json | undefined {
    if (Array.isArray(value)) {
      return value.map((item) => resolve(item, where)).filter((item) => item !== undefined);
    }
    if (!isObject(value)) return value;
    const entries = Object.entries(value);
    const [first] = entries;
    if (first && entries.length === 1) {
      const [name, argument] = first;
      if (name === 'Ref') return reference(String(argument), where);
      if (name.startsWith('Fn::') || (name === 'Condition' && typeof argument === 'string')) {
        return call(name, argument, where);
      }
    }
    const resolved: { [key: string]: Json } = {};
    for (const [name, item] of entries) {
      const result = resolve(item, where);
      if (result !== undefined) resolved[name] = result;
    }
    return resolved;
  }

  return { resolve, condition };
}

function items(value: Json | undefined, where: string): Json[] {
  if (!Array.isArray(value))
    throw new StartFailure(`${where}: expected a list, found ${JSON.stringify(value)}.`);
  return value;
}

function scalar(value: Json | undefined, where: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  throw new StartFailure(`${where}: expected a string, found ${JSON.stringify(value)}.`);
}

function isObject(value: unknown): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
