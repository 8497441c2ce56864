/**
 * The worked example of docs/adding-an-event.md, which quotes it: creators greet their visitors. In the system itself each
 * part is written into the file that the comment above it names.
 */
import { refuse, type Refusal } from '@creator-dashboards/shared/errors';
import { event, type EventOf } from '@creator-dashboards/shared/events/define';
import { sealed, type SealedKind } from '@creator-dashboards/shared/events/sealed';
import type { Recorded } from '@creator-dashboards/shared/events/index';
import type { Content } from '@creator-dashboards/shared/fold';
import type { Sealed } from '@creator-dashboards/shared/ports';
import type { CreatorProfileDocument } from '@creator-dashboards/shared/views/creator-profile/document';
import { z } from 'zod';

// shared/src/events/sealed.ts
export const kinds: { readonly greeting: SealedKind<string> } = { greeting: { name: 'greeting', version: 1 } };

// shared/src/events/creator.ts
export const greetingEvents = {
  CreatorGreetingSet: event({ greeting: sealed(kinds.greeting).nullable(), locale: z.string().min(2).max(35) }, [
    (old) => ({ ...old, locale: 'en' }), // Version 1 had no locale: everybody wrote English.
  ]),
};
export type GreetingEvent = EventOf<typeof greetingEvents>;

// command-service/src/domain/creator/
export interface GreetingState {
  readonly exists: boolean;
  readonly locale: string | null;
}

export interface SetGreeting {
  readonly type: 'SetGreeting';
  /** Sealed at the edge; null removes the greeting. */
  readonly greeting: Sealed<string> | null;
  readonly locale: string;
}

export function evolve(state: GreetingState, { data }: GreetingEvent): GreetingState {
  return { ...state, locale: data.greeting === null ? null : data.locale };
}

export function decide(command: SetGreeting, state: GreetingState): readonly GreetingEvent[] | Refusal {
  if (!state.exists) return refuse('error.creator.not_found');
  const { greeting, locale } = command;
  if (greeting === null && state.locale === null) return []; // There is none to remove.
  return [{ type: 'CreatorGreetingSet', data: { greeting, locale } }];
}

// shared/src/views/creator-profile/document.ts
export interface GreetedProfile extends CreatorProfileDocument {
  readonly greeting: Sealed<string> | null;
}

// shared/src/views/creator-profile/fold.ts
type Profile = Content<GreetedProfile>;

export const handlers = {
  CreatorGreetingSet: (profile: Profile, { data, metadata }: GreetingEvent & Pick<Recorded, 'metadata'>): Profile => ({
    ...profile,
    greeting: data.greeting,
    updatedAt: metadata.occurredAt,
  }),
};
