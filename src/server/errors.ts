/** Errors of requests: their status, and OpenAI's form of them. */
import { FunAsrError } from "../errors.ts";
import type { ErrorCode, ErrorDetails } from "../errors.ts";

/** A request that is refused before anything is recognized. */
export class RequestError extends FunAsrError {
  override readonly name = "RequestError";
  /** Seconds after which it may succeed. */
  readonly retryAfter: number | undefined;

  constructor(
    code: ErrorCode,
    where: string,
    found: string,
    details: ErrorDetails & { readonly retryAfter?: number } = {},
  ) {
    super(code, where, found, details);
    this.retryAfter = details.retryAfter;
  }
}

/** A client that is gone gets no answer: the status is for the metrics, as nginx counts such requests. */
export const CLIENT_GONE = 499;

/** All others are 500. */
const statuses: { readonly [code in ErrorCode]?: number } = {
  bad_option: 400,
  unknown_language: 400,
  unsupported_task: 400,
  bad_body: 400,
  bad_message: 400,
  audio_malformed: 400,
  audio_truncated: 400,
  audio_empty: 400,
  audio_too_short: 400,
  audio_too_long: 400,
  audio_rate: 400,
  invalid_api_key: 401,
  access_denied: 401,
  foreign_origin: 403,
  offline: 403,
  not_served: 404,
  model_not_found: 404,
  unknown_model: 404,
  not_installed: 404,
  body_stalled: 408,
  model_loaded: 409,
  body_too_large: 413,
  not_audio: 415,
  unsupported_encoding: 415,
  ctc_unavailable: 422,
  upgrade_required: 426,
  busy: 429,
  download_failed: 502,
  download_mismatch: 502,
  disposed: 503,
  disk_full: 507,
};

/** What is wrong, in the words of an answer. */
export interface Fault {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The field of the form that is at fault. */
  readonly param: string | null;
}

/** Faults of the server itself say no more than their code: their messages have paths of this machine. */
export function faultOf(error: unknown): Fault {
  const { code, message, where } =
    error instanceof FunAsrError ? error : new FunAsrError("internal", "server", "unexpected error");
  const status = statuses[code] ?? 500;
  const isOwn = status === 500 || status === 503;
  const retryAfter = error instanceof RequestError ? error.retryAfter : undefined;
  return {
    status,
    code,
    message: isOwn ? `the server failed (${code})` : message,
    param: status < 500 && /^[\w.[\]]{1,64}$/u.test(where) ? where : null,
    headers:
      retryAfter === undefined
        ? { "x-should-retry": String(status === 503) }
        : { "x-should-retry": "true", "retry-after": String(retryAfter) },
  };
}

/** The body that OpenAI's clients read. */
export function openaiError({ status, code, message, param }: Fault): object {
  const type = status < 500 ? "invalid_request_error" : "server_error";
  return { error: { message, type, param, code } };
}
