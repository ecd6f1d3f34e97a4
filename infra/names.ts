/** How things are called: every function of the system, what it may touch, and the names that AWS knows them by. */
import type { IConstruct } from 'constructs';
import {
  type FunctionName,
  type Grant,
  type HttpFunction,
  httpFunctions,
  type OtherFunction,
  otherFunctions,
} from '../core/contract/functions.ts';
import { grantsOf } from '../core/contract/routes.ts';
import { parseStage, type Stage } from './stage.ts';

export const functionNames: readonly FunctionName[] = [
  ...httpFunctions,
  ...(Object.keys(otherFunctions) as OtherFunction[]),
];

export function isHttp(name: FunctionName): name is HttpFunction {
  return (httpFunctions as readonly string[]).includes(name);
}

/** What one function declares: the union over its routes, or its own line in the table of functions. */
export function declaredGrants(name: FunctionName): readonly Grant[] {
  return isHttp(name) ? grantsOf(name) : otherFunctions[name].grants;
}

const foldersBySource = { queue: 'events', stream: 'events', schedule: 'schedule', hand: 'hand' } as const;

/** The entry file of a function, below `functions/`: the folder says what calls it. */
export function entryFileOf(name: FunctionName): string {
  return `${isHttp(name) ? 'http' : foldersBySource[otherFunctions[name].from]}/${name}.ts`;
}

/**
 * The system's name, which the names of its stacks, queues, functions and secrets begin with; the stage is told to the
 * app (make-app.ts). Names are given so that another stack can speak of a thing without a tie: what CloudFormation
 * exports cannot be taken away while somebody imports it.
 */
export function systemName(stage: Stage): string {
  return `philia-${stage}`;
}

/** The system's name, from wherever in its stacks. */
export function systemOf(construct: IConstruct): string {
  return systemName(parseStage(construct.node.tryGetContext('stage')));
}

/** The name that AWS knows a function or a queue by; operators meet it in logs and when they redrive. */
export function physicalName(scope: IConstruct, name: string): string {
  return `${systemOf(scope)}-${name}`;
}
