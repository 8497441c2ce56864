/** What a rebuild has cost so far, over all its workers. */
export interface Work {
  /** Events read by its workers. Those of a batch whose worker died are counted when they are read again. */
  readonly events: number;
  /** How long workers were at it: without pauses, and without the time in which nobody was. */
  readonly ms: number;
}

export const NO_WORK: Work = { events: 0, ms: 0 };
