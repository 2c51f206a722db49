/** The recording of a command that reads one: an argument, or the value of `-f`. */
import { UsageError } from "../errors.ts";
import { audioFlag } from "./flags/shared.ts";
import type { FlagValues } from "./flags/flag.ts";

/** Its description as an argument. */
export const audioArgument = { name: "[audio]", help: "audio file, as with -f" } as const;

/** Throws `bad_option` for none, and for several. */
export function oneRecording(
  { file }: FlagValues<typeof audioFlag>,
  args: readonly string[],
  wanted = "one audio file, as an argument or with -f",
): string {
  const given = [...args, ...(file === undefined ? [] : [file])];
  const [only] = given;
  if (given.length === 1 && only !== undefined) return only;
  const found = given.length === 0 ? "no audio file" : `${given.length} files`;
  throw new UsageError("bad_option", "-f", found, { wanted });
}
