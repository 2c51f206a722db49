/**
 * A checkout without Git LFS has a short text in place of every large file, with the name of the file's content. Whatever
 * was to be read from it, this is what the user must know. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
 */
import { FileError } from "../errors.ts";
import type { ByteSource } from "./bytes.ts";

/** By the specification a pointer is shorter. */
const maxBytes = 1024;

/** `where` is the file in messages. Throws `file_unreadable` if the bytes at the start of a file are those of a pointer. */
export function refusePointer(text: string, where: string): void {
  if (!/^version https:\/\/(git-lfs|hawser)\.github\.com\/spec\//u.test(text)) return;
  const size = /^size (\d{1,15})$/mu.exec(text)?.[1];
  const content = size === undefined ? "" : ` (${size} bytes)`;
  throw new FileError(
    "file_unreadable",
    where,
    `a Git LFS pointer in place of the file's content${content}`,
    {
      remedy: "Run git lfs pull in the checkout, or download the file itself",
    },
  );
}

/** The same for an open file, which is closed if it is a pointer. Returns it otherwise. */
export async function noPointer(file: ByteSource, signal?: AbortSignal): Promise<ByteSource> {
  if (file.size > maxBytes) return file;
  try {
    const bytes = new Uint8Array(file.size);
    await file.read(0, bytes, signal);
    refusePointer(String.fromCharCode(...bytes), file.path ?? file.name);
    return file;
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}
