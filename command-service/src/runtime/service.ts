/** What routes and policies of the command service work with. `create-service.ts` wires it; tests wire their own. */
import type { Origins } from '@creator-dashboards/shared/origins';
import type { Recorded } from '@creator-dashboards/shared/events/index';
import type { Random } from '@creator-dashboards/shared/ids';
import type { Counters, EventStore, KeyStore, Position, ReadStore } from '@creator-dashboards/shared/ports';
import type { Providers } from '@creator-dashboards/shared/providers';
import type { Digest, Sealer } from '@creator-dashboards/shared/seal';
import type { Clock } from '@creator-dashboards/shared/time';
import type { CommandHandler } from './command-loop.js';
import type { Lookups } from './lookups.js';

export interface CommandService {
  readonly events: EventStore;
  readonly reads: ReadStore;
  readonly counters: Counters;
  readonly keys: KeyStore;
  readonly sealer: Sealer;
  readonly digest: Digest;
  readonly clock: Clock;
  /** Where fresh ids and salts come from. */
  readonly random: Random;
  readonly providers: Providers;
  readonly commands: CommandHandler;
  readonly lookups: Lookups;
  /** An access token; it lives for TOKEN_LIFETIME_SECONDS. */
  readonly signToken: (who: { userId: string; role: 'USER' | 'ADMIN' | 'AUDITOR' }) => string;
  /** Called for each login with wrong credentials. */
  readonly onLoginFailed: () => void;
  /** Public address of this installation, without a trailing slash; for links in responses. */
  readonly publicUrl: string;
  /** Where people sign up, outside this installation; null where there is no such page. */
  readonly signupUrl: string | null;
  /** Other origins whose pages may call (CORS_ORIGINS). */
  readonly corsOrigins: Origins;
  /**
   * Runs the follow-ups of these events, and theirs in turn, with the same ids as the policies' own feed (domain 9.3). Returns the
   * position of the last event.
   */
  readonly runFollowUps: (events: readonly Recorded[]) => Promise<Position>;
}
