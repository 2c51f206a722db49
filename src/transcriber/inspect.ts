/** Tools on a loaded model: captured activations, layers read as text, the vocabulary of its head. */
import type { Activation } from "../activations/recorder.ts";
import { UsageError } from "../errors.ts";
import { readLayers } from "../recognizers/logit-lens.ts";
import type { LensLayer, LensOptions } from "../recognizers/logit-lens.ts";
import { Transcriber } from "./transcriber.ts";
import type { RunOptions, TranscribeInput } from "./types.ts";
import { checkValues } from "../options/check.ts";
import { ctc } from "../options/methods.ts";
import { suggestion } from "../options/nearest.ts";

/** The stages of one pass, all of them unless `capture` names some. */
export async function capture(
  model: Pick<Transcriber, "run">,
  input: TranscribeInput,
  options: RunOptions = {},
): Promise<Activation[]> {
  const { stages } = await model.run(input, { capture: ["*"], ...options });
  return [...stages.values()];
}

/**
 * The text that each layer would give if it were the last: its output goes through the norms after it and the head,
 * without the layers between. Rows are the generated tokens of the language model, or the frames of the CTC branch.
 * Throws `bad_option` where the model has no such head.
 */
export async function lens(
  model: Transcriber,
  input: TranscribeInput,
  { of, top = 1, ...options }: RunOptions & LensOptions,
): Promise<LensLayer[]> {
  checkValues({ top }, { top: ctc.topK });
  const { loaded, recognizer } = Transcriber.windowsOf(model);
  const { lenses } = recognizer;
  const head = lenses[of];
  if (head === undefined) {
    throw new UsageError("bad_option", "lens", of, {
      wanted: Object.keys(lenses).join(" or ") || "a model with a CTC branch or an LLM",
      ...suggestion(of, Object.keys(lenses)),
    });
  }
  const last = head.rows === "frames" ? { stopAfter: head.layers.at(-1)! } : { steps: true };
  const { stages } = await model.run(input, { ...options, ...last, capture: head.layers });
  const backend = of === "llm" ? model.info.llm : model.info.backend;
  return readLayers({ engine: loaded.engine, backend }, head, stages, top, options.signal);
}

/** The text of a label of the CTC head (or of Paraformer's decoder); empty for a blank. */
export function labelText(model: Transcriber, id: number): string {
  return Transcriber.windowsOf(model).recognizer.labelText(id);
}
