/** Addresses of pages: the whole state of what is looked at, so that a link leads another person to the same. */

export interface Place {
  /** As in "/console/events". */
  readonly path: string;
  readonly query: URLSearchParams;
}

export function placeOf({ pathname, search }: Pick<URL | Location, 'pathname' | 'search'>): Place {
  return { path: pathname, query: new URLSearchParams(search) };
}

/** Where to go after a login: an address of ours, never one of another site. */
export function ownPath(text: string | null): string | null {
  return text !== null && /^\/(?![/\\])/.test(text) ? text : null;
}

/** `#token=…` of the address, which is taken out at once, so that neither history nor a copied link holds it. */
export function takeToken(): string | null {
  const { hash, pathname, search } = location;
  const token = new URLSearchParams(hash.slice(1)).get('token');
  if (token !== null) history.replaceState(null, '', pathname + search);
  return token;
}
