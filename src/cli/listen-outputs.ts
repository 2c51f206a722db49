/** The output files of `listen`: written anew with each utterance, so that they are complete whenever the work is ended. Devices and pipes get all at its end. */
import type { LiveEnd, LiveFinal } from "../live/events.ts";
import type { Segment } from "../longform/result.ts";
import { whole } from "../longform/segment.ts";
import { Stopwatch } from "../recognizers/stopwatch.ts";
import type { ModelInfo } from "../transcriber/types.ts";
import { collapsed } from "../warnings.ts";
import type { Warning } from "../warnings.ts";
import type { FlagValues } from "./flags/flag.ts";
import type { outputFlags } from "./flags/outputs.ts";
import { toFiles, toStandardOutput, writeTranscript } from "./outputs.ts";
import type { OutputOf } from "./outputs.ts";

type Flags = FlagValues<typeof outputFlags>;

export class LiveOutputs {
  readonly #output: OutputOf;
  readonly #model: ModelInfo;
  readonly #flags: Flags;
  readonly #segments: Segment[] = [];
  readonly #warnings: Warning[] = [];
  readonly #watch = new Stopwatch();
  readonly #began = performance.now();

  constructor(output: OutputOf, model: ModelInfo, flags: Flags) {
    this.#output = output;
    this.#model = model;
    this.#flags = flags;
  }

  /** Throws `file_unwritable`. */
  async add(final: LiveFinal): Promise<void> {
    const { event: _event, ...segment } = final;
    this.#watch.add(final.timings);
    if (final.text === "") return;
    this.#warnings.push(...final.warnings);
    this.#segments.push({ ...segment, id: this.#segments.length });
    if (toFiles(this.#flags)) await this.#write(final.end, true);
  }

  /** Writes all once more, with the length of the stream; standard output gets it now. Throws `file_unwritable`. */
  async end({ duration, warnings }: LiveEnd): Promise<void> {
    this.#warnings.unshift(...warnings);
    if (toFiles(this.#flags) || toStandardOutput(this.#flags)) await this.#write(duration);
  }

  async #write(duration: number, onlyFiles = false): Promise<void> {
    const segments = this.#segments;
    const text = { ...whole(segments), duration, segments };
    const timings = { ...this.#watch.times, total: performance.now() - this.#began };
    const warnings = collapsed(this.#warnings);
    const document = { file: this.#output.file, model: this.#model, ...text, timings, warnings };
    await writeTranscript(this.#output, text, document, this.#flags, { onlyFiles });
  }
}
