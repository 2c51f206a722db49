/**
 * The check of a GPU: its name, whether every stage agrees with the `cpu` backend, how busy it is, and how fast. Without
 * a GPU, TensorFlow on the processor is checked.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { loadAudio } from "../audio/container.ts";
import { MODEL_RATE } from "../audio/limits.ts";
import type { Checkpoint } from "../checkpoints/checkpoint.ts";
import { compare } from "../diff/compare.ts";
import { RuntimeError } from "../errors.ts";
import { buildModel } from "../architectures/build.ts";
import type { FunAsrNano } from "../models/fun-asr-nano/fun-asr-nano.ts";
import { Engine } from "../engine/engine.ts";
import type { TensorflowOptions } from "../nn/backend.ts";
import { dispose, tensor, values } from "../nn/ops.ts";
import { load } from "../transcriber/load.ts";
import { offerTurn } from "../platform/turns.ts";
import type { Progress } from "../recognizers/options.ts";
import type { Transcription } from "../longform/result.ts";
import { multiplySpeed, proveTensorflow } from "./tensorflow.ts";
import { compiledDecoding, examplePrompt, promptRows, steppedDecoding } from "./decoding.ts";
import type { DecodingMethod } from "./decoding.ts";
import { capture } from "../transcriber/inspect.ts";

/** A line of the table: what was measured, and the result. */
type Line = readonly [what: string, found: string];

interface GpuCheck {
  /** The model whose stages are compared: a small one, since `cpu` computes them too. */
  readonly parityModel: Checkpoint;
  readonly clip: string | Float32Array;
  /** The Fun-ASR-Nano that is timed. */
  readonly timedModel: Checkpoint;
  /** Tokens to generate for a speed. */
  readonly tokens: number;
  readonly line: (line: Line) => void;
  readonly signal: AbortSignal;
}

/** Largest relative L2 difference of a stage from `cpu` that each arithmetic may have. */
const bounds = { float32: 1e-5, half: 5e-3, bfloat16: 5e-2 } as const;
const minuteOfRows = 1000;
/** Tokens that are generated step by step at most: single steps are slow. */
const steps = 30;

/**
 * Reports each line as soon as it is measured. Throws `difference` where a stage differs too much, and the signal's reason:
 * behind the computation that TensorFlow has begun, which nothing can stop.
 */
export async function checkGpu(check: GpuCheck): Promise<void> {
  const { signal } = check;
  const { tensorflow, gpu } = await proveTensorflow(signal);
  check.line(["device", gpu ? await gpuName(signal) : "the processor: TensorFlow found no GPU"]);
  check.line(["TensorFlow", tensorflow]);
  await checkParity(check);
  for (const arithmetic of ["float32", "half"] as const) {
    const speed = await multiplySpeed(arithmetic, gpu ? 4096 : 1024, signal);
    check.line([`matrix product, ${arithmetic}`, `${(speed / 1e12).toPrecision(3)} TFLOP/s`]);
  }
  for (const [name, options] of [
    ["float32, packed", { arithmetic: "float32", expanded: false }],
    ["half, expanded", { arithmetic: "half", expanded: true }],
  ] as const) {
    await timeModel(check, name, options);
    await timePipeline(check, name, options);
  }
  check.line(["resident memory", `${(process.memoryUsage().rss / 1e9).toFixed(2)} GB`]);
  if (gpu) check.line(["GPU memory of all processes", await query("memory.used", signal)]);
}

async function checkParity({ parityModel, clip, line, signal }: GpuCheck): Promise<void> {
  const stagesOn = async (backend: "cpu" | "tensorflow", tensorflow: TensorflowOptions) => {
    using model = await load(parityModel, { backend, tensorflow, signal });
    return await capture(model, clip, { maxNewTokens: 4, signal });
  };
  const expected = await stagesOn("cpu", {});
  for (const arithmetic of ["float32", "half", "bfloat16"] as const) {
    const stages = await stagesOn("tensorflow", { arithmetic, expanded: false });
    const compared = stages.map((stage, i) => compare(stage.name, stage, expected[i]!));
    const worst = compared.reduce((a, b) => (b.relativeL2 > a.relativeL2 ? b : a));
    const bound = bounds[arithmetic];
    const found = `${worst.relativeL2.toExponential(1)} at ${worst.name}`;
    line([`parity of ${stages.length} stages, ${arithmetic}`, `${found} (at most ${bound})`]);
    const broken = compared.find(({ relativeL2, nonFinite }) => relativeL2 > bound || nonFinite > 0);
    if (broken !== undefined) {
      throw new RuntimeError("difference", broken.name, found, { wanted: `at most ${bound}` });
    }
  }
}

async function timeModel(check: GpuCheck, name: string, options: TensorflowOptions): Promise<void> {
  const { timedModel, tokens, line, signal } = check;
  using engine = new Engine({ backend: "tensorflow", tensorflow: options });
  const loaded = await buildModel(timedModel, { engine, backend: "tensorflow", signal });
  if (loaded.model.architecture !== "fun-asr-nano") {
    loaded.dispose();
    throw new RuntimeError("unknown_architecture", timedModel.source, loaded.model.architecture, {
      wanted: "a Fun-ASR-Nano",
    });
  }
  const { encode, llm, config } = loaded.model as FunAsrNano;
  const turn = async (): Promise<void> => {
    await offerTurn();
    signal.throwIfAborted();
  };
  const work = async (): Promise<void> => {
    const features = tensor(new Float32Array(minuteOfRows * config.encoder.inputSize).fill(0.1), [
      minuteOfRows,
      config.encoder.inputSize,
    ]);
    const encodeOnce = async (): Promise<void> => {
      const encoded = await encode(features, turn);
      await values(encoded);
      dispose(encoded);
    };
    const seconds = await best(encodeOnce);
    line([
      `encoder, 60 s of audio, ${name}`,
      `${seconds.toFixed(3)} s${await busyWhile(encodeOnce, signal)}`,
    ]);
    dispose(features);

    const embeds = examplePrompt(llm);
    const expected: number[] = [];
    const measure = async (title: string, method: DecodingMethod, count = tokens): Promise<void> => {
      const written = await method.generate(tokens);
      if (expected.length === 0) expected.push(...written);
      const same = written.findIndex((id, i) => id !== expected[i]);
      const agreement = same < 0 ? "the same tokens" : `other tokens from the ${same + 1}th on`;
      const reading = await best(() => method.generate(1));
      const rest = (await best(() => method.generate(count))) - reading;
      const rate = `${((count - 1) / rest).toFixed(1)} tokens/s`;
      const prefill = `prompt of ${promptRows} rows in ${reading.toFixed(3)} s`;
      const busy = await busyWhile(() => method.generate(count), signal);
      line([
        `decoding, ${title}, ${name}`,
        `${rate}, ${agreement}, ${prefill}, ready in ${method.setUpSeconds.toFixed(1)} s${busy}`,
      ]);
      method.dispose();
    };
    await measure("eager", steppedDecoding(llm, embeds, turn), Math.min(tokens, steps));
    for (const [title, xla] of [
      ["graph", false],
      ["XLA", true],
    ] as const) {
      await measure(title, await compiledDecoding(llm, embeds, { most: tokens, xla, turn }));
    }
    dispose(embeds);
  };
  await engine.run("tensorflow", work, { signal });
  loaded.dispose();
}

/** The whole pipeline, from samples to text: the best of three runs. The first also compiles. */
async function timePipeline(
  { timedModel, clip, tokens, line, signal }: GpuCheck,
  name: string,
  options: TensorflowOptions,
): Promise<void> {
  using model = await load(timedModel, { backend: "tensorflow", tensorflow: options, signal });
  const samples = minuteOf((await loadAudio(clip, { signal })).samples);
  let timings: Transcription["timings"] = { total: Infinity };
  let written = 0; // tokens before a repetition is cut off: random weights often repeat themselves
  const onProgress = ({ stage, done }: Progress): void => {
    if (stage === "generate") written = done + 1;
  };
  await best(async () => {
    const request = { chunk: "off", maxNewTokens: tokens, onProgress, signal } as const;
    const found = await model.transcribe(samples, request);
    if (found.timings.total < timings.total) timings = found.timings;
  });
  const { total, ...parts } = timings;
  const shares = Object.entries(parts).map(([part, ms]) => `${part} ${(ms / 1000).toFixed(3)}`);
  line([
    `60 s of audio to text, ${name}`,
    `${(total / 1000).toFixed(3)} s, ${written} tokens (${shares.join(", ")})`,
  ]);
}

/** The clip repeated to 60 s. */
function minuteOf(clip: Float32Array): Float32Array {
  return Float32Array.from({ length: 60 * MODEL_RATE }, (_, i) => clip[i % clip.length]!);
}

/** Seconds of the fastest of three runs. */
async function best(work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 3; i++) {
    const start = performance.now();
    await work();
    least = Math.min(least, (performance.now() - start) / 1000);
  }
  return least;
}

/** The highest utilization of a GPU while `work` is repeated, as text; empty where there is no GPU. */
async function busyWhile(work: () => Promise<unknown>, signal: AbortSignal): Promise<string> {
  const busy = async (): Promise<number> => parseFloat(await query("utilization.gpu", signal));
  if (Number.isNaN(await busy())) return "";
  let most = 0;
  for (const end = performance.now() + 2000; performance.now() < end;) {
    const [sample] = await Promise.all([busy(), work()]);
    most = Math.max(most, sample);
  }
  return `, GPU busy ${most} % of the time`;
}

async function gpuName(signal: AbortSignal): Promise<string> {
  return `${await query("name", signal)}, driver ${await query("driver_version", signal)}`;
}

async function query(field: string, signal: AbortSignal): Promise<string> {
  try {
    const wanted = [`--query-gpu=${field}`, "--format=csv,noheader"];
    const { stdout } = await promisify(execFile)("nvidia-smi", wanted, { signal });
    return stdout.trim();
  } catch {
    signal.throwIfAborted();
    return "unknown: nvidia-smi cannot be run";
  }
}
