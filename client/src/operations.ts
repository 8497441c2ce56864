/** What can be called, and with what: read off the types that are generated from the API's description. */
import type { paths } from './generated/api.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

type Operation<P extends keyof paths, M extends Method> = NonNullable<paths[P][M]>;

/** The paths that have this method, as "/creators/{creatorId}/dm-config". */
export type PathOf<M extends Method> = {
  [P in keyof paths]: [NonNullable<paths[P][M]>] extends [never] ? never : P;
}[keyof paths];

type Success<O> = O extends { responses: infer R }
  ? { [S in keyof R & (200 | 201)]: R[S] extends { content: { 'application/json': infer B } } ? B : never }[keyof R &
      (200 | 201)]
  : never;

/** What a call answers: the `data` of its body. */
export type DataOf<P extends keyof paths, M extends Method> =
  Success<Operation<P, M>> extends { data: infer D } ? D : undefined;

type Parameters<O, In extends string> = O extends { parameters: infer A }
  ? A extends { [K in In]?: infer V }
    ? NonNullable<V>
    : never
  : never;

type Body<O> = O extends { requestBody?: infer B }
  ? NonNullable<B> extends { content: { 'application/json': infer J } }
    ? J
    : never
  : never;

/** `{ [name]: V }`, to be given where V has something that must be given. */
type Given<N extends string, V> = [V] extends [never]
  ? unknown
  : object extends V
    ? { readonly [K in N]?: V }
    : { readonly [K in N]: V };

export type CallOptions<P extends keyof paths, M extends Method> = Given<
  'params',
  Parameters<Operation<P, M>, 'path'>
> &
  Given<'query', Parameters<Operation<P, M>, 'query'>> &
  Given<'body', Body<Operation<P, M>>> & { readonly signal?: AbortSignal | undefined } & (M extends 'get'
    ? unknown
    : {
        /** Names what is to be done: a call that is repeated with it is done once. A new one for each call unless given. */
        readonly idempotencyKey?: string | undefined;
      });

/** The options, which may be left out where nothing has to be given. */
export type Args<P extends keyof paths, M extends Method> =
  object extends CallOptions<P, M> ? [options?: CallOptions<P, M>] : [options: CallOptions<P, M>];
