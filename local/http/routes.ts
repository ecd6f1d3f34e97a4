/**
 * How API Gateway's HTTP APIs choose a route: one that fits method and path, the more specific first.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
import type { RouteSpec } from '../resources/apis.ts';

export interface RouteMatch {
  readonly route: RouteSpec;
  /** Decoded values of the path's variables. */
  readonly parameters: { readonly [name: string]: string };
}

export interface Router {
  /** The route for a method and the decoded segments of a path, or undefined when none fits. */
  match(method: string, segments: readonly string[]): RouteMatch | undefined;
}

interface Parsed {
  readonly route: RouteSpec;
  readonly method: string;
  readonly segments: readonly Segment[];
  /** Compared as text: the smaller is the more specific. */
  readonly rank: string;
}

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'greedy'; readonly name: string };

const RANKS = { literal: '0', variable: '1', greedy: '2' } as const;

export function createRouter(routes: readonly RouteSpec[]): Router {
  const parsed = routes
    .filter(({ routeKey }) => routeKey !== '$default')
    .map(parse)
    .sort((left, right) => (left.rank < right.rank ? -1 : 1));
  const fallback = routes.find(({ routeKey }) => routeKey === '$default');
  return {
    match(method, segments) {
      for (const candidate of parsed) {
        if (candidate.method !== 'ANY' && candidate.method !== method) continue;
        const parameters = bind(candidate.segments, segments);
        if (parameters) return { route: candidate.route, parameters };
      }
      return fallback && { route: fallback, parameters: {} };
    },
  };
}

function parse(route: RouteSpec): Parsed {
  const [method = '', path = ''] = route.routeKey.split(' ');
  const segments = path.split('/').slice(1).map(segmentOf);
  // Segments decide from the left, and only then whether the method was named.
  const rank = segments.map(({ kind }) => RANKS[kind]).join('') + (method === 'ANY' ? '9' : '8');
  return { route, method, segments, rank };
}

function segmentOf(text: string): Segment {
  const [, name, plus] = /^\{([^}+]+)(\+?)\}$/.exec(text) ?? [];
  if (name === undefined) return { kind: 'literal', text };
  return { kind: plus === '+' ? 'greedy' : 'variable', name };
}

function bind(
  pattern: readonly Segment[],
  segments: readonly string[],
): { [name: string]: string } | undefined {
  const parameters: { [name: string]: string } = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (part.kind === 'greedy') {
      parameters[part.name] = segments.slice(index).join('/');
      return parameters[part.name] === '' ? undefined : parameters;
    }
    if (part.kind === 'variable') {
      if (segment === '') return undefined;
      parameters[part.name] = segment;
    } else if (part.text !== segment) {
      return undefined;
    }
  }
  return pattern.length === segments.length ? parameters : undefined;
}
