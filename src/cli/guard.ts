/** The check of a command's outputs before its work, against all files that its flags and arguments name. */
import { guardOutputs, refuseInputs } from "../adapters/node/output/guard.ts";
import type { Inputs } from "../adapters/node/output/guard.ts";
import { standardOutput } from "../adapters/node/output/place.ts";
import { UsageError } from "../errors.ts";

/** Flags that name model files, and flags that name other files that are read. */
const modelFlags = ["model", "audio", "ctc", "llm", "tokens"];
const fileFlags = ["against", "amMvn", "corrections", "file", "hotwordsFile", "puncModel", "text", "vad"];

/** What a command reads: `files` are its arguments. */
export function inputsOf(flags: object, files: readonly string[] = []): Inputs {
  const valuesOf = (names: readonly string[]): string[] =>
    Object.entries(flags)
      .filter(([name]) => names.includes(name))
      .flatMap(([, value]: [string, unknown]) => value)
      .filter((value) => typeof value === "string");
  return { files: [...files, ...valuesOf(fileFlags)], models: valuesOf(modelFlags) };
}

/** Throws `file_unwritable`, and `bad_option` for an output that is read; an absent output is fine. */
export async function guard(
  output: string | undefined,
  flags: object,
  files?: readonly string[],
): Promise<void> {
  if (output !== undefined) await guardOutputs([output], inputsOf(flags, files));
}

/** The same without a look at the output's place: for archives, which may be folders. */
export async function guardArchive(output: string, flags: object, files: readonly string[]): Promise<void> {
  await refuseInputs([output], inputsOf(flags, files));
}

/** `-` stands for standard output. */
export const outputPath = (text: string): string => (text === "-" ? standardOutput : text);

/** Throws `bad_option` where a file would be mixed with what the command prints. */
export function refuseMixing(flag: string, output: string | undefined): void {
  if (output === standardOutput)
    throw new UsageError("bad_option", flag, "standard output, which gets the results", {
      wanted: "a file",
    });
}
