/** Commands and reactions as spans. */
import { isRefusal } from '@creator-dashboards/shared/errors';
import type { DomainEvent } from '@creator-dashboards/shared/events/index';
import { appendOf, traceIdOf, traceOf } from '@creator-dashboards/shared/tracing/log-refs';
import type { Tracer } from '@creator-dashboards/shared/tracing/tracer';
import type { CommandHandler, CommandOutcome } from './command-loop.js';
import type { CommandContext } from './command-context.js';
import type { Policy } from './policy.js';

/** The handler, each command of which is a span: what was loaded, decided and tried again is in it, what was appended below it. */
export function tracedCommands(tracer: Tracer | undefined, handler: CommandHandler): CommandHandler {
  if (!tracer) return handler;

  const traced = <S, E extends DomainEvent>(
    { category }: { readonly category: string },
    { correlationId }: CommandContext,
    run: () => Promise<CommandOutcome<S, E>>,
  ): Promise<CommandOutcome<S, E>> => {
    const traceId = traceIdOf(correlationId);
    if (!traceId) return run();
    return tracer.span({ name: `command ${category}`, traceId, attributes: { category } }, async (span) => {
      const outcome = await run();
      if (isRefusal(outcome)) span.set({ refused: outcome.refused });
      else span.set({ events: outcome.events.length, outcome: outcome.replayed ? 'replayed' : 'run' });
      return outcome;
    });
  };

  return {
    ...handler,
    handle: (decider, command, context) => traced(decider, context, () => handler.handle(decider, command, context)),
    handleBy: (decider, stream, commandFor, context) =>
      traced(decider, context, () => handler.handleBy(decider, stream, commandFor, context)),
  };
}

/** The policy, each reaction of which is a span: a child of the append of what it reacts to, whichever process runs it. */
export function tracedPolicy(tracer: Tracer | undefined, policy: Policy): Policy {
  if (!tracer) return policy;
  return {
    ...policy,
    react(event, service) {
      const run = () => policy.react(event, service);
      const traceId = traceOf(event);
      if (!traceId || !tracer.keeps(traceId)) return run();
      const attributes = { policy: policy.name, event: event.type, 'event.id': event.id };
      const parent = appendOf(event, traceId);
      return tracer.span(
        { name: `policy ${policy.name}`, traceId, kind: 'consumer', parent, attributes },
        async (span) => {
          const events = await run();
          span.set({ events: events.length });
          return events;
        },
      );
    },
  };
}
