import type { Fold, FoldedDocument } from '@creator-dashboards/shared/fold';
import { CreatorUserId } from '@creator-dashboards/shared/ids';
import type { Instant } from '@creator-dashboards/shared/time';

/**
 * Books of erased creators that an older version closed without naming the payouts which that cancelled; key: creatorId. A book has few
 * open payouts (G51).
 */
export interface UnnamedCancellations extends FoldedDocument {
  readonly userId: CreatorUserId;
  /** Payouts that closing the book cancels. */
  readonly cancellable: readonly string[];
  readonly closedAt: Instant;
  readonly unnamed: boolean;
}

export const unnamedCancellations: Fold<UnnamedCancellations> = {
  name: 'unnamedCancellations',
  version: 1,
  categories: ['payoutBook'],
  keyOf: ({ metadata }) => metadata.keys.creatorId,
  initial: { userId: CreatorUserId(''), cancellable: [], closedAt: '', unnamed: false },
  handlers: {
    PayoutRequested: (book, { data, metadata }) => ({
      ...book,
      userId: CreatorUserId(metadata.keys.userId ?? ''),
      cancellable: [...book.cancellable, data.payoutId],
    }),
    PayoutProcessingStarted: without,
    PayoutRejected: without,
    PayoutCancelled: without,
    PayoutBookClosed: (book, { metadata }) => ({
      ...book,
      ...{ closedAt: metadata.occurredAt, unnamed: book.cancellable.length > 0 },
    }),
  },
  indexes: ['unnamed', 'closedAt'],
};

type Book = Omit<UnnamedCancellations, keyof FoldedDocument>;

function without(book: Book, { data }: { readonly data: { readonly payoutId: string } }): Book {
  const cancellable = book.cancellable.filter((payoutId) => payoutId !== data.payoutId);
  return { ...book, cancellable, unnamed: book.unnamed && cancellable.length > 0 };
}
