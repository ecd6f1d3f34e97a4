/** Every function of the system and what it may touch, whichever way it is reached. */
import {
  type FunctionName,
  type Grant,
  type HttpFunction,
  httpFunctions,
  type OtherFunction,
  otherFunctions,
} from '../core/contract/functions.ts';
import { grantsOf } from '../core/contract/routes.ts';

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
