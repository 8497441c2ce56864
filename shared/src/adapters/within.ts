import { StoreUnavailable } from '../store-errors.js';

/** Bounds a call of a driver that has no bound of its own. Throws StoreUnavailable; what was asked for may still be done. */
export async function within<T>(ms: number, call: Promise<T>, store: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoreUnavailable(`${store} did not answer in time`)), ms);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}
