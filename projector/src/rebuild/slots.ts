/**
 * The keys of a view, in a fixed number of slots: a rebuild is split by them. Never by position: half a document could not be
 * completed without the other half. Pure.
 */
import type { RecordedEvent, Suffixes } from '@creator-dashboards/shared/ports';
import type { View } from '@creator-dashboards/shared/views/view';

/** Slots from `from` up to, without, `to`. */
export interface Slots {
  readonly from: number;
  readonly to: number;
}

export const SLOTS = 0x10000;
const SLOTS_OF_A_SUFFIX = 0x100;

/** One of so many shares of all slots, as even as whole suffixes are. At most 256. */
export function slotsOfShare(share: number, of: number): Slots {
  const at = (n: number) => Math.floor((n * SLOTS_OF_A_SUFFIX) / of) * SLOTS_OF_A_SUFFIX;
  return { from: at(share), to: at(share + 1) };
}

const SUFFIX = /[0-9a-f]{2}$/;

/** Where a view is partitioned by the suffix of its streams, the slots of a suffix are neighbours. */
export function slotOf({ partition }: Pick<View, 'partition'>, key: string): number {
  const hash = hashOf(key);
  const suffix = partition === 'streamSuffix' ? suffixOf(key) : null;
  return suffix === null ? hash : suffix * SLOTS_OF_A_SUFFIX + (hash % SLOTS_OF_A_SUFFIX);
}

export function isWithin({ from, to }: Slots, slot: number): boolean {
  return slot >= from && slot < to;
}

export function isAll({ from, to }: Slots): boolean {
  return from === 0 && to === SLOTS;
}

/** Whether a stream may have events of keys in these slots: told by its name alone, so that an event is skipped unread. */
export function mayConcern({ partition }: Pick<View, 'partition'>, { from, to }: Slots, stream: string): boolean {
  const suffix = partition === 'streamSuffix' ? suffixOf(stream) : null;
  if (suffix === null) return true;
  return suffix * SLOTS_OF_A_SUFFIX < to && (suffix + 1) * SLOTS_OF_A_SUFFIX > from;
}

/** The suffixes of these slots, so that the streams of others need not be read; undefined where all are to be read. */
export function suffixesOf({ partition }: Pick<View, 'partition'>, slots: Slots): Suffixes | undefined {
  if (partition !== 'streamSuffix' || isAll(slots)) return undefined;
  const { from, to } = slots;
  return { from: Math.floor(from / SLOTS_OF_A_SUFFIX), to: Math.ceil(to / SLOTS_OF_A_SUFFIX) };
}

/** How much of the log is read for so many slots, 0 to 1, as long as its streams are even. */
export function partOfLog({ partition }: Pick<View, 'partition'>, slots: number): number {
  return partition === 'streamSuffix' ? slots / SLOTS : 1;
}

/** Why no worker may find an event that concerns this key; null where one will. */
export function outOfPartition(
  { partition }: Pick<View, 'partition'>,
  { stream, position }: Pick<RecordedEvent, 'stream' | 'position'>,
  key: string,
): string | null {
  if (partition === 'key' || suffixOf(stream) === suffixOf(key)) return null;
  return `the event at position ${position} of ${stream} concerns ${key}, which does not end in the same two digits`;
}

function suffixOf(name: string): number | null {
  const found = SUFFIX.exec(name);
  return found && parseInt(found[0], 16);
}

/** FNV-1a, folded to the number of slots: the same in every process and release. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let n = 0; n < text.length; n += 1) hash = Math.imul(hash ^ text.charCodeAt(n), 0x01000193);
  return ((hash >>> 16) ^ hash) & (SLOTS - 1);
}
