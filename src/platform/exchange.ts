/**
 * One request over HTTP. Redirects are followed here and not by `fetch`: headers go to the hosts that they are meant for,
 * and a server cannot lead to an unprotected connection or into the network of this machine.
 */
import { RuntimeError } from "../errors.ts";
import { platform } from "./current.ts";
import { orAborted } from "./interruptible.ts";

const MAX_REDIRECTS = 10;

export interface Exchange {
  readonly request: typeof fetch;
  readonly method?: "GET" | "HEAD";
  /** The headers for an address. */
  headersFor(url: URL): Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Stops before the first redirect to another host, and returns that answer. */
  readonly stayOnHost?: boolean;
  /** Called whenever a server has answered. */
  readonly onAnswer?: () => void;
  /** The error for a redirect that is not followed. */
  refuse(url: URL, found: string): Error;
  /** The error where `url` gives no answer. */
  silent(url: URL, cause: unknown): Error;
}

export interface Answer {
  readonly response: Response;
  readonly url: URL;
}

/** The first answer that is no redirect, or one without a target. The caller reads or cancels its body. */
export async function exchange(start: URL, how: Exchange): Promise<Answer> {
  let url = start;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await send(url, "manual", how);
    how.onAnswer?.();
    if (response.type === "opaqueredirect") {
      // a browser shows no redirects to programs, and has its own rules for them
      return { response: await send(url, "follow", how), url };
    }
    const isRedirect = response.status >= 300 && response.status < 400 && response.status !== 304;
    const target = isRedirect ? response.headers.get("location") : null;
    if (target === null) return { response, url };
    const next = URL.canParse(target, url.href) ? new URL(target, url) : undefined;
    if (how.stayOnHost === true && next !== undefined && next.origin !== start.origin) {
      return { response, url };
    }
    await drop(response);
    const fault = next === undefined ? "to what is no address" : await judged(start, url, next, how);
    if (fault !== undefined) throw how.refuse(url, `a redirect ${shortened(fault)}`);
    url = next!;
  }
  throw how.refuse(start, "too many redirects");
}

/** What a server sends is no longer than this in a message, in letters. */
const MAX_SHOWN = 100;

const shortened = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);

/** The status of an answer and the server's reason, for a message. */
export const statusOf = ({ status, statusText }: Response): string =>
  `the server answers ${status} ${shortened(statusText)}`.trim();

/** Ends an answer whose body is not wanted; one that broke already is as good as ended. */
export const drop = (response: Response): Promise<void> =>
  response.body?.cancel().catch(() => {}) ?? Promise.resolve();

async function send(url: URL, redirect: "manual" | "follow", how: Exchange): Promise<Response> {
  const { request, method = "GET", signal } = how;
  if (typeof WebAssembly === "undefined") {
    // Node's fetch would end the process
    const found = "this JavaScript engine runs without WebAssembly (--jitless), which fetch needs";
    const remedy = "Download the file with another program, and give its path";
    throw new RuntimeError("download_failed", url.href, found, { remedy });
  }
  const place = new URL(url);
  place.username = place.password = ""; // fetch refuses them in an address
  const headers = { "accept-encoding": "identity", ...basic(url), ...how.headersFor(url) };
  try {
    return await request(place.href, {
      method,
      redirect,
      headers,
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (cause) {
    throw how.silent(url, cause);
  }
}

/** Name and password of an address as a header. */
function basic({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === "" && password === "") return {};
  const text = `${decoded(username)}:${decoded(password)}`;
  return { authorization: `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}` };
}

/** A part of an address without its percent signs, or with them where they are no bytes of UTF-8. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The same as `faultOf`, which may wait for a server of names, until the signal is aborted. */
async function judged(start: URL, from: URL, to: URL, how: Exchange): Promise<string | undefined> {
  try {
    return await orAborted(faultOf(start, from, to), how.signal);
  } catch (cause) {
    throw how.silent(to, cause);
  }
}

/** Why a redirect is not followed; a private start is the user's own wish to be in that network. */
async function faultOf(start: URL, from: URL, to: URL): Promise<string | undefined> {
  if (to.protocol !== "https:" && to.protocol !== "http:") return `to ${to.protocol}`;
  if (to.protocol === "http:" && from.protocol === "https:") return `from https: to http: (${to.host})`;
  const { isPrivateHost } = platform();
  if (to.host === start.host || isPrivateHost === undefined) return undefined;
  const intrudes = (await isPrivateHost(to.hostname)) && !(await isPrivateHost(start.hostname));
  return intrudes ? `into a private network (${to.host})` : undefined;
}
