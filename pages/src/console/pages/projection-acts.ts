/** What an admin may do about a view: each says beforehand what it does. */
import type { Action, Around } from '../console-page.js';
import type { Report } from '../models/answers.js';

const here = (view: string) => ({ page: 'projection', view });

export function rebuildAction({ client }: Pick<Around, 'client'>, view: string): Action {
  return {
    title: `Rebuild ${view}`,
    verb: 'Rebuild',
    preview: [
      'A new generation is built from the whole log beside the one that is served.',
      'Readers keep what they have until the new one is compared and switched to.',
      'It is held where anything differs that the code did not announce.',
    ],
    fields: [{ name: 'rate', label: 'Events a second at most', hint: 'Empty: no bound.', inputmode: 'numeric' }],
    run: async (reason, { rate }) => {
      const bound = rate ? { rate: Number.parseInt(rate, 10) } : {};
      await client.post('/admin/projections/{view}/rebuild', { params: { view }, body: { ...bound, reason } });
      return here(view);
    },
  };
}

type Simple = 'pause' | 'resume' | 'cancel';
const SIMPLE: Readonly<Record<Simple, readonly [verb: string, preview: string]>> = {
  pause: ['Pause', 'The rebuild stops at its next batch, until it is resumed. What is served stays.'],
  resume: ['Resume', 'The rebuild goes on where it stopped.'],
  cancel: ['Cancel', 'The rebuild ends, and what it has built is given up. What is served stays.'],
};

export function simpleAction({ client }: Pick<Around, 'client'>, view: string, what: Simple): Action {
  const [verb, preview] = SIMPLE[what];
  return {
    title: `${verb} the rebuild of ${view}`,
    verb: `${verb} rebuild`,
    preview: [preview],
    run: async (reason) => {
      await client.post(`/admin/projections/{view}/${what}`, { params: { view }, body: { reason } });
      return here(view);
    },
  };
}

/** Lets through what differs in the report that was read, and nothing else. */
export function switchAction({ client }: Pick<Around, 'client'>, view: string, report: Report): Action {
  return {
    title: `Serve ${report.b.generation} of ${view}`,
    verb: 'Switch',
    preview: [
      `Readers are answered from ${report.b.generation} instead of ${report.a.generation}.`,
      report.differing === 0
        ? 'No document differed when they were compared.'
        : `${report.differing} documents may differ, in: ${report.paths.map(({ path }) => path).join(', ')}.`,
      'It is compared once more before: other differences hold it again.',
    ],
    run: async (reason) => {
      const body = { accept: report.id, reason };
      await client.post('/admin/projections/{view}/switch', { params: { view }, body });
      return here(view);
    },
  };
}

export function rollbackAction({ client }: Pick<Around, 'client'>, view: string, to: string, frozen = false): Action {
  return {
    title: `Roll ${view} back to ${to}`,
    verb: frozen ? 'Serve it frozen' : 'Roll back',
    preview: [
      `Readers are answered from ${to} again${frozen ? ', as it stands: it lacks what happened since' : ', after it has caught up'}.`,
      'The generation that is served now stays, so there is a way forward again.',
    ],
    run: async (reason) => {
      const body = { ...(frozen && { frozen }), reason };
      await client.post('/admin/projections/{view}/rollback', { params: { view }, body });
      return here(view);
    },
  };
}
