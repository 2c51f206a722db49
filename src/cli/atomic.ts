/** Writes a file as a whole or not at all: to a temporary name beside it, then renamed. */
import { randomBytes } from "node:crypto";
import { rename, rm, writeFile } from "node:fs/promises";
import { RuntimeError } from "../errors.ts";

export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await writeFile(temporary, content, { flag: "wx" });
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new RuntimeError("file_unwritable", path, "cannot be written", {
      remedy: "Check that the folder exists and may be written to",
      cause,
    });
  }
}
