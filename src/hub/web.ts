/** A file at an address of the web that is no hub's. */
import type { HubSettings } from "../platform/hubs.ts";
import { drop } from "../platform/exchange.ts";
import { ask } from "./ask.ts";
import { refusal } from "./failures.ts";
import { startPatience } from "../platform/patience.ts";
import { sizeOf } from "./remote-file.ts";
import type { RemoteFile } from "./remote-file.ts";
import { withRetries } from "./retry.ts";

export function resolveAddress(
  address: string,
  settings: HubSettings,
  signal?: AbortSignal,
): Promise<RemoteFile> {
  return withRetries(
    async () => {
      using patience = startPatience(settings.patience, signal);
      const { response, url } = await ask(address, { method: "HEAD" }, settings, patience, signal);
      await drop(response);
      const size = sizeOf(response.headers.get("content-length"));
      if (size === undefined)
        throw refusal("download_failed", url, "the server does not state the file's size");
      return { url: address, size, etag: response.headers.get("etag") ?? undefined };
    },
    settings,
    signal,
  );
}
