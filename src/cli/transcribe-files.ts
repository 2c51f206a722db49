/** The files of `transcribe`, one after the other: results, events, notes, and what an interruption leaves. */
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { printableLine } from "../adapters/node/output/printable.ts";
import { lengthOf } from "../audio/container.ts";
import type { TranscribeOptions } from "../longform/options.ts";
import type { PartialResult, Segment, Transcription } from "../longform/result.ts";
import { clock } from "../text/outputs/clock.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import type { Terminal } from "./console.ts";
import { exitCodeOf, exitCodes, explain, StrictError } from "./exit.ts";
import type { ExitCode } from "./exit.ts";
import type { FlagValues } from "./flags/flag.ts";
import type { transcribeFlags } from "./flags/transcribe.ts";
import { toFiles, toStandardOutput, writeTranscript } from "./outputs.ts";
import { conditionsOf } from "./transcribe-conditions.ts";
import { haveOutputs, journalPath } from "./transcribe-jobs.ts";
import type { Job } from "./transcribe-jobs.ts";
import { finishedBefore, Journal, stampOf } from "./transcribe-journal.ts";
import type { Conditions } from "./transcribe-journal.ts";
import { removePartial, writePartial } from "./transcribe-partial.ts";
import type { ProgressDisplay } from "./transcribe-progress.ts";
import { ratesOf, statsText, totalText } from "./transcribe-stats.ts";

type Flags = FlagValues<typeof transcribeFlags>;

export interface BatchContext {
  readonly model: Transcriber;
  readonly flags: Flags;
  readonly options: TranscribeOptions;
  readonly screen: Terminal;
  readonly progress: ProgressDisplay;
}

/** Continues after a file that fails, with a note; the exit code is that of the first failure. Throws when interrupted. */
export async function transcribeFiles(context: BatchContext, jobs: readonly Job[]): Promise<ExitCode> {
  const { flags, options, screen } = context;
  const batch = new Batch(context, await conditionsOf(flags, options, context.model.info));
  if (flags.resume) await batch.readFinished(jobs);
  const failed: string[] = [];
  let exitCode: ExitCode = exitCodes.fine;
  for (const job of jobs) {
    const { name } = job.input;
    try {
      await batch.transcribe(job);
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      const message = explain(error);
      screen.note(message.includes(name) ? message : `${name}: ${message}`);
      failed.push(name);
      if (exitCode === exitCodes.fine) exitCode = exitCodeOf(error);
    }
  }
  await batch.end();
  if (failed.length > 0 && jobs.length > 1)
    screen.note(`${failed.length} of ${jobs.length} files failed: ${failed.join(", ")}`);
  return exitCode;
}

class Batch {
  readonly #context: BatchContext;
  readonly #conditions: Conditions;
  /** The stamps of the inputs whose output files are complete, by an interrupted run or by this one. */
  readonly #finished: Record<string, string> = {};
  #before: Readonly<Record<string, string>> = {};
  /** That of the last file; it has what was finished before, until the next one has that. */
  #done: Journal | undefined;
  readonly #measured: { readonly seconds: number; readonly total: number }[] = [];

  constructor(context: BatchContext, conditions: Conditions) {
    this.#context = context;
    this.#conditions = conditions;
  }

  /** Learns from the journals of an interrupted run what it has finished. */
  async readFinished(jobs: readonly Job[]): Promise<void> {
    const paths = jobs.map(({ base }) => journalPath(base));
    this.#before = await finishedBefore(paths, this.#conditions);
    Object.assign(this.#finished, this.#before);
  }

  async transcribe(job: Job): Promise<void> {
    const { flags, screen } = this.#context;
    const { name } = job.input;
    if (await this.#isFinished(job)) {
      screen.note(`${name}: finished by the interrupted run`);
      await rm(journalPath(job.base), { force: true }); // of a process that was killed before it removed it
      return;
    }
    const journal = toFiles(flags) ? await this.#journal(job) : undefined;
    const segments: Segment[] = [];
    try {
      const transcription = await this.#recognize(job, segments, journal);
      if (flags.strict) refuseWarnings(name, transcription);
      await this.#write(job, transcription);
    } catch (error) {
      if (error instanceof StrictError) await this.#retire(journal);
      else await this.#keep(job, segments, journal);
      throw error;
    }
    await removePartial(job.base, flags);
    const stamp = await stampOf(name);
    if (stamp !== undefined) this.#finished[resolve(name)] = stamp;
    await this.#retire(journal);
  }

  /** Ends the batch. */
  async end(): Promise<void> {
    await this.#done?.remove();
    const { flags, screen } = this.#context;
    if (flags.stats && this.#measured.length > 1) screen.note(totalText(this.#measured));
  }

  async #journal({ input, base }: Job): Promise<Journal> {
    const head = { ...this.#conditions, finished: this.#finished };
    const journal = await Journal.open(journalPath(base), head, this.#context.flags);
    if (Object.keys(this.#finished).length > 0) await journal.begin();
    await this.#done?.remove();
    this.#done = undefined;
    if (journal.kept > 0)
      this.#context.screen.note(
        `${input.name}: goes on behind ${journal.kept} windows of the interrupted run`,
      );
    return journal;
  }

  async #isFinished({ input, base }: Job): Promise<boolean> {
    const stamp = this.#before[resolve(input.name)];
    if (stamp === undefined || stamp !== (await stampOf(input.name))) return false;
    return await haveOutputs(base, this.#context.flags);
  }

  /** The journal of a file that needs none any more states what is finished, until that of the next file does. */
  async #retire(journal: Journal | undefined): Promise<void> {
    if (journal === undefined) return;
    await journal.close();
    this.#done = journal;
  }

  async #recognize(
    { input, place }: Job,
    segments: Segment[],
    windows: Journal | undefined,
  ): Promise<Transcription> {
    const { model, flags, options, screen, progress } = this.#context;
    const { name } = input;
    const audio = await input.open();
    const { start = 0, duration: count = Infinity } = options;
    if (!progress.isOff) {
      const length = typeof audio === "string" ? lengthOf(audio) : Promise.resolve(undefined);
      progress.begin({ place, name, from: start, until: start + count }, length);
    }
    const transcription = await model.transcribe(audio, {
      ...options,
      windows,
      ...(progress.isOff ? {} : { onProgress: progress.step }),
      ...callbacks(name, segments, flags, screen),
    });
    for (const { message } of transcription.warnings) screen.note(`${name}: ${message}`);
    return transcription;
  }

  async #write({ input, place, base }: Job, transcription: Transcription): Promise<void> {
    const { model, flags, options, screen } = this.#context;
    const { name } = input;
    const { text, segments, duration = 0, timings } = transcription;
    const rates = ratesOf(transcription, options.start);
    const whole = { file: name, model: model.info, rates, ...transcription };
    if (flags.jsonLines) screen.result(JSON.stringify({ event: "result", ...whole }));
    else if (!toStandardOutput(flags))
      screen.result(`${place === "" ? "" : `${printableLine(name)}: `}${text.trim()}`.trimEnd());
    const transcript = { text, segments, duration };
    await writeTranscript({ file: name, base }, transcript, { ...whole, ...transcript }, flags);
    if (flags.stats) screen.note(statsText(name, transcription, options.start));
    this.#measured.push({ seconds: duration - (options.start ?? 0), total: timings.total });
  }

  /** Keeps what is final where the transcription failed or was interrupted. */
  async #keep(
    { input, base }: Job,
    segments: readonly Segment[],
    journal: Journal | undefined,
  ): Promise<void> {
    if (journal === undefined) return;
    const { model, flags, screen } = this.#context;
    const isWorthless = journal.kept === 0 && Object.keys(this.#finished).length === 0;
    await (isWorthless ? journal.remove() : journal.close());
    const [first, ...others] = segments;
    if (first === undefined) return;
    try {
      const output = { file: input.name, base };
      const paths = await writePartial(output, [first, ...others], model.info, flags);
      const until = clock(segments.at(-1)!.end, ".");
      screen.note(`${input.name}: the text up to ${until} is kept in ${paths.join(", ")}`);
    } catch (error) {
      screen.note(explain(error));
    }
  }
}

/** What is printed while a file is transcribed; its segments are collected. */
function callbacks(
  file: string,
  segments: Segment[],
  flags: Flags,
  screen: Terminal,
): Pick<TranscribeOptions, "onSegment" | "onPartial"> {
  const onSegment = (segment: Segment): void => {
    segments.push(segment);
    if (flags.jsonLines) screen.result(JSON.stringify({ event: "segment", file, ...segment }));
    if (flags.printProgress) screen.note(`${file}: ${clock(segment.end, ".")} done`);
  };
  const onPartial = ({ event, ...partial }: PartialResult): void =>
    screen.result(JSON.stringify({ event, file, ...partial }));
  return { onSegment, ...(flags.partials ? { onPartial } : {}) };
}

/** Silence is a result like any other; every other warning puts the text in doubt. */
function refuseWarnings(name: string, { warnings }: Transcription): void {
  const doubts = warnings.filter(({ code }) => code !== "silence").map(({ code }) => code);
  if (doubts.length > 0) throw new StrictError(name, [...new Set(doubts)].join(", "));
}
