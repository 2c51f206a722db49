/** From model files to a transcriber: weights, the recognizer of their architecture, and its front end. */
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { openModel } from "../containers/open-model.ts";
import { buildModel, coarsestFormat } from "../architectures/build.ts";
import { Settings } from "../configs/settings.ts";
import { leaseEngine } from "../engine/shared.ts";
import type { EngineLease } from "../engine/shared.ts";
import { FeatureExtractor } from "../frontend/feature-extractor.ts";
import { readCmvn } from "../frontend/read-cmvn.ts";
import { readFrontend } from "../frontend/read-config.ts";
import { recognizerFor } from "../architectures/index.ts";
import { RECOMMENDED, readRecommended } from "../longform/recommended.ts";
import { WindowRecognizer } from "../longform/window-recognizer.ts";
import type { NetworkOptions } from "../containers/load-network.ts";
import { loadPunctuator } from "../punctuation/punctuator.ts";
import type { Punctuator } from "../punctuation/punctuator.ts";
import { loadVad } from "../vad/vad.ts";
import type { Vad } from "../vad/vad.ts";
import { Transcriber } from "./transcriber.ts";
import type { LoadOptions, ModelSource } from "./types.ts";

/** See `load`, which has checked the options. */
export async function loadModel(model: ModelSource | Checkpoint, options: LoadOptions): Promise<Transcriber> {
  if (isCheckpoint(model)) return build(model, options);
  await using checkpoint = await openModel(model, { signal: options.signal });
  return await build(checkpoint, options);
}

function isCheckpoint(model: ModelSource | Checkpoint): model is Checkpoint {
  return typeof model === "object" && (model as object | null) !== null && "tensors" in model;
}

async function build(checkpoint: Checkpoint, options: LoadOptions): Promise<Transcriber> {
  const lease = leaseEngine(options);
  try {
    return await buildOn(lease, checkpoint, options);
  } catch (error) {
    lease.release();
    throw error;
  }
}

async function buildOn(
  { engine, release }: EngineLease,
  checkpoint: Checkpoint,
  { onProgress, signal, amMvn, ...sources }: LoadOptions,
): Promise<Transcriber> {
  const placement = await engine.placement(signal);
  const built = await buildModel(checkpoint, {
    engine,
    ...placement,
    signal,
    onProgress: ({ doneBytes, totalBytes }) =>
      onProgress?.({ stage: "load", done: doneBytes, total: totalBytes }),
  });
  try {
    const { source, naming, metadata } = checkpoint;
    const recognizer = recognizerFor(built.model, { source, engine, placement, metadata });
    const info = {
      source,
      architecture: built.model.architecture,
      naming,
      ...placement,
      weightFormat: coarsestFormat(checkpoint),
      ctc: recognizer.hasCtc,
      times: recognizer.hasTimes,
    };
    const frontend = readFrontend(new Settings(source, metadata).at(info.architecture).at("frontend"));
    const recommended = readRecommended(new Settings(source, metadata).at(RECOMMENDED));
    const cmvn = await readCmvn(checkpoint, {
      width: frontend.nMels * frontend.lfrM,
      needed: recognizer.needsCmvn,
      amMvn: amMvn ?? checkpoint.amMvn,
      signal,
    });
    const helpers = await loadHelpers(sources, { engine, signal });
    const dispose = (): void => {
      built.dispose();
      release();
    };
    const loaded = { ...built, dispose };
    const features = new FeatureExtractor(frontend, cmvn, loaded.hooks);
    const windows = new WindowRecognizer({ source, loaded, recognizer, features, recommended });
    return new Transcriber(info, windows, helpers);
  } catch (error) {
    built.dispose();
    throw error;
  }
}

/** The models that are used in addition. */
async function loadHelpers(
  { vad: vadSource, punctuation: source }: Pick<LoadOptions, "vad" | "punctuation">,
  options: NetworkOptions,
): Promise<{ readonly vad: Vad | undefined; readonly punctuation: Punctuator | undefined }> {
  const vad = vadSource === undefined ? undefined : await loadVad(vadSource, options);
  try {
    return { vad, punctuation: source === undefined ? undefined : await loadPunctuator(source, options) };
  } catch (error) {
    vad?.dispose();
    throw error;
  }
}
