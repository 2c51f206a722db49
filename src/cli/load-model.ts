/** The model that the flags name, or the demo model. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openFiles } from "../containers/open-paths.ts";
import type { NamedFile } from "../containers/open-paths.ts";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { openModel } from "../containers/open-model.ts";
import { UsageError } from "../errors.ts";
import { load } from "../transcriber/load.ts";
import type { LoadOptions } from "../transcriber/types.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import { bestInstalled, recommended } from "../pull/auto.ts";
import type { Terminal } from "./console.ts";
import type { FlagValues } from "./flags/flag.ts";
import type { modelFlags } from "./flags/shared.ts";

export type ModelFlags = Partial<FlagValues<typeof modelFlags>> & { readonly language?: string | undefined };
type Notes = Pick<Terminal, "note">;

/** Loads the model that the flags name. Throws what `load` throws, and `bad_option` for flags that do not go together. */
export async function loadModel(
  flags: ModelFlags & { readonly amMvn?: string | undefined },
  options: LoadOptions,
  screen: Notes,
): Promise<Transcriber> {
  await using checkpoint = await openChosen(flags, screen, options.signal);
  return await load(checkpoint, { ...options, amMvn: flags.amMvn });
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

/** Where the note was shown already: some commands load the model twice. */
const told = new WeakSet<Notes["note"]>();

/**
 * What -m says; for `auto`, the best installed model for the language. Where none is installed, that is the demo model, with
 * a note that it knows synthetic speech only. `demo` is the demo model without the note.
 */
export async function chosenModel(
  { model = "auto", language }: Pick<ModelFlags, "model" | "language">,
  { note }: Notes,
): Promise<string> {
  if (existsSync(model) || (model !== "auto" && model !== "demo")) return model;
  const best = model === "demo" ? undefined : await bestInstalled(language);
  if (best !== undefined) return best;
  const demo = bundledModel();
  if (demo === undefined)
    throw unusable("-m", "no model is installed", `\`fun-asr pull ${recommended(language)}\``);
  if (model === "auto" && !told.has(note)) {
    told.add(note);
    note(
      `This is the demo model, which knows synthetic speech only. For real speech: fun-asr pull ${recommended(language)}`,
    );
  }
  return demo;
}

function unusable(flag: string, found: string, wanted: string): UsageError {
  return new UsageError("bad_option", flag, found, { wanted });
}

/** Path of the demo model, if it is installed. */
export function bundledModel(): string | undefined {
  return bundled("models/demo/fun-asr-demo-q8_0.gguf");
}

/** Path of a file of the package, if it is installed: in a checkout, or beside the compiled program. */
export function bundled(path: string): string | undefined {
  return ["../..", "../../.."]
    .map((up) => fileURLToPath(new URL(`${up}/${path}`, import.meta.url)))
    .find((found) => existsSync(found));
}
