/** What a hub's refusal means, and whether another try can help. */
import { FileError } from "../errors.ts";
import { statusOf } from "../platform/exchange.ts";
import type { ErrorCode, ErrorDetails } from "../errors.ts";

/** A failure that may pass: no answer, a broken connection, too many requests, a fault of the server. */
export class PassingFailure extends Error {
  override readonly name = "PassingFailure";
  readonly error: FileError;
  /** Seconds that the server asks to wait. */
  readonly retryAfter: number | undefined;

  constructor(error: FileError, retryAfter?: number) {
    super(error.message);
    this.error = error;
    this.retryAfter = retryAfter;
  }
}

/** A FileError, for all that keeps a file from being had. */
export const refusal = (code: ErrorCode, url: string, found: string, details: ErrorDetails = {}): FileError =>
  new FileError(code, url, found, details);

export function noAnswer(url: string, cause?: unknown): PassingFailure {
  return new PassingFailure(
    refusal("download_failed", url, "the server does not respond", {
      remedy:
        "Check the connection, or name another source: --from modelscope, or HF_ENDPOINT with the address of a mirror",
      cause,
    }),
  );
}

/** The failure of an answer that is no success. */
export function failureOf(url: string, response: Response): FileError | PassingFailure {
  const { status, headers } = response;
  const code = headers.get("x-error-code") ?? "";
  const found = statusOf(response);
  if (code === "GatedRepo" || ((status === 401 || status === 403) && code === "")) {
    return refusal("access_denied", url, found, {
      remedy:
        "Accept the conditions on the model's page if it has any, and set HF_TOKEN (MODELSCOPE_API_TOKEN for ModelScope) to a token that may read it",
    });
  }
  if (status === 404 || status === 401 || status === 403) {
    const missing: Readonly<Record<string, string>> = {
      EntryNotFound: "the repository has no such file",
      RevisionNotFound: "the repository has no such revision",
      RepoNotFound: "there is no such repository, or it needs a token",
    };
    return refusal("file_not_found", url, missing[code] ?? found, {
      remedy: "Check the name on the hub's page",
    });
  }
  if (status === 408 || status === 429 || status >= 500) {
    const error = refusal("download_failed", url, found, {
      remedy: "Try again later: what was downloaded is kept, and the download continues",
    });
    return new PassingFailure(error, secondsOf(headers.get("retry-after")));
  }
  return Object.assign(refusal("download_failed", url, found), { status });
}

/** Seconds, or a date. */
function secondsOf(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (/^\d{1,9}$/u.test(text.trim())) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - Date.now()) / 1000);
}
