/** What the routes of a server share. */
import type { TranscribeOptions } from "../longform/options.ts";
import type { Transcription } from "../longform/result.ts";
import { FunAsrError } from "../errors.ts";
import type { RawAudio } from "../audio/raw.ts";
import type { LiveEvent } from "../live/events.ts";
import type { ListenOptions } from "../live/options.ts";
import type { Transcriber } from "../transcriber/transcriber.ts";
import { faultOf, RequestError } from "./errors.ts";
import type { Fault } from "./errors.ts";
import { Metrics } from "./metrics.ts";
import { ModelPool } from "./models.ts";
import type { ServeOptions } from "./options.ts";
import { Queue } from "./queue.ts";
import type { Outcome } from "./records.ts";
import type { Form } from "./upload.ts";
import type { Connection } from "./websocket/connection.ts";

interface LiveWork {
  /** The options for the model; may refuse. */
  readonly optionsFor: (model: Transcriber) => ListenOptions;
  readonly take: TakeEvent;
}

export type TakeEvent = (event: LiveEvent, model: Transcriber) => Promise<void>;

/** `loading`: the models of the start are not loaded yet; `draining`: requests are completed, and no more are wanted. */
type Phase = "loading" | "ready" | "draining";

export class ServerContext {
  readonly options: ServeOptions;
  readonly models: ModelPool;
  readonly queue: Queue;
  readonly metrics = new Metrics();
  /** Those that are open, until their work has ended. */
  readonly webSockets = new Map<Connection, Promise<void>>();
  phase: Phase = "loading";

  constructor(options: ServeOptions, models: ModelPool) {
    this.options = options;
    this.models = models;
    this.queue = new Queue(options.queue ?? 64);
  }

  /** What is wrong, for the client; a fault of the server itself is reported, too. */
  faultOf(error: unknown): Fault {
    const fault = faultOf(error);
    if (fault.status >= 500) this.options.onError?.(error);
    return fault;
  }

  /** Of one recording. */
  get maxBodyBytes(): number {
    return (this.options.maxBody ?? 512) * 2 ** 20;
  }

  /** Aborted when the client goes away: its connection ends, also because the server ends it. */
  signalOf(request: Request): AbortSignal {
    const gone = new AbortController();
    const leave = (): void => gone.abort(new DOMException("the client is gone", "AbortError"));
    if (request.signal.aborted) leave();
    else request.signal.addEventListener("abort", leave, { once: true });
    return gone.signal;
  }

  /** Reads the recording of a request, unless the queue is full anyway. Throws as `readForm`, and `busy`. */
  async readForm(request: Request, signal: AbortSignal): Promise<Form> {
    this.queue.refuseIfFull();
    const { readForm } = await import("./upload.ts");
    return readForm(request, { maxBytes: this.maxBodyBytes, signal });
  }

  /**
   * Recognizes the recording of a form in a place of the queue, and keeps it with its result where that is wanted. `optionsFor`
   * gives the options for the model, and may refuse.
   * Throws `busy`, and as `ModelPool.use` and `transcribe`.
   */
  async transcribe(
    form: Pick<Form, "audio">,
    name: string,
    signal: AbortSignal,
    optionsFor: (model: Transcriber) => TranscribeOptions,
  ): Promise<{ readonly transcription: Transcription; readonly model: Transcriber }> {
    try {
      const recognized = await this.queue.run(() =>
        this.models.use(
          name,
          async (model) => {
            const transcription = await model.transcribe(form.audio, { ...optionsFor(model), signal });
            this.metrics.recording(transcription.duration ?? 0);
            return { transcription, model };
          },
          signal,
        ),
      );
      const { transcription, model } = recognized;
      await this.#record(form, { transcription, model: model.info });
      return recognized;
    } catch (thrown) {
      const error = thrown instanceof FunAsrError ? withoutPath(thrown, form.audio) : thrown;
      // what was not recognized for other reasons than its own is sent again
      if (!signal.aborted && !(error instanceof RequestError)) await this.#record(form, { error });
      throw error;
    }
  }

  /**
   * Recognizes sound while it comes, in a place of the queue, and gives each event to `take`.
   * Throws `busy`, and as `ModelPool.use` and `listen`.
   */
  async listen(
    sound: RawAudio,
    name: string,
    signal: AbortSignal,
    { optionsFor, take }: LiveWork,
  ): Promise<void> {
    const work = async (model: Transcriber): Promise<void> => {
      const events = model.listen(sound, { ...optionsFor(model), signal });
      for (;;) {
        const next = await events.next();
        if (next.done === true) return this.metrics.recording(next.value.duration);
        await take(next.value, model);
      }
    };
    await this.queue.run(() => this.models.use(name, work, signal));
  }

  /** A request is not refused because it cannot be kept. */
  async #record({ audio }: Pick<Form, "audio">, outcome: Outcome): Promise<void> {
    const { record, onError } = this.options;
    if (record === undefined) return;
    try {
      const { keepRecord } = await import("./records.ts");
      await keepRecord(record, audio, outcome);
      this.metrics.record("kept");
    } catch (error) {
      this.metrics.record("failed");
      onError?.(error);
    }
  }
}

/** The same error about the field `file`, which the client knows, in place of the temporary file. */
function withoutPath(error: FunAsrError, path: string): FunAsrError {
  if (!error.message.includes(path)) return error;
  const where = error.where.replaceAll(path, "file");
  const found = error.message.slice(error.where.length + 2).replaceAll(path, "file");
  return new FunAsrError(error.code, where, found, { cause: error });
}
