/** What pages have of the browser besides the document: the one place that tells the time and makes names. */
export function now(): number {
  return Date.now();
}

/** Calls after so many milliseconds; returns what prevents it. */
export function after(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}

/** A name that nothing else has. */
export function newKey(): string {
  return crypto.randomUUID();
}
