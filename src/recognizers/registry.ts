/** Which recogniser drives which architecture. */
import { ModelFormatError } from "../errors.ts";
import type { Model } from "../models/registry.ts";
import { funAsrNanoRecognizer } from "./fun-asr-nano.ts";
import type { Recognizer, RecognizerContext } from "./recognizer.ts";

export function recognizerFor(model: Model, context: RecognizerContext): Recognizer {
  switch (model.architecture) {
    case "fun-asr-nano":
      return funAsrNanoRecognizer(model, context);
    default:
      throw new ModelFormatError(
        "unknown_architecture",
        context.source,
        `no recogniser for ${model.architecture}`,
      );
  }
}
