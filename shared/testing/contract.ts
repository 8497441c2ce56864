/** What every contract suite needs: a place for the data of one test, and errors as values. */

/**
 * Where the data of one test are. Every `connect` is another instance on the same data, as another process would have.
 */
export interface Place<Port> {
  connect(): Promise<Port>;
  /** Closes every instance and removes the data. */
  dispose(): Promise<void>;
}

/** How long a server of a test may take for an answer: the machine may be busy with other tests. */
export const PATIENT_MS = 20_000;

/** The error of a promise that must be rejected. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection, but the promise was resolved');
}
