import type { DomainEvent } from '@creator-dashboards/shared/events/index';
import type { Refusal } from '@creator-dashboards/shared/errors';
import type { RoutingKeys } from '@creator-dashboards/shared/ports';

/**
 * One aggregate: which stream a command is for, what its events add up to, and what may happen next. Pure: no clock, no
 * randomness, no I/O; times and ids arrive in commands. States are JSON (they go into snapshots): amounts are integer cents,
 * sealed values stay sealed, no Map, Set or bigint.
 */
export interface Decider<S, C, E extends DomainEvent> {
  /** What stands before the dash in its streams' names: no dash of its own (domain 5). */
  readonly category: string;
  /** Raised when the shape of the state changes: older snapshots are then not used. */
  readonly snapshotVersion: number;
  /** False where commands never take an Idempotency-Key and each is a new one: none is kept to recognise a retry by (domain 9.7). */
  readonly remembersCommands?: false;
  streamOf(command: C): string;
  readonly initial: S;
  evolve(state: S, event: E): S;
  /** The events that follow, none when the command changes nothing, or a refusal. */
  decide(command: C, state: S): readonly E[] | Refusal;
  /** Routing ids for metadata (domain 9.1), from the state after the events and, where events hold none, from the command. */
  keysOf(state: S, command: C): RoutingKeys;
}
