/** What nothing pushes is got again by time, while somebody looks, and at once when she comes back. */
import { after } from '../surroundings.js';

/** Returns what ends it. */
export function whileLooking(everyMs: number, call: () => unknown): () => void {
  let cancel = next();
  function next(): () => void {
    return after(everyMs, () => {
      if (!document.hidden) call();
      cancel = next();
    });
  }
  const comeBack = () => !document.hidden && call();
  document.addEventListener('visibilitychange', comeBack);
  return () => {
    cancel();
    document.removeEventListener('visibilitychange', comeBack);
  };
}
