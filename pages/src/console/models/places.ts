/** Where a finding of the search is shown. */
import type { Query } from './query.js';
import type { Found } from './answers.js';

export interface Place {
  readonly label: string;
  readonly query: Query;
}

export function placeOf({ kind, id }: Pick<Found, 'kind' | 'id'>): Place {
  switch (kind) {
    case 'event':
      return { label: 'event', query: { page: 'events', eventId: id, event: id } };
    case 'user':
      return { label: 'person', query: { page: 'people', id } };
    case 'creator':
      return { label: 'creator', query: { page: 'creator', id } };
    case 'correlation':
      return { label: 'request', query: { page: 'cause', id } };
    case 'actor':
      return { label: 'acted', query: { page: 'events', actor: id } };
    default:
      return { label: kind, query: { page: 'events', about: id } };
  }
}

/** What is typed for a list of events ("MessageSent", "type:MessageSent"), not the name or id of one thing. */
export const isForEvents = (text: string): boolean => /^[A-Z][a-z]+[A-Z][A-Za-z]+$|^[a-zA-Z]+:\S/.test(text);
