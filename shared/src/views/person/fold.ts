/** Who the caller is: names, standing, roles, and whether she is a creator. */
import type { PersonDocument } from './document.js';
import { ownerOf } from '../routing.js';
import type { View } from '../view.js';

export const person: View<PersonDocument> = {
  name: 'person',
  version: 2,
  changes: ['email', 'avatarUrl'],
  partition: 'streamSuffix',
  categories: ['user', 'creator'],
  keyOf: ownerOf,
  initial: {
    status: 'ACTIVE',
    username: null,
    displayName: null,
    email: null,
    emailVerified: false,
    avatarUrl: null,
    roles: [],
    creatorId: null,
    createdAt: null,
  },
  handlers: {
    UserRegistered: (person, { data, metadata }) => ({
      ...person,
      status: 'ACTIVE',
      username: data.username,
      displayName: data.displayName,
      email: data.email,
      emailVerified: data.emailVerifiedAt !== null,
      createdAt: metadata.occurredAt,
    }),
    UsernameChanged: (person, { data }) => ({ ...person, username: data.new }),
    UserAvatarChanged: (person, { data }) => ({ ...person, avatarUrl: data.avatarUrl }),
    UserEmailVerified: (person) => ({ ...person, emailVerified: true }),
    UserDeactivated: (person) => ({ ...person, status: 'DEACTIVATED' }),
    UserReactivated: (person, { data }) => ({ ...person, status: data.statusAfter }),
    UserSuspended: (person) => ({ ...person, status: 'SUSPENDED' }),
    UserErasureRequested: (person) => ({ ...person, status: 'DELETED' }),
    UserErased: (person) => ({ ...person, status: 'ERASED' }),
    StaffRoleGranted: (person, { data }) => ({ ...person, roles: [...person.roles, data.role] }),
    StaffRoleRevoked: (person, { data }) => ({ ...person, roles: person.roles.filter((role) => role !== data.role) }),
    CreatorUpgraded: (person, { data }) => ({ ...person, creatorId: data.creatorId }),
  },
};
