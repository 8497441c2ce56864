/**
 * Policies (process managers): events in, commands out. Each runs on the feed, and the request whose command caused the event
 * runs it too before it answers (domain 9.3). Command ids are derived, so the second run returns the result of the first.
 */
import { isRefusal, Refused, type Refusal } from '@creator-dashboards/shared/errors';
import type { DomainEvent, EventNamed, EventType, Recorded } from '@creator-dashboards/shared/events/index';
import { actingConsumer, RetryLater, type Consumer } from '@creator-dashboards/shared/feed/consumer';
import { policyFeed } from '@creator-dashboards/shared/feed/policies';
import { derivedId, followUpIdOf } from '@creator-dashboards/shared/ids';
import type { Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import { isTransient } from '@creator-dashboards/shared/store-errors';
import { ownTurn } from '@creator-dashboards/shared/turns';
import { toInstant } from '@creator-dashboards/shared/time';
import type { CommandOutcome } from './command-loop.js';
import type { CommandContext } from './command-context.js';
import type { CommandService } from './service.js';

export interface Policy<T extends EventType = EventType> {
  readonly name: string;
  readonly on: readonly T[];
  /**
   * What its commands are refused leaves no event, so an event seen again could be decided otherwise. Without a checkpoint it
   * starts at the head, never earlier.
   */
  readonly onlyOnce?: true;
  /** Names, beside its own, that it gives to `followUp`: whose a command is, is known by them. */
  readonly steps?: readonly string[];
  /** Events of one key are handled in order and parked together. Uses metadata only. */
  keyOf(event: RecordedEvent): string | undefined;
  /**
   * Issues the follow-up commands and returns all their events, in a repeated run too. A refusal is an outcome, not an exception.
   * Must be safe to run again, even much later: what moves money first asks the small stream whether it was done.
   */
  react(event: Recorded<EventNamed<T>>, service: CommandService): Promise<readonly Recorded[]>;
}

/** Types a policy by the events it names, then erases that type, so that all policies fit one list. */
export function policy<T extends EventType>(definition: Policy<T>): Policy {
  return definition as unknown as Policy; // safe: `runFollowUps` and the feed only pass events named in `on`
}

/** Context of a follow-up command on `targetStream`. */
export function followUp(
  service: CommandService,
  cause: Recorded,
  policyName: string,
  targetStream: string,
): CommandContext {
  return {
    commandId: followUpIdOf(cause.id, policyName, targetStream),
    since: null,
    correlationId: cause.metadata.$correlationId,
    causationId: cause.id,
    actor: { userId: null, role: 'SYSTEM' },
    reason: null,
    at: toInstant(service.clock.now()),
  };
}

/** Context of a command that the clock issues: the same subject and purpose is the same command (domain 9.3). */
export function clockContext(service: CommandService, subjectId: string, purpose: string): CommandContext {
  const commandId = derivedId(subjectId, purpose);
  return {
    commandId,
    since: null,
    correlationId: commandId,
    causationId: subjectId,
    actor: { userId: null, role: 'SYSTEM' },
    reason: null,
    at: toInstant(service.clock.now()),
  };
}

/** The events of a follow-up, none when it was refused. */
export function eventsOf<S, E extends DomainEvent>(outcome: CommandOutcome<S, E>): readonly Recorded<E>[] {
  return isRefusal(outcome) ? [] : outcome.events;
}

/** The outcome of a command that must not be refused here: a refusal is a bug and parks the key. */
export function mustSucceed<S, E extends DomainEvent>(
  outcome: CommandOutcome<S, E>,
): Exclude<CommandOutcome<S, E>, Refusal> {
  if (isRefusal(outcome)) throw new Error(`refused: ${outcome.refused}`);
  return outcome;
}

/** Whether an error is transient, so that the same reaction will succeed later. A failed store ends the process instead. */
function isTriedAgain(error: unknown): boolean {
  if (error instanceof Refused) return error.key === 'common.busy';
  return error instanceof RetryLater || isTransient(error);
}

export function createFollowUps(
  policies: readonly Policy[],
  service: () => CommandService,
): CommandService['runFollowUps'] {
  /** A transient error is left to the policy's own feed: what the caller asked for is done. */
  async function reaction(each: Policy, event: Recorded): Promise<readonly Recorded[]> {
    try {
      return await each.react(event, service());
    } catch (error) {
      if (isTriedAgain(error)) return [];
      throw error;
    }
  }

  return async function runFollowUps(events) {
    let last: Position = 0n;
    const open = [...events];
    for (let event = open.shift(); event; event = open.shift()) {
      if (event.position > last) last = event.position;
      for (const each of policies) if (each.on.includes(event.type)) open.push(...(await reaction(each, event)));
    }
    return last;
  };
}

/** A policy on the feed. A transient error is tried again; anything else parks the key. */
export function policyConsumer(each: Policy, service: CommandService): Consumer {
  return actingConsumer({
    name: policyFeed(each.name),
    types: each.on,
    keyOf: (event) => each.keyOf(event),
    async act(event) {
      await ownTurn();
      try {
        await each.react(event, service);
      } catch (error) {
        throw isTriedAgain(error) ? new RetryLater(String(error), { cause: error }) : error;
      }
    },
  });
}
