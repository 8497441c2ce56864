/** What waits for the staff: how it is called, what it is about, and what can be done about it. */
import type { Work } from './answers.js';
import type { Query } from './query.js';
import type { Client } from '../../vendor/client.js';

export type WorkKind = Work['kind'];

export const KINDS: Readonly<Record<WorkKind, string>> = {
  payout: 'Payouts',
  quarantine: 'Quarantine',
  conflict: 'Conflicts',
  erasure: 'Erasures',
  money: 'Money',
};

/** What is to be done, in a word or two. */
export const TASKS: Readonly<Record<Work['status'], string>> = {
  PENDING: 'Approve a payout',
  APPROVED: 'Process a payout',
  PROCESSING: 'Find out how a payout ended',
  QUARANTINED: 'Judge a message',
  PAYOUT_RESULT: 'Look into a result',
  CHARGEBACK: 'Look into a chargeback',
  REQUESTED: 'An erasure waits for a payout',
  OPEN: 'Look into a difference of the money',
};

/** What can be done about something, by the route that does it. */
export interface Deed {
  readonly verb: string;
  readonly preview: string;
  /** There is no way back. */
  readonly isFinal?: boolean;
  readonly run: (client: Client, subject: string, reason: string) => Promise<unknown>;
}

const REJECT: Deed = {
  verb: 'Reject',
  preview: 'The creator keeps the money in her wallet.',
  run: (client, payoutId, reason) =>
    client.post('/admin/payouts/{payoutId}/reject', { params: { payoutId }, body: { reason } }),
};

const result = (verb: string, status: 'paid' | 'failed', preview: string): Deed => ({
  ...{ verb, preview },
  run: (client, payoutId, reason) =>
    client.post('/admin/payouts/{payoutId}/result', { params: { payoutId }, body: { status, reason } }),
});

const ACKNOWLEDGE = 'Acknowledge';
const MOVES_NOTHING = 'Nothing moves by this. What has to move is adjusted on the wallet first.';

export const DEEDS: Readonly<Record<Work['status'], readonly Deed[]>> = {
  PENDING: [
    {
      verb: 'Approve',
      preview: 'Nothing is paid before it is processed.',
      run: (client, payoutId, reason) =>
        client.post('/admin/payouts/{payoutId}/approve', { params: { payoutId }, body: { reason } }),
    },
    REJECT,
  ],
  APPROVED: [
    {
      ...{ verb: 'Process', isFinal: true },
      preview: 'The wallet is debited and the provider is asked to pay. There is no way back.',
      run: (client, payoutId, reason) =>
        client.post('/admin/payouts/{payoutId}/process', { params: { payoutId }, body: { reason } }),
    },
    REJECT,
  ],
  PROCESSING: [
    result('It was paid', 'paid', 'The payout is closed as paid.'),
    result('It failed', 'failed', 'The payout is closed as failed, and the money goes back to the wallet.'),
  ],
  QUARANTINED: [
    {
      verb: 'Release',
      preview: 'The creator gets the message, and has her time to answer.',
      run: (client, messageId, reason) =>
        client.post('/admin/messages/{messageId}/release', { params: { messageId }, body: { reason } }),
    },
    {
      verb: 'Refuse',
      preview: 'The creator never sees the message. The fan gets the money back.',
      run: (client, messageId, reason) =>
        client.post('/admin/messages/{messageId}/refuse', { params: { messageId }, body: { reason } }),
    },
  ],
  PAYOUT_RESULT: [
    {
      ...{ verb: ACKNOWLEDGE, preview: MOVES_NOTHING },
      run: (client, payoutId, reason) =>
        client.post('/admin/payouts/{payoutId}/acknowledge', { params: { payoutId }, body: { reason } }),
    },
  ],
  CHARGEBACK: [
    {
      ...{ verb: ACKNOWLEDGE, preview: MOVES_NOTHING },
      run: (client, messageId, reason) =>
        client.post('/admin/messages/{messageId}/acknowledge', { params: { messageId }, body: { reason } }),
    },
  ],
  REQUESTED: [],
  OPEN: [
    {
      verb: ACKNOWLEDGE,
      preview: 'It stops payouts no more. They go on when the kill switch PAYOUT is released.',
      run: (client, item, reason) =>
        client.post('/admin/money/differences/{item}/acknowledge', { params: { item }, body: { reason } }),
    },
  ],
};

/** What it is about, in words. */
export function aboutOf({ status, details, amount }: Pick<Work, 'status' | 'details' | 'amount'>): string {
  switch (status) {
    case 'PENDING':
    case 'APPROVED':
    case 'PROCESSING':
      return `${amount ?? '?'} by ${details.method === 'BANK_TRANSFER' ? 'bank transfer' : 'Stripe'}`;
    case 'QUARANTINED':
      return details.rule ? `held back by ${details.rule}` : 'held back, moderation gave no verdict';
    case 'PAYOUT_RESULT':
      return `reported as ${details.result ?? '?'}, though it is ${details.from ?? 'forgotten'}`;
    case 'CHARGEBACK':
      return `${amount ?? '?'} charged back of ${details.expected ?? 'nothing paid'}, though it is ${details.status ?? '?'}`;
    case 'OPEN':
      return `${details.kind ?? '?'} on ${details.account ?? '?'}`;
    default:
      return 'the key stays until the payout has a result';
  }
}

/** Where more is told about it. */
export function placeOf({ kind, subject, details }: Pick<Work, 'kind' | 'subject' | 'details'>): Query {
  if (kind === 'erasure') return { page: 'people', id: subject };
  if (kind !== 'money') return { page: 'events', about: subject };
  return details.eventId ? { page: 'events', eventId: details.eventId, event: details.eventId } : { page: 'integrity' };
}

/** How much waits in all. */
export const waitingIn = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, of) => sum + of, 0);
