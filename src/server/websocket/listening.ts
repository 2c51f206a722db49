/** Live recognition of the sound that a client sends in messages. */
import type { ListenOptions } from "../../live/options.ts";
import type { Transcriber } from "../../transcriber/transcriber.ts";
import type { ServerContext, TakeEvent } from "../context.ts";
import { SampleFeed } from "./sample-feed.ts";
import { SampleReader } from "./sample-reader.ts";
import type { SampleFormat } from "./sample-reader.ts";

interface ListeningOptions {
  readonly format: SampleFormat;
  /** The name of the model. */
  readonly model: string;
  /** The options for the model; may refuse. */
  readonly optionsFor: (model: Transcriber) => ListenOptions;
  /** Called with each event; the next one waits for it. */
  readonly take: TakeEvent;
  /** Called with what the recognition throws, as soon as it does; nothing follows. */
  readonly fail: (error: unknown) => Promise<void>;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

export class Listening {
  readonly #format: SampleFormat;
  readonly #reader: SampleReader;
  readonly #feed = new SampleFeed();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  constructor(context: ServerContext, { format, model, optionsFor, take, fail, signal }: ListeningOptions) {
    this.#format = format;
    this.#reader = new SampleReader(format);
    const sound = { samples: this.#feed, sampleRate: format.sampleRate };
    const either = AbortSignal.any([signal, this.#stop.signal]);
    this.#running = context.listen(sound, model, either, { optionsFor, take }).catch((error: unknown) => {
      this.#feed.end();
      return either.aborted ? undefined : fail(error);
    });
  }

  /** Seconds of sound so far. */
  get seconds(): number {
    return this.#reader.count / this.#format.sampleRate;
  }

  /** Fulfilled when there is room for more. Throws `non_finite`. */
  async push(bytes: Uint8Array): Promise<void> {
    await this.#feed.push(await this.#reader.read(bytes));
  }

  /** There is no more sound: fulfilled after the last event. */
  async end(): Promise<void> {
    this.#feed.end();
    await this.#running;
  }

  /** Ends without further events. */
  async abort(): Promise<void> {
    this.#stop.abort(new DOMException("the sound is not wanted any more", "AbortError"));
    await this.#running;
  }
}
