/** The turns of a realtime session: what becomes of the sound that its client appends. */
import type { LiveEvent } from "../../live/events.ts";
import type { Transcriber } from "../../transcriber/transcriber.ts";
import type { ServerContext } from "../context.ts";
import { RequestError } from "../errors.ts";
import { logprobs } from "../openai/replies.ts";
import { Listening } from "../websocket/listening.ts";
import type { Events } from "./events.ts";
import { newId } from "./events.ts";
import { optionsOf } from "./settings.ts";
import type { RealtimeSettings } from "./settings.ts";

export interface Turns {
  append(bytes: Uint8Array): Promise<void>;
  /** The turn ends here. Throws `bad_message` where there is no sound. `isFinal`: as the client of vLLM's API says. */
  commit(isFinal: boolean): Promise<void>;
  /** Takes back what is not committed. */
  clear(): Promise<void>;
  /** No sound follows; fulfilled after the last event. */
  end(): Promise<void>;
}

export interface TurnsContext {
  readonly server: ServerContext;
  readonly events: Events;
  readonly settings: RealtimeSettings;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

export const nothingToCommit = (): RequestError =>
  new RequestError("bad_message", "input_audio_buffer", "no sound to commit", { wanted: "sound before it" });

/**
 * Turns that end with a pause. While one grows, its deltas are the stable part of a draft, which is never taken back; what
 * `completed` has is the final text, in place of the draft. Where it begins with the draft, a last delta has the rest.
 */
export class DetectedTurns implements Turns {
  readonly #context: TurnsContext;
  #listening: Listening | undefined;
  /** Milliseconds of sound before that of `#listening`. */
  #beforeMs = 0;
  /** The item of the turn; empty between two. */
  #item = "";
  /** The text that the deltas of the item have. */
  #sent = "";
  /** Whether a turn was completed since the last commit of the client. */
  #isCompleted = false;

  constructor(context: TurnsContext) {
    this.#context = context;
  }

  async append(bytes: Uint8Array): Promise<void> {
    const { server, settings, signal } = this.#context;
    this.#listening ??= new Listening(server, {
      format: settings.format,
      model: settings.model,
      optionsFor: () => optionsOf(settings),
      take: (event, model) => this.#take(event, model),
      fail: (error) => this.#fail(error),
      signal,
    });
    await this.#listening.push(bytes);
  }

  async commit(): Promise<void> {
    const seconds = this.#listening?.seconds ?? 0;
    if (seconds === 0) throw nothingToCommit();
    this.#isCompleted = false;
    await this.end();
    if (this.#isCompleted) return;
    // the client waits for the text of what it has committed, though nobody spoke
    const { events, settings } = this.#context;
    const item = newId("item");
    await events.committed(item, settings.dialect);
    await events.completed(item, "", seconds);
  }

  async clear(): Promise<void> {
    await this.#listening?.abort();
    this.#forget();
    await this.#context.events.send("input_audio_buffer.cleared", {});
  }

  async end(): Promise<void> {
    await this.#listening?.end();
    this.#forget();
  }

  /** The next sound begins anew. */
  async #fail(error: unknown): Promise<void> {
    this.#forget();
    const { events, server } = this.#context;
    const fault = server.faultOf(error);
    const item = this.#item;
    this.#item = "";
    await (item === "" ? events.error(fault, null) : events.failed(item, fault));
  }

  #forget(): void {
    this.#beforeMs += 1000 * (this.#listening?.seconds ?? 0);
    this.#listening = undefined;
  }

  async #take(event: LiveEvent, model: Transcriber): Promise<void> {
    const { events, settings } = this.#context;
    const milliseconds = (seconds: number): number => Math.round(this.#beforeMs + 1000 * seconds);
    switch (event.event) {
      case "speech_started": {
        this.#item = newId("item");
        this.#sent = "";
        const members = { audio_start_ms: milliseconds(event.start), item_id: this.#item };
        return events.send("input_audio_buffer.speech_started", members);
      }
      case "partial":
        return this.#grow(event.stable);
      case "speech_ended": {
        const members = { audio_end_ms: milliseconds(event.end), item_id: this.#item };
        await events.send("input_audio_buffer.speech_stopped", members);
        return events.committed(this.#item, settings.dialect);
      }
      case "final": {
        const { text, start, end } = event;
        if (text.startsWith(this.#sent)) await this.#grow(text);
        this.#isCompleted = true;
        const more = settings.logprobs ? { logprobs: logprobs(event, model) } : {};
        const item = this.#item;
        this.#item = "";
        return events.completed(item, text, end - start, more);
      }
    }
  }

  async #grow(text: string): Promise<void> {
    const delta = text.slice(this.#sent.length);
    this.#sent = text;
    await this.#context.events.delta(this.#item, delta);
  }
}
