/**
 * Writes `docs/generated/openapi.json` (OpenAPI 3.1) from the route table, or checks that it is what would
 * be written: `node tools/openapi.ts [--check]`.
 */
import { join } from 'node:path';
import type * as z from 'zod';
import { type ErrorCode, errors, problemSchema } from '../core/contract/errors.ts';
import {
  clientHeader,
  isChoice,
  type Promised,
  type Role,
  type Route,
  routes,
} from '../core/contract/routes.ts';
import { programDocument } from '../core/program.ts';
import packageFile from '../package.json' with { type: 'json' };
import { exampleOf } from './api-examples.ts';
import { fieldWords, introduction, tagWords } from './api-words.ts';
import { generatedFolder, jsonText, writeOrCheck } from './generated.ts';
import { convert, type JsonSchema, rebase, sorted } from './jsonschema.ts';

export const openapiFile = join(generatedFolder, 'openapi.json');

const securitySchemes = {
  bearerKey: {
    type: 'http',
    scheme: 'bearer',
    description: 'A channel key (`phk_<channel>_…`) or an operator key.',
  },
  accessToken: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      "The access token of a person who has signed in at the operators' pool (Amazon Cognito), in the group `operator` or `reader`.",
  },
  applePass: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: "`ApplePass <authenticationToken>`, with the token of the device's pass.",
  },
};

/** How each role shows who it is. A card's token is in its path, so it has no scheme. */
const schemesOf: Record<Role, readonly (keyof typeof securitySchemes)[]> = {
  channel: ['bearerKey'],
  ops: ['bearerKey', 'accessToken'],
  reader: ['accessToken'],
  device: ['applePass'],
  card: [],
  public: [],
};

/** The document, as a plain value with its keys in a fixed order. */
export function openapi(table: Readonly<Record<string, Route>> = routes) {
  const components = new Components();
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [name, route] of Object.entries(table))
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operation(name, route, components),
    };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Philia',
      version: packageFile.version,
      summary: packageFile.description,
      description: introduction,
      contact: { name: 'Whoever runs this system' },
      license: { name: 'Apache 2.0', identifier: packageFile.license },
    },
    servers: [
      { url: '/', description: 'The system that serves this document.' },
      { url: 'http://127.0.0.1:3000', description: 'A system on one machine, as `npm start` runs it.' },
    ],
    tags: tagsOf(table),
    paths: sorted(paths),
    components: { schemas: components.schemas(), securitySchemes },
  };
}

/** Collects the named schemas of all operations. */
class Components {
  private readonly byId: Record<string, JsonSchema> = {};

  /**
   * @param place what the words for its fields go by where it has no id
   * @throws Error when one id would name two different schemas */
  use(schema: z.ZodType, io: 'input' | 'output', place: string): JsonSchema {
    const converted = convert(schema, io);
    for (const [id, one] of Object.entries(withProgramme(converted.named))) {
      const plain = described(rebase(one, '#/components/schemas/'), id);
      const known = this.byId[id];
      if (known && JSON.stringify(known) !== JSON.stringify(plain))
        throw new Error(`The schema id ${id} names two different schemas; give one of them its own id.`);
      this.byId[id] = plain;
    }
    return described(rebase(converted.schema, '#/components/schemas/'), place);
  }

  schemas(): Record<string, JsonSchema> {
    return sorted(this.byId);
  }
}

const isProgramme = (schema: z.ZodType) => schema.meta()?.['id'] === 'Program';

/** The table takes any object for a programme; a handler checks it by the programme's own schema, which stands here. */
function withProgramme(named: Record<string, JsonSchema>): Record<string, JsonSchema> {
  if (!Object.hasOwn(named, 'Program')) return named;
  const own = convert(programDocument, 'input');
  return { ...named, ...own.named, Program: own.schema };
}

function operation(name: string, route: Route, components: Components) {
  const schemes = new Set(route.who.flatMap((role) => schemesOf[role]));
  const { params = {}, query = {}, body } = exampleOf(name) ?? {};
  const parameters = [
    ...parametersOf(route.params, 'path', components, name, params),
    ...parametersOf(route.query, 'query', components, name, query),
    ...(route.idempotent ? [{ ...idempotencyKey, required: route.idempotent === 'required' }] : []),
    ...(route.client ? [client] : []),
  ];
  return {
    operationId: name,
    summary: route.summary,
    description: descriptionOf(route),
    tags: [tagOf(route.path)],
    'x-roles': route.who,
    security: [...schemes].map((scheme) => ({ [scheme]: [] })),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body
      ? {
          requestBody: {
            // Nothing at all stands for an object without fields.
            required: !(isProgramme(route.body) ? programDocument : route.body).safeParse({}).success,
            content: {
              'application/json': {
                schema: components.use(route.body, 'input', `${name} body`),
                ...(body === undefined ? {} : { example: body }),
              },
            },
          },
        }
      : {}),
    ...(route.bytesMax === undefined ? {} : { requestBody: asItComes }),
    responses: { ...answersOf(name, route, components), ...problemsOf(route, components) },
  };
}

/** A body that somebody else's system says the form of: its bytes are signed. */
const asItComes = {
  required: true,
  content: {
    'application/json': { schema: { description: 'What the shop sends, as its adapter reads it.' } },
  },
};

const roleWords: Record<Role, string> = {
  channel: "a channel's key",
  ops: 'an operator, by a key or signed in',
  reader: 'somebody who signed in to read',
  card: "whoever has the card's token",
  device: 'a phone with the token of its pass',
  public: 'anybody',
};

/** What whoever calls a route has to know beside its summary: who may, what a repeat does, what limits it. */
function descriptionOf({ summary, who, idempotent, client: named, throttle, answers }: Route): string {
  const isLater = Object.hasOwn(answers, '202');
  return [
    `${summary}.`,
    `For ${who.map((role) => roleWords[role]).join(' or ')}.`,
    ...(isLater ? ['202 says that it was taken; what it leads to follows within seconds.'] : []),
    ...(idempotent === 'required'
      ? ['An `Idempotency-Key` has to be sent: a repeat with it gets the first answer again, a refusal too.']
      : []),
    ...(idempotent === 'accepted'
      ? ['An `Idempotency-Key` may be sent: a repeat with it gets the first answer again, a refusal too.']
      : []),
    ...(named ? [`\`${clientHeader}\` names whom you ask for, so that wrong guesses stop nobody else.`] : []),
    ...(throttle
      ? [
          `All callers together have ${throttle.rate} of these requests a second, in bursts up to ${throttle.burst}.`,
        ]
      : []),
  ].join(' ');
}

/** The groups of operations, each described. */
function tagsOf(table: Readonly<Record<string, Route>>) {
  const used = [...new Set(Object.values(table).map(({ path }) => tagOf(path)))].sort();
  return used.map((name) => ({ name, description: tagWords[name] ?? `What is called ${name}.` }));
}

/** The schema with words for each field that has none of its own. */
function described(schema: JsonSchema, place: string): JsonSchema {
  const inner = (one: unknown, at: string) =>
    typeof one === 'object' && one !== null ? described(one as JsonSchema, at) : one;
  const copy: JsonSchema = { ...schema };
  if (copy['properties']) {
    const all = Object.entries(copy['properties'] as Record<string, JsonSchema>);
    copy['properties'] = Object.fromEntries(
      all.map(([name, one]) => [name, withWords(described(one, `${place}.${name}`), name, place)]),
    );
  }
  for (const key of ['items', 'additionalProperties'])
    if (copy[key]) copy[key] = inner(copy[key], `${place}[]`);
  for (const key of ['anyOf', 'oneOf', 'allOf'])
    if (Array.isArray(copy[key])) copy[key] = copy[key].map((one: unknown) => inner(one, place));
  return copy;
}

function withWords(schema: JsonSchema, name: string, place: string): JsonSchema {
  const words = fieldWords[`${place}.${name}`] ?? fieldWords[name];
  return schema['description'] !== undefined || words === undefined
    ? schema
    : { ...schema, description: words };
}

/** The noun of the path; Apple's protocol is one group. */
function tagOf(path: string): string {
  const [, first = '', noun = ''] = path.split('/');
  return first === 'v1' ? noun : first;
}

function parametersOf(
  schema: z.ZodType | undefined,
  place: 'path' | 'query',
  components: Components,
  name: string,
  examples: Readonly<Record<string, unknown>>,
) {
  if (!schema) return [];
  const { properties = {}, required = [] } = components.use(schema, 'input', `${name} param`) as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, { description, ...rest }]) => ({
    name,
    in: place,
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: rest,
    ...(Object.hasOwn(examples, name) ? { example: examples[name] } : {}),
  }));
}

const meanings: Readonly<Record<string, string>> = {
  200: 'Done',
  201: 'Made',
  202: 'Accepted',
  204: 'Nothing to tell',
  302: 'Go to the address in `Location`',
  304: 'Not changed',
};

function answersOf(name: string, { answers, method }: Route, components: Components) {
  return Object.fromEntries(
    Object.entries(answers).map(([status, body]) => {
      const described = { description: meanings[status] ?? status };
      const location = { description: 'Where to go', schema: { type: 'string', format: 'uri' } };
      const headers = status === '302' ? { headers: { Location: location } } : {};
      if (body === null || method === 'HEAD') return [status, { ...described, ...headers }];
      const promised: readonly Promised[] = isChoice(body) ? body : [body];
      const content = Object.fromEntries(promised.map((one) => contentOf(one, components, name, status)));
      return [status, { ...described, content }];
    }),
  );
}

function contentOf(promised: Promised, components: Components, name: string, status: string) {
  if (typeof promised === 'string') return [promised, {}] as const;
  const schema = components.use(promised, 'output', `${name} ${status}`);
  const example = exampleOf(name);
  const shown = String(example?.status) === status ? { example: example?.answer } : {};
  return ['application/json', { schema, ...shown }] as const;
}

/** The codes of a route: its own, and those that the way to it can answer. */
export function codesOf(route: Route): ErrorCode[] {
  const codes = new Set<ErrorCode>(route.errors);
  // A path that names nothing possible is answered as one that names nothing that exists.
  if (route.params) codes.add('not_found');
  // A key of idempotency can be none, too.
  if (route.query ?? route.body ?? route.idempotent) codes.add('invalid_request');
  if (route.body) for (const code of ['invalid_json', 'payload_too_large'] as const) codes.add(code);
  const schemes = route.who.flatMap((role) => schemesOf[role]);
  if (schemes.length > 0) codes.add('unauthorized');
  if (schemes.includes('bearerKey')) codes.add('forbidden');
  if (schemes.includes('accessToken'))
    for (const code of ['invalid_token', 'token_expired', 'unavailable'] as const) codes.add(code);
  if (route.who.includes('channel') && route.method !== 'GET') codes.add('channel_paused');
  // A key's answer may be gone with whom it was about.
  if (route.idempotent) for (const code of ['idempotency_mismatch', 'not_found'] as const) codes.add(code);
  if (route.idempotent === 'required') codes.add('idempotency_key_missing');
  // Every route has a limit: its own, or that of all together.
  codes.add('too_many_requests');
  codes.add('internal');
  return (Object.keys(errors) as ErrorCode[]).filter((code) => codes.has(code));
}

/** One answer for each status, which names its codes and whether the same request may be sent again. */
function problemsOf(route: Route, components: Components) {
  const schema = components.use(problemSchema, 'output', 'Problem');
  const byStatus = Object.groupBy(codesOf(route), (code) => errors[code].status);
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, codes = []]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${errors[code].title}`).join('; '),
        ...(codes.some((code) => errors[code].retry === 'later') ? { headers: retryAfter } : {}),
        ...(route.method === 'HEAD' ? {} : { content: { 'application/problem+json': { schema } } }),
        'x-retry': Object.fromEntries(codes.map((code) => [code, errors[code].retry])),
      },
    ]),
  );
}

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description:
    'Names this request: a repeat with the same content gets the first answer, with `Idempotency-Replayed: true`.',
  schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$' },
};

const client = {
  name: clientHeader,
  in: 'header',
  required: false,
  description:
    'Names the visitor, basket or session that you ask for, by any text: its session id, say. Ten wrong guesses in 15 minutes stop that one for 15 minutes, and nobody else behind your key. Only a keyed hash of it is kept. Without it wrong codes are counted for the key, of which right ones are still taken then.',
  schema: { type: 'string', minLength: 1 },
};

const retryAfter = {
  'Retry-After': { description: 'Seconds to wait', schema: { type: 'integer', minimum: 0 } },
};

if (import.meta.main) await writeOrCheck({ [openapiFile]: jsonText(openapi()) });
