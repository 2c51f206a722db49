/**
 * Range requests: the header of a 2 GB model on a web server is a few requests, not a download.
 * Refuses servers that ignore `Range`, answers of another length, and a file that changes between two requests.
 */
import { FileError, fileNotFound } from "../errors.ts";
import type { ByteSource } from "./bytes.ts";
import { drop, exchange, statusOf } from "./exchange.ts";
import { startPatience } from "./patience.ts";
import type { Patience } from "./patience.ts";

/** A server that sends nothing for this long counts as unreachable; one that is slow does not. */
const patienceMs = 60_000;
/** The largest single request: small enough to be retried by hand, large enough not to be slow. */
const requestBytes = 16 * 2 ** 20;

interface Web {
  readonly request: typeof fetch;
  /** Milliseconds. */
  readonly patience: number;
}

/** `signal` ends the opening; reads have signals of their own. */
export async function openUrl(
  url: URL,
  {
    request = fetch,
    patience = patienceMs,
    signal: opening,
  }: Partial<Web> & { readonly signal?: AbortSignal | undefined } = {},
): Promise<ByteSource> {
  const web = { request, patience };
  const name = url.pathname.split("/").at(-1) || url.host;
  const { size, etag } = await probe(url, web, opening);

  return {
    name,
    size,
    remote: true,
    async read(offset, target, signal) {
      for (let done = 0; done < target.length; done += requestBytes) {
        const piece = target.subarray(done, Math.min(done + requestBytes, target.length));
        using waiting = startPatience(patience, signal);
        const answer = await ask(url, web, offset + done, piece.length, waiting, signal);
        const { response } = answer;
        if (answer.size !== size || response.headers.get("etag") !== etag) {
          await drop(response);
          throw refusal(url, "the file changed while it was read");
        }
        await fill(url, response, piece, waiting, signal);
      }
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Asks for four bytes, to learn the size and whether ranges are served at all. */
async function probe(
  url: URL,
  web: Web,
  signal: AbortSignal | undefined,
): Promise<{ size: number; etag: string | null }> {
  using waiting = startPatience(web.patience, signal);
  const { response, size } = await ask(url, web, 0, 4, waiting, signal);
  await drop(response);
  return { size, etag: response.headers.get("etag") };
}

/** The answer with exactly these bytes, and the size of the whole file. */
async function ask(
  url: URL,
  { request }: Web,
  first: number,
  count: number,
  waiting: Patience,
  signal?: AbortSignal,
): Promise<{ response: Response; size: number }> {
  const { response } = await exchange(url, {
    request,
    headersFor: () => ({ range: `bytes=${first}-${first + count - 1}` }),
    signal: waiting.signal,
    onAnswer: () => waiting.touch(),
    refuse: (_, found) => refusal(url, found),
    silent(_, cause) {
      signal?.throwIfAborted();
      return refusal(url, "the server does not respond", cause);
    },
  });
  const range = rangeOf(response);
  if (response.status === 206 && range?.first === first) return { response, size: range.size };
  await drop(response);
  if (response.status === 404) throw fileNotFound(url.href);
  const found = response.ok ? "the server does not serve byte ranges" : statusOf(response);
  throw refusal(url, found);
}

/** `bytes 0-3/1024` */
function rangeOf(response: Response): { first: number; size: number } | undefined {
  const match = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15})$/.exec(response.headers.get("content-range") ?? "");
  return match === null ? undefined : { first: Number(match[1]), size: Number(match[2]) };
}

/** Takes exactly `target.length` bytes: a server that sends more is stopped, not buffered. */
async function fill(
  url: URL,
  response: Response,
  target: Uint8Array,
  waiting: Patience,
  signal: AbortSignal | undefined,
): Promise<void> {
  let done = 0;
  try {
    for await (const chunk of response.body ?? []) {
      waiting.touch();
      if (done + chunk.length > target.length) break;
      target.set(chunk, done);
      done += chunk.length;
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw refusal(url, "the connection broke", cause);
  }
  if (done !== target.length) throw refusal(url, "the answer has another length than was asked for");
}

function refusal(url: URL, found: string, cause?: unknown): FileError {
  return new FileError("file_unreadable", url.href, found, {
    remedy: "Download the file and give its path",
    cause,
  });
}
