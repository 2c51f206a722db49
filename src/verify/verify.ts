/**
 * Whether a model works on this machine: the figures of its tensors, those of the stages of one clip, and the texts of clips
 * whose text is known. Names the first stage that is suspicious.
 */
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { FunAsrError } from "../errors.ts";
import { load } from "../transcriber/load.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { LoadOptions, ModelInfo } from "../transcriber/types.ts";
import { judgeClip } from "./clips.ts";
import type { Clip, ClipResult } from "./clips.ts";
import { stageFindings, weightFindings } from "./plausible.ts";
import type { Finding } from "./plausible.ts";
import { suspectOf } from "./suspect.ts";
import type { Suspect } from "./suspect.ts";
import { Tally, tensorStatistics } from "./tensor-statistics.ts";
import type { TensorStatistics } from "./tensor-statistics.ts";

export interface VerifyOptions {
  /** Short ones: each is recognized as one window. */
  readonly clips: readonly Clip[];
  readonly load?: Omit<LoadOptions, "signal" | "onProgress" | "vad">;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((step: string, done: number, total: number) => void) | undefined;
}

export interface VerifyReport {
  /** Absent where the model did not load. */
  readonly model?: ModelInfo;
  readonly source: string;
  readonly naming: string;
  readonly tensors: number;
  /** Of the encoded tensors. */
  readonly bytes: number;
  /** How many stages of the forward pass were looked at. */
  readonly stages: number;
  /** Of tensors, then of stages, in the order of the forward pass. */
  readonly findings: readonly Finding[];
  readonly clips: readonly ClipResult[];
  /** The first stage that is suspicious; absent where the model works. */
  readonly suspect?: Suspect;
}

/**
 * The checkpoint stays open. Memory is that of a transcription, and one piece of a tensor. Faults of the model are in the report;
 * throws the signal's reason, and the errors of clips that are no audio.
 */
export async function verifyModel(checkpoint: Checkpoint, options: VerifyOptions): Promise<VerifyReport> {
  const { signal, onProgress } = options;
  const { source, naming } = checkpoint;
  const entries = [...checkpoint.tensors.values()];
  const weights: TensorStatistics[] = [];
  for (const entry of entries) {
    onProgress?.(entry.name, weights.length, entries.length);
    weights.push(await tensorStatistics(entry, signal));
  }
  const ofWeights = weightFindings(weights);
  const measured = {
    source,
    naming,
    tensors: entries.length,
    bytes: entries.reduce((sum, { byteLength }) => sum + byteLength, 0),
  };
  let model: Transcriber;
  try {
    model = await load(checkpoint, { ...options.load, signal });
  } catch (error) {
    if (!(error instanceof FunAsrError)) throw error;
    const failed: Finding = { name: error.where, level: "broken", what: error.message };
    const findings = [...ofWeights, failed];
    return { ...measured, stages: 0, findings, clips: [], ...suspectOf(findings, [], "") };
  }
  using loaded = model;
  const ran = await runClips(loaded, options);
  const findings = [...ofWeights, ...ran.findings];
  const { architecture } = loaded.info;
  return {
    ...measured,
    model: loaded.info,
    stages: ran.stages,
    findings,
    clips: ran.clips,
    ...suspectOf(findings, ran.clips, architecture),
  };
}

interface Ran {
  readonly stages: number;
  readonly findings: readonly Finding[];
  readonly clips: readonly ClipResult[];
}

async function runClips(model: Transcriber, { clips, signal, onProgress }: VerifyOptions): Promise<Ran> {
  const [first] = clips;
  const figures = first === undefined ? [] : await stagesOf(model, first, signal);
  const results: ClipResult[] = [];
  for (const clip of clips) {
    onProgress?.(clip.name, results.length, clips.length);
    results.push(await judgeClip(model, clip, signal));
  }
  return { stages: figures.length, findings: stageFindings(figures), clips: results };
}

/** Probabilities and parts of attention are large, and follow from what is looked at. */
const skipped = /\.(?:scores|probabilities|context|q|k|v)$/u;

/** The figures of each stage up to the first token; what was reached, where a stage's values are refused. */
async function stagesOf(
  model: Transcriber,
  { audio, hotwords }: Clip,
  signal: AbortSignal | undefined,
): Promise<(TensorStatistics & { readonly name: string })[]> {
  const figures: TensorStatistics[] = [];
  const capture = model.stages().flatMap(({ name }) => (skipped.test(name) ? [] : [name]));
  try {
    await model.run(audio, {
      capture,
      maxNewTokens: 1,
      hotwords,
      signal,
      sink({ name, shape, values }) {
        const tally = new Tally();
        tally.add(values);
        figures.push({ name, shape, ...tally.result() });
      },
    });
  } catch (error) {
    // the same error comes again with the clip's text, and is reported there
    if (!(error instanceof FunAsrError)) throw error;
  }
  return figures;
}
