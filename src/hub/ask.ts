/** One request to a hub. A token goes to the hub's own host and to no other. */
import type { HubAccess, HubSettings } from "../platform/hubs.ts";
import { FileError } from "../errors.ts";
import { drop, exchange } from "../platform/exchange.ts";
import type { Patience } from "../platform/patience.ts";
import { failureOf, noAnswer, PassingFailure, refusal } from "./failures.ts";

export interface Ask {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  /** Whose token may be sent, to its own address only. */
  readonly access?: HubAccess | undefined;
  readonly cookie?: boolean;
  /** Stops before the first redirect to another host, and returns that answer. */
  readonly stayOnHost?: boolean;
}

export interface Answer {
  readonly response: Response;
  readonly url: string;
}

/** Throws a `PassingFailure` or a `FileError` for an answer that is no success; the caller reads or cancels the body. */
export async function ask(
  start: string,
  { method = "GET", headers = {}, access, cookie = false, stayOnHost = false }: Ask,
  settings: HubSettings,
  patience: Patience,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  if (!URL.canParse(start)) throw refusal("download_failed", start, "no address");
  const first = new URL(start);
  const isOwn = (url: URL): boolean => access !== undefined && url.origin === new URL(access.endpoint).origin;
  const { response, url } = await exchange(first, {
    request: settings.request,
    method,
    headersFor: (place) => ({ ...headers, ...(isOwn(place) ? tokenHeader(access!, cookie) : {}) }),
    signal: patience.signal,
    stayOnHost,
    onAnswer: () => patience.touch(),
    refuse: (place, found) =>
      refusal("download_failed", place.href, found, {
        remedy: "Give the address that it leads to, if you trust it",
      }),
    silent(place, cause) {
      signal?.throwIfAborted();
      return noAnswer(place.href, cause);
    },
  });
  const isRedirect = response.status < 400 && response.headers.get("location") !== null;
  if (response.status < 300 || response.status === 304 || (stayOnHost && isRedirect)) {
    return { response, url: url.href };
  }
  await drop(response);
  const failure = failureOf(url.href, response);
  // a signed address that has expired: the next try gets a new one
  const expired = url.origin !== first.origin && response.status === 403 && failure instanceof FileError;
  throw expired ? new PassingFailure(failure) : failure;
}

const tokenHeader = ({ token }: HubAccess, cookie: boolean): Readonly<Record<string, string>> =>
  token === undefined
    ? {}
    : cookie
      ? { cookie: `m_session_id=${token}` }
      : { authorization: `Bearer ${token}` };
