/**
 * The API as types, from the very table that serves it: a path, field or answer that changes there does not
 * compile here. Nothing of the table is loaded when a command runs.
 */
import type { routes } from '../core/contract/routes.ts';

type Table = typeof routes;
/** A body of bytes is text here; where the caller chooses between JSON and bytes, it is either. */
type OutputOf<S> = S extends readonly [infer Json, infer Bytes]
  ? OutputOf<Json> | OutputOf<Bytes>
  : S extends { readonly _zod: { readonly output: infer O } }
    ? O
    : S extends string
      ? string
      : null;
type InputOf<S> = S extends { readonly _zod: { readonly input: infer I } } ? I : never;

type Endpoints = {
  readonly [N in keyof Table as `${Table[N]['method']} ${Table[N]['path']}`]: Table[N];
};

/** An operation, as `GET /v1/members/{memberId}`. */
export type Endpoint = keyof Endpoints;

type Params<P> = P extends `${string}{${infer Name}}${infer Rest}`
  ? { readonly [N in Name]: string } & Params<Rest>
  : unknown;
type Part<R, K extends string> = R extends { readonly [P in K]: infer S } ? InputOf<S> : never;
type Query<R> = [Part<R, 'query'>] extends [never] ? unknown : { readonly query: Part<R, 'query'> };
type Body<R> = [Part<R, 'body'>] extends [never] ? unknown : { readonly body: Part<R, 'body'> };
type Once<R> = R extends { readonly idempotent: 'required' }
  ? { readonly idempotencyKey: string }
  : R extends { readonly idempotent: 'accepted' }
    ? { readonly idempotencyKey?: string }
    : unknown;

/** What is sent to an operation: what its path leaves open, query, body, and its key where it takes one. */
export type RequestTo<E extends Endpoint> = (E extends `${string} ${infer Path}`
  ? Path extends `${string}{${string}`
    ? { readonly params: Params<Path> }
    : unknown
  : never) &
  Query<Endpoints[E]> &
  Body<Endpoints[E]> &
  Once<Endpoints[E]>;

type Answers<R> = R extends { readonly answers: infer A } ? A : never;
type AnswerOf<R> = {
  [S in keyof Answers<R>]: { readonly status: S; readonly body: OutputOf<Answers<R>[S]> };
}[keyof Answers<R>];

/** What an operation answers when it does not refuse. */
export type AnswerFrom<E extends Endpoint> = AnswerOf<Endpoints[E]>;
/** The body of a success. */
export type BodyFrom<E extends Endpoint> = AnswerFrom<E>['body'];
