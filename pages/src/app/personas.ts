/** The people of the demonstration, as whom anybody may look around. There are none elsewhere. */
import type { Client } from '../vendor/client.js';

export interface Persona {
  readonly name: string;
  readonly role: 'USER' | 'ADMIN' | 'AUDITOR';
  readonly text: string;
}

/** The routes of the demonstration are no part of the API's description. */
type Untyped = (path: string) => Promise<unknown>;

export async function personas(client: Client): Promise<readonly Persona[]> {
  const { items } = (await (client.get as Untyped)('/demo/personas')) as { readonly items: readonly Persona[] };
  return items;
}

/** An access token, with a session as from a login. */
export async function personaToken(client: Client, name: string): Promise<string> {
  const path = `/demo/personas/${encodeURIComponent(name)}/session`;
  const { accessToken } = (await (client.post as Untyped)(path)) as { readonly accessToken: string };
  return accessToken;
}
