/**
 * Data that an ONNX model keeps outside: only in a plain file of the model's own folder, under a plain name, that is
 * no link of either kind. A model from an unknown source must not name other files of this computer.
 */
import type { FileSet } from "../../../src/platform/file-set.ts";
import { malformed } from "../../../src/checkpoints/malformed.ts";
import type { ExternalData } from "./model.ts";

/** Fills `target` from byte `at` of the data. `where` is the initializer in messages. */
export async function readExternal(
  files: FileSet,
  where: string,
  { file, offset, length }: ExternalData,
  at: number,
  target: Uint8Array,
): Promise<void> {
  checkName(where, file);
  await using source = await files.openPlain(file).catch((cause: unknown) => {
    throw malformed(
      where,
      `${JSON.stringify(file)} cannot be opened as a plain file`,
      "external data beside it",
      cause,
    );
  });
  if (source === undefined)
    throw malformed(where, `${JSON.stringify(file)} is a link or no file`, "a plain file");
  const end = offset + Math.max(length ?? 0, at + target.length);
  if (end > source.size)
    throw malformed(where, `bytes up to ${end} of ${JSON.stringify(file)}`, `at most ${source.size}`);
  await source.read(offset + at, target);
}

/** Refused before anything is opened. */
export function checkName(where: string, file: string): void {
  if (file === "" || file === "." || file === ".." || /[/\\:\0]/.test(file))
    throw malformed(where, `external data in ${JSON.stringify(file.slice(0, 100))}`, "a plain file name");
}
