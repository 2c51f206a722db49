/** The public types, as the compiler checks them; this file is compiled and never run. */
import { createStream, decodeStream } from "../../src/compat/index.ts";
import { capture, lens } from "../../src/lab.ts";
import type { Activation, CtcDraft, Hook, LensLayer, Run } from "../../src/lab.ts";
import { load, loadInWorker } from "../../src/node.ts";
import type {
  AlignedText,
  PartialResult,
  Segment,
  TimedToken,
  TimedUnit,
  TranscribeOptions,
  Transcription,
  Warning,
} from "../../src/node.ts";

type Same<A, B> = [A, B] extends [B, A] ? true : false;
/** Compiles where both types are the same. */
const same = <A, B>(fits: Same<A, B>): boolean => fits;

export async function models(): Promise<void> {
  using model = await load(new URL("file:///model.gguf"), { amMvn: new Uint8Array(1), vad: "vad.gguf" });
  await using worker = await loadInWorker(["encoder.gguf", "llm.gguf"]);

  const result = await model.transcribe("a.wav");
  same<typeof result, Transcription>(true);
  same<Transcription["duration"], number | undefined>(true);
  same<Transcription["timings"]["total"], number>(true);
  same<Transcription["timings"]["encode"], number | undefined>(true);
  same<Transcription["segments"], readonly Segment[]>(true);
  same<Transcription["tokenTimes"], readonly TimedToken[] | undefined>(true);
  same<Transcription["characters"], readonly TimedUnit[] | undefined>(true);
  same<Transcription["warnings"], readonly Warning[]>(true);

  same<ReturnType<typeof worker.transcribe>, Promise<Transcription>>(true);
  same<ReturnType<typeof worker.run>, Promise<Run>>(true);
  same<Awaited<ReturnType<typeof model.align>>, AlignedText>(true);
  same<Awaited<ReturnType<typeof model.ctc>>, CtcDraft>(true);
  same<AlignedText["characters"], readonly TimedUnit[]>(true);
}

export async function streams(): Promise<void> {
  using model = await load("model.gguf");
  for await (const segment of model.transcribeStream("a.wav")) same<typeof segment, Segment>(true);
  for await (const event of model.transcribeStream("a.wav", { partials: true }))
    same<typeof event, Segment | PartialResult>(true);
}

export async function tools(hook: Hook): Promise<void> {
  using model = await load("model.gguf");
  same<Awaited<ReturnType<typeof capture>>, Activation[]>(true);
  const layers = await lens(model, "a.wav", { of: "llm" });
  same<typeof layers, LensLayer[]>(true);
  await model.run("a.wav", { ablate: [{ at: "llm.layers.0", to: "mean" }], hook });
  await decodeStream(model, createStream());
  // @ts-expect-error: a run is one pass
  await model.run("a.wav", { chunk: { seconds: 7 } });
}

/** Options refuse what they do not have. */
export const refused: readonly TranscribeOptions[] = [
  { decoder: "llm", timestamps: "word", silenceGate: "off", topK: 50 },
  // @ts-expect-error: two decoders
  { decoder: "both" },
  // @ts-expect-error: tokens and words
  { timestamps: "character" },
  // @ts-expect-error: no such option
  { languageCode: "zh" },
];
