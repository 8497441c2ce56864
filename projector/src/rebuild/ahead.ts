/** What a share of a rebuild still has to do, foretold from what its window holds so far. Pure. */

/** Events that a window has folded, and how many documents it had of a slot of keys then. */
export interface Held {
  readonly events: number;
  readonly perSlot: number;
}

export interface WindowNow {
  readonly now: Held;
  /** The same a while ago; no events where nothing is known of then. */
  readonly earlier: Held;
  /** Memory of its documents, about, and what they may take. */
  readonly bytes: number;
  readonly limit: number;
  /** How many slots it has, and how many are open in the share, its own among them. */
  readonly slots: number;
  readonly open: number;
  /** Documents of a slot at its end, at most. */
  readonly mostPerSlot: number;
  /** Events of the log from where it is to its end, and in all. */
  readonly rest: number;
  readonly pass: number;
  /** How much of the log is read for so many slots, 0 to 1. */
  readonly partOf: (slots: number) => number;
}

export interface Ahead {
  /** Events to read, where the same one is read by each window. */
  readonly left: number;
  /** Documents that will be stored. */
  readonly toStore: number;
}

/** How full a window is on average that was made smaller, perhaps more than once: between three quarters and all of its memory. */
const FILLED = 7 / 8;

/**
 * New documents come as of late; those of other slots are as many and as large. A window that will not hold its own is made smaller,
 * and what is left over takes further passes.
 */
export function aheadOf(window: WindowNow): Ahead {
  const { now, earlier, bytes, limit, slots, open, mostPerSlot, rest, pass, partOf } = window;
  const since = now.events - earlier.events;
  const growth = since > 0 && earlier.events > 0 ? Math.max(0, now.perSlot - earlier.perSlot) / since : 0;
  const perSlot = Math.max(now.perSlot, Math.min(mostPerSlot, now.perSlot + growth * rest * partOf(slots)));
  const grown = now.perSlot > 0 ? (bytes * perSlot) / now.perSlot : 0;
  const atItsEnd = grown > limit ? (slots * limit * FILLED) / grown : slots;
  const others = open - atItsEnd;
  const windows = Math.ceil(others / atItsEnd);
  const left = (rest * (partOf(slots) + partOf(atItsEnd))) / 2 + windows * pass * partOf(windows && others / windows);
  return { left: Math.round(left), toStore: Math.round(perSlot * open) };
}
