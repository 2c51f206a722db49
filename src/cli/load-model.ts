/** The model that the flags name, or the demo model. */
import { openFiles } from "../containers/open-paths.ts";
import type { NamedFile } from "../containers/open-paths.ts";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { openModel } from "../containers/open-model.ts";
import { load } from "../transcriber/load.ts";
import type { LoadOptions } from "../transcriber/types.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import { chosenModel, unusable } from "./chosen-model.ts";
import type { Notes } from "./chosen-model.ts";
import type { FlagValues } from "./flags/flag.ts";
import type { modelFlags } from "./flags/shared.ts";
import { chosenPunctuation } from "./punctuation-model.ts";

export type ModelFlags = Partial<FlagValues<typeof modelFlags>> & { readonly language?: string | undefined };

/** Loads the model that the flags name. Throws what `load` throws, and `bad_option` for flags that do not go together. */
export async function loadModel(
  flags: ModelFlags & { readonly amMvn?: string | undefined; readonly puncModel?: string | undefined },
  options: LoadOptions,
  screen: Notes,
): Promise<Transcriber> {
  await using checkpoint = await openChosen(flags, screen, options.signal);
  const punctuation = await chosenPunctuation(flags, checkpoint, screen);
  return await load(checkpoint, { ...options, amMvn: flags.amMvn, punctuation });
}

/** Opens the model without reading weights: one file, the official release's two, or a file for each part. */
export async function openChosen(
  flags: ModelFlags,
  screen: Notes,
  signal: AbortSignal | undefined,
): Promise<Checkpoint> {
  const { model, audio, ctc, llm, tokens } = flags;
  const given = (file: string | undefined): file is string => file !== undefined;
  if (audio === undefined) {
    const alone = [ctc, tokens].find(given);
    if (alone !== undefined) throw unusable("--ctc or --tokens", alone, "--audio with them");
    return openModel([await chosenModel(flags, screen), llm].filter(given), { signal });
  }
  if (model !== undefined) throw unusable("-m", model, "either -m or --audio");
  const files: NamedFile[] = [{ path: audio, take: "audio" }];
  if (ctc !== undefined) files.push({ path: ctc, take: "ctc" });
  if (llm !== undefined) files.push({ path: llm, take: "llm" });
  if (tokens !== undefined) files.push({ path: tokens });
  return openFiles(files, { signal });
}
