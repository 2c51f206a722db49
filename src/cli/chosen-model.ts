/** Which model -m means. Opens nothing. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { UsageError } from "../errors.ts";
import type { Terminal } from "./console.ts";

export type Notes = Pick<Terminal, "note">;

/** Where the note was shown already: some commands load the model twice. */
const told = new WeakSet<Notes["note"]>();

/**
 * What -m says; for `auto`, the best installed model for the language. Where none is installed, that is the demo model, with
 * a note that it knows synthetic speech only. `demo` is the demo model without the note.
 */
export async function chosenModel(
  {
    model = "auto",
    language,
  }: { readonly model?: string | undefined; readonly language?: string | undefined },
  { note }: Notes,
): Promise<string> {
  if (existsSync(model) || (model !== "auto" && model !== "demo")) return model;
  const demo = bundledModel();
  if (model === "demo" && demo !== undefined) return demo;
  const { bestInstalled, recommended } = await import("../pull/auto.ts"); // with the registry
  const best = model === "demo" ? undefined : await bestInstalled(language);
  if (best !== undefined) return best;
  if (demo === undefined)
    throw unusable("-m", "no model is installed", `\`fun-asr pull ${recommended(language)}\``);
  if (!told.has(note)) {
    told.add(note);
    note(
      `This is the demo model, which knows synthetic speech only. For real speech: fun-asr pull ${recommended(language)}`,
    );
  }
  return demo;
}

export function unusable(flag: string, found: string, wanted: string): UsageError {
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
