/**
 * Data that an ONNX model keeps outside: only in a plain file of the model's own folder, under a plain name, that is
 * no link of either kind. A model from a stranger must not name what else this machine holds.
 */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { basename, join } from "node:path";
import { malformed } from "../malformed.ts";
import type { ExternalData } from "./model.ts";

/** Fills `target` from byte `offset` of the data. */
export async function readExternal(
  folder: string,
  where: string,
  { file, offset, length }: ExternalData,
  at: number,
  target: Uint8Array,
): Promise<void> {
  const path = checkName(folder, where, file);
  const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);
  const handle = await open(path, flags).catch((cause: unknown) => {
    throw malformed(
      where,
      `${JSON.stringify(file)} cannot be opened as a plain file`,
      "external data beside it",
      cause,
    );
  });
  try {
    const status = await handle.stat();
    if (!status.isFile() || status.nlink !== 1)
      throw malformed(where, `${JSON.stringify(file)} is a link or no file`, "a plain file");
    if (offset + (length ?? 0) > status.size) {
      throw malformed(
        where,
        `bytes up to ${offset + (length ?? 0)} of ${JSON.stringify(file)}`,
        `at most ${status.size}`,
      );
    }
    for (let done = 0; done < target.length;) {
      const { bytesRead } = await handle.read(target, done, target.length - done, offset + at + done);
      if (bytesRead === 0) throw malformed(where, `${JSON.stringify(file)} ends too early`);
      done += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

/** Refused before anything is opened. */
export function checkName(folder: string, where: string, file: string): string {
  const plain =
    file !== "" && file !== "." && file !== ".." && !/[/\\:\0]/.test(file) && basename(file) === file;
  if (!plain)
    throw malformed(where, `external data in ${JSON.stringify(file.slice(0, 100))}`, "a plain file name");
  return join(folder, file);
}
