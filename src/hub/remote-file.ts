/** What a hub states about a file, before it is downloaded. */
import type { HubAccess } from "../platform/hubs.ts";

/** What the bytes must be, as far as it is known. */
export interface Identity {
  readonly size?: number | undefined;
  readonly sha256?: string | undefined;
  /** The SHA-1 that git gives the file's bytes, with their length before them. */
  readonly gitSha1?: string | undefined;
}

export interface RemoteFile extends Identity {
  readonly size: number;
  /** Of the very commit, where the hub has commits: it does not change while it is downloaded. */
  readonly url: string;
  readonly access?: HubAccess | undefined;
  /** Whether the token is a cookie. */
  readonly cookie?: boolean;
  readonly commit?: string | undefined;
  /** The server's name for these bytes. */
  readonly etag?: string | undefined;
}

/** A file in the listing of a repository. */
export interface ListedFile extends Identity {
  readonly path: string;
}

/** A path of a repository or a revision in an address. */
export const inAddress = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

export const isSha256 = (text: unknown): text is string =>
  typeof text === "string" && /^[0-9a-f]{64}$/u.test(text);
export const isSha1 = (text: unknown): text is string =>
  typeof text === "string" && /^[0-9a-f]{40}$/u.test(text);

/** A size in a header or in JSON. */
export function sizeOf(value: unknown): number | undefined {
  if (typeof value !== "number" && !(typeof value === "string" && /^\d{1,15}$/u.test(value)))
    return undefined;
  const size = Number(value);
  return Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}
