/** What somebody wants done once: pressed again because no answer came, it goes under the same Idempotency-Key. */
import { newKey } from '../surroundings.js';
import { ApiError } from '../vendor/client.js';

export interface Intent {
  /** `call` gets the key of what is to be done. After an answer, a refusal as well, the same is wanted anew. */
  once<T>(what: unknown, call: (idempotencyKey: string) => Promise<T>): Promise<T>;
}

export function createIntent(): Intent {
  let wanted = '';
  let key = '';
  return {
    async once(what, call) {
      const text = JSON.stringify(what);
      if (text !== wanted) [wanted, key] = [text, newKey()];
      try {
        const done = await call(key);
        wanted = '';
        return done;
      } catch (error) {
        if (error instanceof ApiError) wanted = '';
        throw error;
      }
    },
  };
}
