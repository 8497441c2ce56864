import { EMPTY_INDEX, type AuditIndex, type IndexState, type NewIndexedEvent } from '../src/audit-index.js';

/** The audit's index in memory, by the same contract. */
export function memoryAuditIndex(): AuditIndex {
  let state: IndexState = EMPTY_INDEX;
  const events: NewIndexedEvent[] = [];
  return {
    state: async () => state,
    async add(added, next) {
      if (state.size !== next.size - added.length) return false;
      events.push(...added);
      state = next;
      return true;
    },
    async having(term, { from, direction, limit }) {
      const having = events.filter(({ terms }) => terms.includes(term)).map(({ ordinal }) => ordinal);
      const wanted = direction === 'forwards' ? having : having.reverse();
      return wanted.filter((ordinal) => (direction === 'forwards' ? ordinal >= from : ordinal <= from)).slice(0, limit);
    },
    positionsOf: async (ordinals) => ordinals.flatMap((ordinal) => events[ordinal]?.position ?? []),
    async get(ordinals) {
      return ordinals.flatMap((ordinal) => {
        const event = events[ordinal];
        if (!event) return [];
        const { terms: _, ...indexed } = event;
        return [indexed];
      });
    },
  };
}
