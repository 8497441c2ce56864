import {
  EMPTY_INDEX,
  type AuditIndex,
  type Head,
  type IndexState,
  type NewIndexedEvent,
  type SignedHead,
} from '../src/audit-index.js';

/** The audit's index in memory, by the same contract. */
export function memoryAuditIndex(): AuditIndex {
  let state: IndexState = EMPTY_INDEX;
  const events: NewIndexedEvent[] = [];
  const heads = new Map<number, Head | SignedHead>();
  const isSigned = (head: Head | SignedHead): head is SignedHead => 'signature' in head;
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
    async keepHead(head) {
      const kept = heads.get(head.size) ?? head;
      heads.set(head.size, kept);
      return kept;
    },
    async signHead(head) {
      const kept = heads.get(head.size);
      if (kept?.root !== head.root) throw new Error(`no head of ${head.size} events has this root`);
      const signed = isSigned(kept) ? kept : head;
      heads.set(head.size, signed);
      return signed;
    },
    async signedHeads({ from, direction, limit }) {
      const sign = direction === 'forwards' ? 1 : -1;
      const signed = [...heads.values()].filter(isSigned).sort((a, b) => sign * (a.size - b.size));
      return signed.filter(({ size }) => sign * (size - from) >= 0).slice(0, limit);
    },
  };
}
