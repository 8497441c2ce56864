/** Values that the creator decider tests share: Alice, who became a creator, and values sealed for her. */
import { sealedValue } from '@creator-dashboards/shared/testing/given';
import type { EventNamed } from '@creator-dashboards/shared/events/index';
import { bioPageIdOf, creatorIdOf, CreatorUserId } from '@creator-dashboards/shared/ids';
import type { Sealed } from '@creator-dashboards/shared/ports';

export const at = '2026-04-29T20:00:00.000Z';
export const later = '2026-05-01T08:00:00.000Z';

export const userId = CreatorUserId('0190aaaa-0000-7000-8000-0000000000a1');
export const creatorId = creatorIdOf(userId);
export const bioPageId = bioPageIdOf(userId);
export const page = { userId, creatorId, bioPageId };

/** Any valid id. */
export const idOf = (ordinal: number) => `0190bbbb-0000-7000-8000-${String(ordinal).padStart(12, '0')}`;
/** Any text that looks like an HMAC. */
export const digestOf = (letter: string) => letter.repeat(40);

export const sealed = <T>(text: string) => sealedValue(userId, text) as Sealed<T>;

export const upgraded: EventNamed<'CreatorUpgraded'> = {
  type: 'CreatorUpgraded',
  data: {
    ...page,
    displayName: sealed('Alice'),
    bio: sealed('I paint.'),
    username: sealed('alice'),
    usernameDigest: digestOf('a'),
    templateId: null,
    template: null,
    createdAt: at,
  },
};
