/** Opens bytes from a path, an address or memory. */
import { UsageError } from "../errors.ts";
import { openBlob, openBytes } from "./bytes.ts";
import type { ByteSource } from "./bytes.ts";
import { noPointer } from "./lfs-pointer.ts";
import { platform } from "./current.ts";
import { openUrl } from "./http-source.ts";

/** A path, an http(s): or file: address, or the bytes themselves. */
export type BytesInput = string | URL | Uint8Array | Blob;

/**
 * Opens any of them. Throws `file_not_found`, `file_unreadable` or `bad_option`. `signal` ends the opening with its reason;
 * reads have signals of their own.
 */
export async function openSource(input: BytesInput, signal?: AbortSignal): Promise<ByteSource> {
  if (input instanceof Uint8Array) return noPointer(openBytes(input));
  if (input instanceof Blob) return noPointer(openBlob(input));
  if (typeof input !== "string" && !(input instanceof URL)) {
    const found =
      input === null ? "null" : Array.isArray(input) ? "a list" : `a value of type ${typeof input}`;
    throw new UsageError("bad_option", "file", found, { wanted: "a path, a URL, a Uint8Array or a Blob" });
  }
  const url = typeof input === "string" && isAddress(input) ? parseAddress(input) : input;
  if (typeof url === "string" || url.protocol === "file:") return platform().openFile(url);
  if (url.protocol === "http:" || url.protocol === "https:")
    return noPointer(await openUrl(url, { signal }), signal);
  throw new UsageError("bad_option", url.href, `an address with ${url.protocol}`, {
    wanted: "http:, https: or file:",
  });
}

/** Whether a text is an address of the web, and not a path. */
export const isAddress = (text: string): boolean => /^https?:\/\//iu.test(text);

/** Throws `bad_option` for what only begins as an address. */
export function parseAddress(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw new UsageError("bad_option", JSON.stringify(text), "no valid address", {
    wanted: "such as https://host/model.gguf",
  });
}
