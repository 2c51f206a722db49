/**
 * Downloads a file into a partial one, from its last byte on. The size is kept to the byte here; whether the bytes are the
 * right ones, `verify.ts` decides before the file gets its name.
 */
import type { HubSettings } from "../platform/hubs.ts";
import type { PartialFile } from "../platform/store.ts";
import { drop } from "../platform/exchange.ts";
import { ask } from "./ask.ts";
import { noAnswer, PassingFailure, refusal } from "./failures.ts";
import { startPatience } from "../platform/patience.ts";
import type { RemoteFile } from "./remote-file.ts";
import { withRetries } from "./retry.ts";

export interface DownloadOptions {
  readonly settings: HubSettings;
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes that are there, of `remote.size`. */
  readonly onBytes?: ((done: number) => void) | undefined;
}

/** Progress that makes a failed try count as the first one. */
const progressBytes = 2 ** 20;

/** Ends with as many bytes in `partial` as the file has. Throws a FileError for what another try does not change. */
export async function download(
  remote: RemoteFile,
  partial: PartialFile,
  options: DownloadOptions,
): Promise<void> {
  const { settings, signal } = options;
  if (partial.size > remote.size) await partial.restart();
  let before = partial.size;
  let ranges = true;
  await withRetries(
    async () => {
      before = partial.size;
      while (partial.size < remote.size) {
        if (!ranges && partial.size > 0) await partial.restart();
        ranges = (await transfer(remote, partial, options)) && ranges;
      }
    },
    settings,
    signal,
    () => partial.size - before >= progressBytes,
  );
}

/** One request. Returns whether the server can continue a file; where it cannot, the partial file is begun anew. */
async function transfer(
  remote: RemoteFile,
  partial: PartialFile,
  { settings, signal, onBytes }: DownloadOptions,
): Promise<boolean> {
  const from = partial.size;
  using patience = startPatience(settings.patience, signal);
  const { response, url } = await ask(
    remote.url,
    {
      access: remote.access,
      cookie: remote.cookie ?? false,
      headers: from === 0 ? {} : { range: `bytes=${from}-` },
    },
    settings,
    patience,
    signal,
  ).catch(async (error: unknown) => {
    // what is there is no beginning of the file
    if (from === 0 || !isRangeRefused(error)) throw error;
    await partial.restart();
    throw new PassingFailure(
      refusal("download_failed", remote.url, "the server refuses the rest of the file"),
    );
  });

  const continues = response.status === 206;
  try {
    if (continues) checkRange(response, url, from, remote.size);
    else checkWhole(response, url, remote.size);
  } catch (error) {
    await drop(response);
    if (error === encodedRange) {
      await partial.restart();
      return false;
    }
    throw error;
  }
  if (!continues && from > 0) await partial.restart();

  try {
    for await (const chunk of response.body ?? []) {
      patience.touch();
      if (partial.size + chunk.length > remote.size) throw tooLong(url, remote.size);
      await partial.append(chunk);
      onBytes?.(partial.size);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof Error && "code" in cause && "where" in cause) throw cause;
    throw noAnswer(url, cause);
  }
  if (partial.size < remote.size) throw noAnswer(url, new Error("the body ended early"));
  return true;
}

const isRangeRefused = (error: unknown): boolean =>
  error instanceof Error && "status" in error && error.status === 416;

/** A range of compressed bytes, which a client that decompresses cannot use. */
const encodedRange = new Error("a range of an encoded body");

/** `bytes 100-1023/1024` */
function checkRange({ headers }: Response, url: string, from: number, size: number): void {
  if ((headers.get("content-encoding") ?? "identity") !== "identity") throw encodedRange;
  const match = /^bytes (\d{1,15})-\d{1,15}\/(\d{1,15}|\*)$/u.exec(headers.get("content-range") ?? "");
  if (match === null || Number(match[1]) !== from)
    throw new PassingFailure(
      refusal("download_failed", url, "the answer has another range than was asked for"),
    );
  if (match[2] !== "*" && Number(match[2]) !== size) throw otherSize(url, Number(match[2]), size);
}

function checkWhole({ headers }: Response, url: string, size: number): void {
  const stated = headers.get("content-length");
  const encoded = (headers.get("content-encoding") ?? "identity") !== "identity";
  if (stated !== null && !encoded && Number(stated) !== size) throw otherSize(url, Number(stated), size);
}

function otherSize(url: string, found: number, size: number): Error {
  return refusal("download_mismatch", url, `a file of ${found} bytes`, {
    wanted: `${size} bytes`,
    remedy:
      "The file changed on the server, or a proxy answered for it: try again, or name another source with --from",
  });
}

function tooLong(url: string, size: number): Error {
  return refusal("download_mismatch", url, "the server sends more bytes than the file has", {
    wanted: `${size} bytes`,
    remedy: "A proxy may have answered for it: try again, or name another source with --from",
  });
}
