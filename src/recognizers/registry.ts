/** Which recognizer drives which architecture. */
import { ModelFormatError } from "../errors.ts";
import type { Model } from "../architectures/index.ts";
import { funAsrNanoRecognizer } from "./fun-asr-nano.ts";
import { paraformerRecognizer } from "./paraformer.ts";
import type { Recognizer, RecognizerContext } from "./recognizer.ts";
import { senseVoiceRecognizer } from "./sensevoice.ts";

export function recognizerFor(model: Model, context: RecognizerContext): Recognizer {
  if (model.architecture === "paraformer") return paraformerRecognizer(model, context);
  if (model.architecture === "sensevoice") return senseVoiceRecognizer(model, context);
  if (model.architecture === "fsmn-vad") {
    throw new ModelFormatError("unknown_architecture", context.source, "a detector of speech (fsmn-vad)", {
      wanted: "a recognizer",
      remedy: "Give it beside one: --vad, or the option vad",
    });
  }
  return funAsrNanoRecognizer(model, context);
}
