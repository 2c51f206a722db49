/**
 * A model in a worker thread: the same calls and results as those of a transcriber, while the calling thread stays
 * free. Callbacks, aborts and streams of audio cross; a `hook` cannot, since activations are in the worker's memory.
 */
import { UsageError } from "../errors.ts";
import type { AudioInput } from "../audio/container.ts";
import type { LiveEnd, LiveEvent } from "../live/events.ts";
import type { ListenOptions } from "../live/options.ts";
import { withEvents, yieldingEvents } from "../longform/events.ts";
import type { StreamOptions, TranscribeOptions } from "../longform/options.ts";
import type { PartialResult, Segment, Transcription } from "../longform/result.ts";
import { orAborted } from "../platform/interruptible.ts";
import type {
  AlignedText,
  AlignOptions,
  CtcDraft,
  CtcOptions,
  ModelInfo,
  Run,
  RunOptions,
  TranscribeInput,
  LoadOptions,
  ModelSource,
} from "../transcriber/types.ts";
import { checkMethodOptions } from "../transcriber/check-options.ts";
import { Connection } from "./connection.ts";

/** Loads a model in a new worker. Throws what `load` throws, and ends the worker then. */
export async function loadInWorker(
  model: ModelSource,
  options: Omit<LoadOptions, "engine"> = {},
): Promise<WorkerTranscriber> {
  checkMethodOptions("load", options);
  if ("engine" in options) {
    const wanted = "backend, threads and tensorflow: a worker has its own engine";
    throw new UsageError("bad_option", "engine", "an engine of this thread", { wanted });
  }
  const { onProgress, signal, ...plain } = options;
  const connection = new Connection();
  try {
    const loading = connection.load(model, plain, { onProgress, signal });
    // at once, and not when the worker has started and answers
    const info = await orAborted(loading, signal);
    return new WorkerTranscriber(connection, info);
  } catch (error) {
    const closed = connection.close();
    if (signal?.aborted !== true) await closed;
    else closed.catch(() => {}); // the end of a thread takes time, too
    throw error;
  }
}

/** See {@link loadInWorker}. */
export class WorkerTranscriber implements AsyncDisposable {
  readonly info: ModelInfo;
  readonly #connection: Connection;

  /** Use {@link loadInWorker}. */
  constructor(connection: Connection, info: ModelInfo) {
    this.#connection = connection;
    this.info = info;
  }

  transcribe(input: TranscribeInput, options: TranscribeOptions = {}): Promise<Transcription> {
    return this.#connection.call("transcribe", input, [], options);
  }

  /** See `Transcriber.transcribeStream`. */
  transcribeStream(
    input: TranscribeInput,
    options?: StreamOptions & { readonly partials?: false | undefined },
  ): AsyncGenerator<Segment, Transcription>;
  transcribeStream(
    input: TranscribeInput,
    options: StreamOptions,
  ): AsyncGenerator<Segment | PartialResult, Transcription>;
  transcribeStream(
    input: TranscribeInput,
    options: StreamOptions = {},
  ): AsyncGenerator<Segment | PartialResult, Transcription> {
    checkMethodOptions("transcribeStream", options);
    return withEvents((own) => this.transcribe(input, own), options);
  }

  /** See `Transcriber.listen`; the thread reads the stream without waiting until events are asked for. */
  listen(input: AudioInput, options: ListenOptions = {}): AsyncGenerator<LiveEvent, LiveEnd> {
    checkMethodOptions("listen", options);
    return yieldingEvents<LiveEvent, LiveEnd>(options.signal, (push, signal) =>
      this.#connection.call("listen", input, [], { ...options, signal }, push),
    );
  }

  align(input: TranscribeInput, text: string, options: AlignOptions = {}): Promise<AlignedText> {
    return this.#connection.call("align", input, [text], options);
  }

  ctc(input: TranscribeInput, options: CtcOptions = {}): Promise<CtcDraft> {
    return this.#connection.call("ctc", input, [], options);
  }

  /** See `Transcriber.run`; what is captured is sent back whole, so that a `sink` cannot cross either. */
  run(input: TranscribeInput, options: Omit<RunOptions, "hook" | "sink"> = {}): Promise<Run> {
    return this.#connection.call("run", input, [], options);
  }

  /** Ends what is running, frees the weights and the thread. */
  dispose(): Promise<void> {
    return this.#connection.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}
