export { createClient, type Client, type ClientOptions, type Read } from './client.js';
export { ApiError, errorOf, FeatureDisabled, RateLimited, Unauthorized, ValidationFailed } from './errors.js';
export type { Dashboards, Following, LiveView } from './live.js';
export type { Args, DataOf, PathOf } from './operations.js';
export {
  bioKeys,
  createQueries,
  creatorKeys,
  followQueries,
  messageKeys,
  referralKeys,
  userKeys,
  type QueryCache,
} from './queries.js';
export { createSession, type Credentials, type Session, type SessionOptions } from './session.js';
