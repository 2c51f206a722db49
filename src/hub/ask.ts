/** One request to a hub. Redirects are followed here, so that a token goes to the hub's own host and to no other. */
import type { HubAccess, HubSettings } from "../platform/hubs.ts";
import { FileError } from "../errors.ts";
import { failureOf, noAnswer, PassingFailure, refusal } from "./failures.ts";
import type { Patience } from "./patience.ts";

const maxRedirects = 10;

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
  const first = parsed(start);
  if (first === undefined) throw refusal("download_failed", start, "no address");
  let url = first;
  const { origin } = url;
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const own = access !== undefined && url.origin === new URL(access.endpoint).origin;
    const response = await send(url, method, { ...headers, ...(own ? tokenHeader(access, cookie) : {}) });
    patience.touch();
    if (response.status < 300 || response.status === 304) return { response, url: url.href };
    const target = response.status < 400 ? response.headers.get("location") : null;
    if (target === null) {
      await drop(response);
      const failure = failureOf(url.href, response);
      // a signed address that has expired: the next try gets a new one
      const expired = url.origin !== origin && response.status === 403 && failure instanceof FileError;
      throw expired ? new PassingFailure(failure) : failure;
    }
    const next = parsed(target, url);
    if (next === undefined) {
      await drop(response);
      throw refusal("download_failed", url.href, "a redirect to what is no address");
    }
    if (stayOnHost && next.origin !== origin) return { response, url: url.href };
    await drop(response);
    if (!isAllowed(url, next)) throw refusal("download_failed", url.href, `a redirect to ${next.protocol}`);
    url = next;
  }
  throw refusal("download_failed", start, "too many redirects");

  async function send(
    place: URL,
    verb: "GET" | "HEAD",
    all: Readonly<Record<string, string>>,
  ): Promise<Response> {
    try {
      return await settings.request(place.href, {
        method: verb,
        redirect: "manual",
        headers: { "accept-encoding": "identity", ...all },
        signal: patience.signal,
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw noAnswer(place.href, cause);
    }
  }
}

/** Ends an answer whose body is not wanted; one that broke already is as good as ended. */
export const drop = (response: Response): Promise<void> =>
  response.body?.cancel().catch(() => {}) ?? Promise.resolve();

const tokenHeader = ({ token }: HubAccess, cookie: boolean): Readonly<Record<string, string>> =>
  token === undefined
    ? {}
    : cookie
      ? { cookie: `m_session_id=${token}` }
      : { authorization: `Bearer ${token}` };

function parsed(target: string, base?: URL): URL | undefined {
  try {
    return new URL(target, base);
  } catch {
    return undefined;
  }
}

const isAllowed = (from: URL, to: URL): boolean =>
  to.protocol === "https:" || (to.protocol === "http:" && from.protocol === "http:");
