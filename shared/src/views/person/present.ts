import { kinds } from '../../events/sealed.js';
import type { Instant } from '../../time.js';
import type { Open } from '../open.js';
import type { PersonBody } from './body.js';
import type { PersonDocument } from './document.js';

/** Of a person who is registered. */
export async function presentPerson(
  document: PersonDocument & { readonly createdAt: Instant },
  open: Open,
): Promise<PersonBody> {
  const { _id: id, status, emailVerified, roles, creatorId, createdAt } = document;
  return {
    id,
    username: await open(kinds.name, document.username),
    displayName: await open(kinds.displayName, document.displayName),
    status,
    email: await open(kinds.email, document.email),
    emailVerified,
    avatarUrl: await open(kinds.avatarUrl, document.avatarUrl),
    ...{ roles: [...roles], creatorId, createdAt },
  };
}
