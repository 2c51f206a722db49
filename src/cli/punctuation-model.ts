/** The punctuation model that the flags name. */
import { existsSync } from "node:fs";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { installedPunctuation, writesMarks } from "../pull/auto.ts";
import type { Terminal } from "./console.ts";

/**
 * What --punc-model says; for `auto`, the installed one where the model of the checkpoint writes no marks itself. Where none is
 * installed, there is a note.
 */
export async function chosenPunctuation(
  { puncModel }: { readonly puncModel?: string | undefined },
  { metadata }: Pick<Checkpoint, "metadata">,
  { note }: Pick<Terminal, "note">,
): Promise<string | undefined> {
  if (puncModel === "auto" && !existsSync(puncModel)) {
    if (writesMarks(metadata.get("general.architecture"))) return undefined;
  }
  return await namedPunctuation({ puncModel }, { note });
}

/** The same for models that are not known yet, of which some may write marks themselves. */
export async function namedPunctuation(
  { puncModel }: { readonly puncModel?: string | undefined },
  { note }: Pick<Terminal, "note">,
): Promise<string | undefined> {
  if (puncModel !== "auto" || existsSync(puncModel)) return puncModel;
  const found = await installedPunctuation();
  if (found === undefined) {
    note(
      "No punctuation model is installed, and the text of models that write no marks has none. --punc-model FILE names one",
    );
  }
  return found;
}
