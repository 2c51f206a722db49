/**
 * A session of the clients of FunASR's realtime server for Fun-ASR-Nano: commands as texts, sound as bytes (16-bit samples at
 * 16 kHz), and results that have all sentences so far, which do not change any more, and the growing text of the last one.
 */
import type { LiveEvent } from "../../live/events.ts";
import { splitHotwords } from "../../text/hotwords/hot-file.ts";
import type { ServerContext } from "../context.ts";
import { RequestError } from "../errors.ts";
import type { Connection, Message } from "../websocket/connection.ts";
import { Listening } from "../websocket/listening.ts";
import { pcm16 } from "../websocket/sample-reader.ts";
import { firstSettings, optionsOf } from "./settings.ts";

const RATE = 16_000;

interface Sentence {
  readonly text: string;
  /** Milliseconds. */
  readonly start: number;
  readonly end: number;
}

const milliseconds = (seconds: number): number => Math.round(1000 * seconds);

/** Whether a first message is one of these clients'. */
export const isNanoCommand = (text: string): boolean =>
  /^(?:START|STOP|COMMIT|(?:HOTWORDS|LANGUAGE|POSTPROCESS_HOTWORDS):.*)\s*$/su.test(text);

export class NanoSession {
  readonly #context: ServerContext;
  readonly #connection: Connection;
  #settings = firstSettings;
  #listening: Listening | undefined;
  #sentences: Sentence[] = [];

  constructor(context: ServerContext, connection: Connection) {
    this.#context = context;
    this.#connection = connection;
  }

  /** Until the client closes, or the server ends. */
  async run(messages: AsyncIterable<Message>): Promise<void> {
    for await (const message of messages) {
      await this.#orSaid(() =>
        typeof message === "string" ? this.#command(message.trim()) : this.#takeSound(message),
      );
    }
    await this.#orSaid(async () => this.#listening?.end());
  }

  /** What fails is an event; the session goes on. */
  async #orSaid(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      await this.#fail(error);
    }
  }

  async #fail(error: unknown): Promise<void> {
    this.#listening = undefined;
    await this.#say("error", { error: this.#context.faultOf(error).message });
  }

  #say(event: string, more: object = {}): Promise<void> {
    return this.#connection.send({ event, ...more });
  }

  async #command(text: string): Promise<void> {
    const [, name = text, value = ""] = /^([A-Z_]+):(.*)$/su.exec(text) ?? [];
    switch (name) {
      case "START":
        await this.#listening?.abort();
        this.#restart();
        return this.#say("started");
      case "STOP":
        return this.#stop();
      case "HOTWORDS": {
        const hotwords = splitHotwords(value);
        this.#settings = { ...this.#settings, hotwords };
        return this.#say("hotwords_set", { hotwords });
      }
      case "LANGUAGE":
        this.#settings = { ...this.#settings, language: value.trim() };
        return this.#say("language_set", { language: value.trim() });
      default:
        throw new RequestError("bad_message", "message", JSON.stringify(name.slice(0, 40)), {
          wanted: "START, STOP, HOTWORDS: or LANGUAGE:",
          remedy: "Pauses end sentences here: there is no COMMIT",
        });
    }
  }

  async #takeSound(bytes: Uint8Array): Promise<void> {
    this.#listening ??= new Listening(this.#context, {
      format: pcm16(RATE),
      model: this.#context.models.mainId,
      optionsFor: () => optionsOf(this.#settings),
      take: (event) => this.#take(event),
      fail: (error) => this.#fail(error),
      signal: this.#connection.signal,
    });
    await this.#listening.push(bytes);
  }

  async #stop(): Promise<void> {
    const listening = this.#listening;
    await listening?.end();
    await this.#result("", 0, { seconds: listening?.seconds ?? 0, isFinal: true });
    this.#restart();
    await this.#say("stopped");
  }

  #restart(): void {
    this.#listening = undefined;
    this.#sentences = [];
  }

  async #take(event: LiveEvent): Promise<void> {
    if (event.event === "partial") {
      const { stable, tentative, start, end } = event;
      return this.#result(stable + tentative, start, { seconds: end, isFinal: false });
    }
    if (event.event !== "final" || event.text === "") return;
    const { text, start, end } = event;
    this.#sentences.push({ text, start: milliseconds(start), end: milliseconds(end) });
    await this.#result("", end, { seconds: end, isFinal: false });
  }

  async #result(
    partial: string,
    start: number,
    { seconds, isFinal }: { readonly seconds: number; readonly isFinal: boolean },
  ): Promise<void> {
    await this.#connection.send({
      sentences: this.#sentences,
      partial,
      partial_start_ms: milliseconds(start),
      duration_ms: milliseconds(seconds),
      is_final: isFinal,
    });
  }
}
