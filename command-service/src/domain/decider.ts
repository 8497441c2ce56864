import type { DomainEvent } from '@creator-dashboards/shared/events/index';
import type { Refusal } from '@creator-dashboards/shared/errors';
import type { RoutingKeys } from '@creator-dashboards/shared/ports';

/**
 * One aggregate: which stream a command is for, what its events add up to, and what may happen next. Pure: no clock, no
 * randomness, no I/O; times and ids arrive in commands. States are JSON (they go into snapshots): amounts are integer cents,
 * sealed values stay sealed, no Map, Set or bigint.
 */
export interface Decider<S, C, E extends DomainEvent> {
  /** The part of its stream names before the first dash; contains no dash itself (stream names, domain 5). */
  readonly category: string;
  /** Raise it when the shape of the state changes, so that older snapshots are ignored. */
  readonly snapshotVersion: number;
  /** False where no command takes an Idempotency-Key: commands are not remembered, each is a new one (idempotency, domain 9.7). */
  readonly remembersCommands?: false;
  streamOf(command: C): string;
  readonly initial: S;
  evolve(state: S, event: E): S;
  /** The events that follow, none when the command changes nothing, or a refusal. */
  decide(command: C, state: S): readonly E[] | Refusal;
  /** Routing ids for metadata (domain 9.1), from the state after the events and, where events hold none, from the command. */
  keysOf(state: S, command: C): RoutingKeys;
  /** Routing ids that not all events of a command have: added to those of `keysOf`. */
  keysOfEvent?(event: E): RoutingKeys;
}
