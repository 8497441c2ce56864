/** Why a field of a dashboard is what it is: its formula, the inputs, and the events that moved it. */
import type { FoldedDocument } from '@creator-dashboards/shared/fold';
import { configValue } from '@creator-dashboards/shared/platform-config';
import type { Position, RecordedEvent } from '@creator-dashboards/shared/ports';
import type { ConfigDocument } from '@creator-dashboards/shared/views/config/document';
import { dashboardFormulas } from '@creator-dashboards/shared/views/creator-dashboard/formulas';
import { profileFormulas } from '@creator-dashboards/shared/views/creator-profile/formulas';
import { dmConfigFormulas } from '@creator-dashboards/shared/views/dm-config/formulas';
import type { Formulas } from '@creator-dashboards/shared/views/formula';
import { referralFormulas } from '@creator-dashboards/shared/views/referral-dashboard/formulas';
import { bodyOf, startFolding, type Past } from './as-of.js';
import { byIds, placesOf, valueAt, type Field } from './field.js';
import type { Personal, ShownValue } from './personal.js';
import { closed } from './show.js';

export const formulas = {
  creatorDashboard: dashboardFormulas,
  creatorProfile: profileFormulas,
  dmConfig: dmConfigFormulas,
  referralDashboard: referralFormulas,
} satisfies Readonly<Record<string, Formulas>>;
export type Explainable = keyof typeof formulas;

export interface Step {
  readonly position: string;
  readonly eventId: string;
  readonly type: string;
  readonly occurredAt: string;
  readonly correlationId: string;
  readonly before: unknown;
  readonly after: unknown;
  /** Which of the two, or parts of which, are null only because they are masked, or were erased. */
  readonly masked: Side[];
  readonly erased: Side[];
}
type Side = 'before' | 'after';

export interface Explanation {
  /** As the read API answers it; null where it answers an error, which `refused` names. */
  readonly value: unknown;
  readonly refused: string | null;
  readonly formula: string;
  /** Fields of the document and values of the config, by their names. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The newest ones, oldest first, and how many came before them. */
  readonly steps: readonly Step[];
  readonly stepsLeftOut: number;
  readonly masked: boolean;
  readonly erased: boolean;
  readonly document: FoldedDocument | null;
  readonly upTo: Position;
  readonly isTruncated: boolean;
  readonly read: number;
}

/** Steps are kept up to about so many characters of values, and so many in number. */
const STEPS_MAX = { count: 10_000, length: 4_000_000 };

/**
 * Replays the events of a document, and of the config where it is shown with it, up to a position. What is discarded by then is left
 * out from the beginning, so each step is the effect of its event on what is shown now.
 */
export async function explain(
  past: Past,
  {
    view,
    key,
    field,
    until,
  }: { readonly view: Explainable; readonly key: string; readonly field: Field; readonly until: Position },
  personal: Personal,
): Promise<Explanation> {
  const { own, config, history } = await startFolding(past, { view, code: past.views[view], key, until, stamp: null });
  const isMoved = watch(view, field);
  const steps = createSteps();
  const state = () => ({ document: own.document(), config: (config?.document() ?? null) as ConfigDocument | null });
  const presented = () => bodyOf(view, false, state(), personal.open);
  const valueIn = (made: Awaited<ReturnType<typeof presented>>) =>
    'body' in made ? valueAt(made.body, field.path) : null;

  let value = valueIn(await presented());
  let read = 0;
  for await (const batch of history.batches) {
    read += batch.length;
    for (const event of batch) {
      const isTaken = [own.take(event), config?.take(event)].includes(true);
      if (!isTaken || !isMoved(state())) continue;
      const next = valueIn(await presented());
      if (!(await personal.same(value, next))) steps.add(event, await personal.show(value), await personal.show(next));
      value = next;
    }
  }
  const made = await presented();
  const last = await personal.show(value);
  return {
    value: last.value,
    refused: 'refused' in made ? made.refused : null,
    ...derivation(field, byIds('body' in made ? made.body : null, field.path), state()),
    ...{ steps: steps.kept(), stepsLeftOut: steps.leftOut() },
    ...{ masked: last.masked.length > 0, erased: last.erased.length > 0, document: own.document() },
    ...{ upTo: history.upTo, isTruncated: history.isTruncated, read },
  };
}

interface State {
  readonly document: FoldedDocument | null;
  readonly config: ConfigDocument | null;
}

/** Tells whether anything has changed that the field follows from. What has not need not be presented. */
function watch(view: Explainable, { formulas: all }: Field): (state: State) => boolean {
  const own = all.flatMap(([, { from }]) => from.map((place) => place.split('.')[0] ?? ''));
  const names = [...new Set([...formulas[view].shownBy, ...own, 'parked'])];
  const needsConfig = all.some(([, formula]) => formula.config);
  let [document, config]: [FoldedDocument | null, ConfigDocument | null] = [null, null];
  const fieldOf = (one: FoldedDocument | null, name: string) => (one as Record<string, unknown> | null)?.[name];
  return (now) => {
    const isMoved =
      document === null ||
      names.some((name) => fieldOf(document, name) !== fieldOf(now.document, name)) ||
      (needsConfig && config !== now.config) ||
      now.config?.parked !== config?.parked;
    ({ document, config } = now);
    return isMoved;
  };
}

/** The formula of a field with its inputs; of a field that has fields, those of all of them. */
function derivation(
  { formulas: all }: Field,
  path: readonly string[],
  { document, config }: State,
): Pick<Explanation, 'formula' | 'inputs'> {
  const [only] = all;
  const isWhole = only !== undefined && all.length === 1 && only[0].split('.').length === path.length;
  const formula = isWhole ? only[1].formula : `all of ${all.map(([name]) => name).join(', ')}`;
  const inputs: Record<string, unknown> = {};
  if (!document) return { formula, inputs };
  for (const [pattern, its] of all) {
    for (const place of placesOf(its, pattern, path)) inputs[place] = closed(valueAt(document, place.split('.')));
    for (const key of its.config?.(document) ?? []) inputs[key] = configValue(config, key);
  }
  return { formula, inputs };
}

/** The newest steps, within bounds. */
function createSteps() {
  const steps: Step[] = [];
  const lengths: number[] = [];
  let [length, leftOut] = [0, 0];
  return {
    add({ id, type, position, metadata }: RecordedEvent, before: ShownValue, after: ShownValue): void {
      const { occurredAt, $correlationId } = metadata;
      const place = { position: position.toString(), eventId: id, type, occurredAt, correlationId: $correlationId };
      const sides = (kind: 'masked' | 'erased'): Side[] => [
        ...(before[kind].length > 0 ? (['before'] as const) : []),
        ...(after[kind].length > 0 ? (['after'] as const) : []),
      ];
      const values = { before: before.value, after: after.value };
      steps.push({ ...place, ...values, masked: sides('masked'), erased: sides('erased') });
      lengths.push(JSON.stringify(before.value).length + JSON.stringify(after.value).length);
      length += lengths.at(-1) ?? 0;
      while (steps.length > STEPS_MAX.count || (length > STEPS_MAX.length && steps.length > 1)) {
        steps.shift();
        length -= lengths.shift() ?? 0;
        leftOut += 1;
      }
    },
    kept: (): readonly Step[] => steps,
    leftOut: () => leftOut,
  };
}
