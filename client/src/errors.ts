/** What the API refuses, as errors that can be told apart by class or by `code`. */

/** The error of an answer (`{ success: false, error }`). */
export interface ErrorBody {
  /** In capitals, for programs. */
  readonly code: string;
  /** In English, for people. */
  readonly message: string;
  /** The same in one's own languages: a key, and what to fill in. */
  readonly i18nKey: string;
  readonly i18nVars: Readonly<Record<string, string | number>>;
  readonly details: readonly { readonly field: string; readonly message: string }[];
  /** Names the request in the server's log. */
  readonly correlationId: string;
}

export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  readonly status: number;
  /** Seconds after which it is worth trying again; null where waiting does not help. */
  readonly retryAfter: number | null;
  readonly code: string;
  readonly i18nKey: string;
  readonly i18nVars: ErrorBody['i18nVars'];
  readonly details: ErrorBody['details'];
  readonly correlationId: string;

  constructor(status: number, body: ErrorBody, retryAfter: number | null = null) {
    super(body.message);
    this.status = status;
    this.retryAfter = retryAfter;
    this.code = body.code;
    this.i18nKey = body.i18nKey;
    this.i18nVars = body.i18nVars;
    this.details = body.details;
    this.correlationId = body.correlationId;
  }
}

/** 401: log in (again). */
export class Unauthorized extends ApiError {
  override readonly name = 'Unauthorized';
}
/** 400: `details` name the fields. */
export class ValidationFailed extends ApiError {
  override readonly name = 'ValidationFailed';
}
/** 429: again after `retryAfter`. */
export class RateLimited extends ApiError {
  override readonly name = 'RateLimited';
}
/** 503: switched off for a while. */
export class FeatureDisabled extends ApiError {
  override readonly name = 'FeatureDisabled';
}

const CLASSES: Readonly<Record<string, typeof ApiError>> = {
  AUTH_UNAUTHORIZED: Unauthorized,
  VALIDATION_FAILED: ValidationFailed,
  RATE_LIMITED: RateLimited,
  FEATURE_DISABLED: FeatureDisabled,
};

/** The error of an answer; of one that is none of the API's (a proxy's page) an ApiError with code UNKNOWN. */
export async function errorOf(response: Response): Promise<ApiError> {
  const { status, headers } = response;
  const body = await response.json().then(
    (json) => (json as { readonly error?: ErrorBody } | null)?.error,
    () => undefined,
  );
  const seconds = Number.parseInt(headers.get('Retry-After') ?? '', 10);
  const made = body ?? unknown(status, headers.get('X-Correlation-Id') ?? '');
  return new (CLASSES[made.code] ?? ApiError)(status, made, Number.isNaN(seconds) ? null : seconds);
}

function unknown(status: number, correlationId: string): ErrorBody {
  const message = `The server answered ${status} without saying why.`;
  return { code: 'UNKNOWN', message, i18nKey: 'common.unknown', i18nVars: {}, details: [], correlationId };
}
