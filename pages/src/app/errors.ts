/** What an error means to the person in front of the page, and what she can do about it. */
import { ApiError, FeatureDisabled, RateLimited, Unauthorized, ValidationFailed } from '../vendor/client.js';

/** What a page itself finds wrong. Its message is for the person in front of it. */
export class Mistake extends Error {}

/** Who called is logged in no longer. What a login refuses is no such thing. */
export function hasEnded(error: unknown): boolean {
  return error instanceof Unauthorized && !error.i18nKey.startsWith('auth.login.');
}

export function explained(error: unknown): string {
  if (error instanceof Mistake) return error.message;
  if (error instanceof Unauthorized && error.i18nKey === 'auth.token.invalid')
    return 'Your session has ended. Log in again.';
  if (error instanceof ValidationFailed)
    return [error.message, ...error.details.map(({ message }) => message)].join(' ');
  if (error instanceof RateLimited) return `${sentence(error.message)} ${later(error.retryAfter)}`;
  if (error instanceof FeatureDisabled)
    return `${sentence(error.message)} It is switched off for a while; nothing is lost.`;
  if (error instanceof ApiError) {
    if (error.status < 500) return sentence(error.message);
    return `${sentence(error.message)} ${later(error.retryAfter)} If it goes on, name this to support: ${error.correlationId}.`;
  }
  return 'The server cannot be reached. Check your connection and try again.';
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function later(seconds: number | null): string {
  if (seconds === null) return 'Try again later.';
  return seconds < 120 ? `Try again in ${seconds} seconds.` : `Try again in ${Math.ceil(seconds / 60)} minutes.`;
}

/** What the API says of single fields, by their names. */
export function fieldErrors(error: unknown): Readonly<Record<string, string>> {
  if (!(error instanceof ApiError)) return {};
  return Object.fromEntries(error.details.map(({ field, message }) => [field, message.replace(/^[^:]*: /, '')]));
}
