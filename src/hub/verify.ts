/** Whether the bytes of a file are the right ones. */
import { FileError } from "../errors.ts";
import { platform } from "../platform/current.ts";
import type { Hash } from "../platform/hubs.ts";
import type { Identity } from "./remote-file.ts";

const pieceBytes = 2 ** 22;

export interface VerifyOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: ((done: number) => void) | undefined;
}

/** The SHA-256 of the file at `path` if its bytes are those of `identity`, as far as that is known; else undefined. */
export async function verify(
  path: string,
  { size, sha256, gitSha1 }: Identity,
  { signal, onBytes }: VerifyOptions = {},
): Promise<string | undefined> {
  await using file = await platform().openFile(path);
  if (size !== undefined && file.size !== size) return undefined;
  const hash = platform().createHash("sha256");
  const git = gitSha1 === undefined ? undefined : gitHash(file.size);
  const buffer = new Uint8Array(Math.min(pieceBytes, file.size));
  for (let at = 0; at < file.size; at += buffer.length) {
    const piece = buffer.subarray(0, Math.min(buffer.length, file.size - at));
    await file.read(at, piece, signal);
    hash.update(piece);
    git?.update(piece);
    onBytes?.(at + piece.length);
  }
  const found = hash.hex();
  const fits = (sha256 === undefined || sha256 === found) && (git === undefined || git.hex() === gitSha1);
  return fits ? found : undefined;
}

/** Git's name for a file: the SHA-1 of "blob", its length, a zero byte and its bytes. */
function gitHash(size: number): Hash {
  const hash = platform().createHash("sha1");
  hash.update(new TextEncoder().encode(`blob ${size}\0`));
  return hash;
}

/** The error for bytes that are not those of the file. */
export function wrongBytes(where: string): FileError {
  return new FileError(
    "download_mismatch",
    where,
    "the downloaded bytes are not those of the file: their hash differs",
    {
      remedy:
        "Try again; if it stays so, the source or a proxy on the way changes the file: name another source with --from",
    },
  );
}
