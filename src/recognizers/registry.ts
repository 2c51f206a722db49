/** Which recogniser drives which architecture. */
import type { Model } from "../models/registry.ts";
import { funAsrNanoRecognizer } from "./fun-asr-nano.ts";
import { paraformerRecognizer } from "./paraformer.ts";
import type { Recognizer, RecognizerContext } from "./recognizer.ts";
import { senseVoiceRecognizer } from "./sensevoice.ts";

export function recognizerFor(model: Model, context: RecognizerContext): Recognizer {
  if (model.architecture === "paraformer") return paraformerRecognizer(model, context);
  if (model.architecture === "sensevoice") return senseVoiceRecognizer(model, context);
  return funAsrNanoRecognizer(model, context);
}
