/** All architectures: the one list that grows with a new one. */
import { ModelFormatError } from "../errors.ts";
import type { Recognizer, RecognizerContext } from "../recognizers/recognizer.ts";
import type { Architecture } from "./architecture.ts";
import { ctPunc } from "./ct-punc.ts";
import { fsmnVad } from "./fsmn-vad.ts";
import { funAsrNano } from "./fun-asr-nano.ts";
import { paraformer } from "./paraformer.ts";
import { senseVoice } from "./sensevoice.ts";

const records = [funAsrNano, paraformer, senseVoice, fsmnVad, ctPunc] as const;

export const architectures: readonly Architecture[] = records;

/** A built model of any of the architectures, with its name as the discriminant. */
export type Model = ReturnType<(typeof records)[number]["build"]>;

/** The namings of GGUF files of all architectures. */
export const ggufNamings = architectures.flatMap((record) => record.ggufNamings);

/** The record of `general.architecture`. Throws `unknown_architecture`; `source` is the checkpoint's name in messages. */
export function architectureOf(
  source: string,
  metadata: ReadonlyMap<string, unknown>,
): (typeof records)[number] {
  const name = metadata.get("general.architecture");
  const record = records.find((known) => known.name === name);
  if (record !== undefined) return record;
  throw new ModelFormatError("unknown_architecture", source, `architecture ${String(name)}`, {
    wanted: `one of ${records.map((known) => known.name).join(", ")}`,
  });
}

/** What turns features into text with `model`. Throws `unknown_architecture` where the model recognizes no text. */
export function recognizerFor(model: Model, context: RecognizerContext): Recognizer {
  const record = architectures.find(({ name }) => name === model.architecture);
  const recognizer = record?.recognizer?.(model, context);
  if (recognizer !== undefined) return recognizer;
  throw new ModelFormatError("unknown_architecture", context.source, `a model of ${model.architecture}`, {
    wanted: "a model that recognizes text",
    ...(record?.instead === undefined ? {} : { remedy: record.instead }),
  });
}
