/**
 * Voice activity detection by FSMN-VAD: features, network and state machine, over a recording of any length. Blocks
 * give the result of the whole: the network sees 76 frames back and none ahead, so each block starts that much earlier.
 */
import { concatenate } from "../audio/decoder.ts";
import { applyCmvn } from "../frontend/cmvn.ts";
import type { Cmvn } from "../frontend/cmvn.ts";
import { planFrontend, vadFrontend } from "../frontend/frontend.ts";
import type { Matrix } from "../frontend/fbank.ts";
import { loadNetwork } from "../containers/load-network.ts";
import type { NetworkOptions } from "../containers/load-network.ts";
import type { ModelFiles } from "../containers/open-model.ts";
import type { LoadedModel } from "../architectures/build.ts";
import type { FsmnVad } from "../models/fsmn-vad.ts";
import { Lifetime } from "../engine/lifetime.ts";
import { checkFinite } from "../nn/finite.ts";
import { dispose, tensor, values } from "../nn/ops.ts";
import { readCmvn } from "../frontend/read-cmvn.ts";
import type { SampleSpan } from "../longform/cutter.ts";
import { VadMachine } from "./state-machine.ts";
import type { FrameSpan, VadRules } from "./state-machine.ts";

const HOP = 160;
const FRAME = 400;
/** Frames of a row before and after its own. */
const BESIDE = (vadFrontend.lfrM - 1) / 2;
/** Rows of one pass through the network. */
const BLOCK = 6000;

/** Loads an FSMN-VAD from any container that holds one. Throws `unknown_architecture` for another model. */
export const loadVad = (source: ModelFiles, options: NetworkOptions = {}): Promise<Vad> =>
  loadNetwork(source, "fsmn-vad", options, async (model, loaded, checkpoint) => {
    const { signal } = options;
    const cmvn = await readCmvn(checkpoint, { width: model.config.inputDim, needed: true, signal });
    return new Vad(loaded, model, cmvn!);
  });

export class Vad implements Disposable {
  readonly #loaded: LoadedModel;
  readonly #model: FsmnVad;
  readonly #cmvn: Cmvn;
  readonly #memory: number;
  readonly #life: Lifetime;
  readonly #frontend = planFrontend(vadFrontend);

  /** Use {@link loadVad}. */
  constructor(loaded: LoadedModel, model: FsmnVad, cmvn: Cmvn) {
    this.#loaded = loaded;
    this.#model = model;
    this.#cmvn = cmvn;
    this.#memory = model.config.layers * (model.config.lorder - 1);
    this.#life = new Lifetime("fsmn-vad", () => loaded.dispose());
  }

  /** Detection over one recording, piece by piece. */
  listen(rules: VadRules = {}): VadStream {
    return new VadStream(
      (samples) => this.#frontend.fbank(samples),
      this.#memory,
      this.silence.bind(this),
      rules,
    );
  }

  /** The probability of silence [rows] in feature rows [rows, cols]. There is no audio before the first. */
  async silence(rows: Matrix): Promise<Float64Array> {
    const features = applyCmvn(rows, this.#cmvn);
    const { engine, backend } = this.#loaded;
    const job = async (): Promise<Float64Array> => {
      const input = tensor(features.values, [features.rows, features.cols]);
      const logits = this.#model.logits(input); // [T, states]
      dispose(input);
      const scores = await values(logits);
      const silence = Float64Array.from({ length: features.rows }, (_, t) =>
        firstOfSoftmax(scores.subarray(t * logits.shape[1]!, (t + 1) * logits.shape[1]!)),
      );
      dispose(logits);
      checkFinite("fsmn-vad", silence);
      return silence;
    };
    return this.#life.run(() => engine.run(backend, job, { check: () => this.#life.check() }));
  }

  /** Ends what runs, and frees the weights then. */
  dispose(): void {
    this.#life.end();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function firstOfSoftmax(logits: Float32Array): number {
  const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - most), 0);
  return Math.exp(logits[0]! - most) / sum;
}

class VadStream {
  readonly #fbank: (samples: Float32Array) => Matrix;
  readonly #memory: number;
  readonly #silence: (rows: Matrix) => Promise<Float64Array>;
  readonly #machine: VadMachine;
  #samples: Float32Array = new Float32Array(0); // from the next frame on
  #frames: Float32Array[] = []; // of 10 ms, from number #first on
  #first = 0;
  #done = 0; // rows that the state machine has processed

  constructor(
    fbank: (samples: Float32Array) => Matrix,
    memory: number,
    silence: (rows: Matrix) => Promise<Float64Array>,
    rules: VadRules,
  ) {
    this.#fbank = fbank;
    this.#memory = memory;
    this.#silence = silence;
    this.#machine = new VadMachine(rules);
  }

  /** The first sample of the segment that has not ended yet. */
  get open(): number | undefined {
    return this.#machine.open === undefined ? undefined : this.#machine.open * HOP;
  }

  /** Takes the next samples; returns the speech that has ended. */
  async push(samples: Float32Array): Promise<SampleSpan[]> {
    const all = concatenate([this.#samples, samples]);
    const count = all.length < FRAME ? 0 : 1 + Math.floor((all.length - FRAME) / HOP);
    this.#samples = all.slice(count * HOP);
    if (count > 0) this.#keep(this.#fbank(all.subarray(0, (count - 1) * HOP + FRAME)));
    return this.#judge(this.#first + this.#frames.length - BESIDE);
  }

  /** The recording ends here, after `length` samples. */
  async end(length: number): Promise<SampleSpan[]> {
    const spans = await this.#judge(this.#first + this.#frames.length);
    return [...spans, ...toSamples(this.#machine.end())].map(({ start, end }) => ({
      start,
      end: Math.min(end, length),
    }));
  }

  #keep({ values, rows, cols }: Matrix): void {
    for (let i = 0; i < rows; i++) this.#frames.push(values.slice(i * cols, (i + 1) * cols));
  }

  /** Passes rows up to `end` to the state machine. */
  async #judge(end: number): Promise<SampleSpan[]> {
    const spans: SampleSpan[] = [];
    while (this.#done < end) {
      const stop = Math.min(end, this.#done + BLOCK);
      const start = Math.max(0, this.#done - this.#memory);
      const silence = await this.#silence(this.#rows(start, stop));
      spans.push(...toSamples(this.#machine.push(silence.subarray(this.#done - start))));
      this.#done = stop;
      const unused = Math.max(0, this.#done - this.#memory - BESIDE - this.#first);
      this.#frames = this.#frames.slice(unused);
      this.#first += unused;
    }
    return spans;
  }

  /** Rows of five frames each; at the ends, the first and the last frame are repeated. */
  #rows(start: number, stop: number): Matrix {
    const width = this.#frames[0]!.length;
    const rows = new Float32Array((stop - start) * vadFrontend.lfrM * width);
    const last = this.#first + this.#frames.length - 1;
    for (let row = start, at = 0; row < stop; row++) {
      for (let beside = -BESIDE; beside <= BESIDE; beside++, at += width) {
        const frame = Math.min(Math.max(row + beside, 0), last);
        rows.set(this.#frames[frame - this.#first]!, at);
      }
    }
    return { values: rows, rows: stop - start, cols: vadFrontend.lfrM * width };
  }
}

const toSamples = (spans: readonly FrameSpan[]): SampleSpan[] =>
  spans.map(({ start, end }) => ({ start: start * HOP, end: end * HOP }));
