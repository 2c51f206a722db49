/** The turns of vLLM's realtime API: its first update names the model alone, and a commit with `final` ends the sound. */
import type { LiveEvent } from "../../live/events.ts";
import { JoinedTexts } from "../openai/joined-texts.ts";
import { Listening } from "../websocket/listening.ts";
import { optionsOf } from "./settings.ts";
import { nothingToCommit } from "./turns.ts";
import type { Turns, TurnsContext } from "./turns.ts";

export class VllmTurns implements Turns {
  readonly #context: TurnsContext;
  #listening: Listening | undefined;
  #texts = new JoinedTexts();
  #text = "";

  constructor(context: TurnsContext) {
    this.#context = context;
  }

  async append(bytes: Uint8Array): Promise<void> {
    const { server, settings, signal } = this.#context;
    this.#listening ??= new Listening(server, {
      format: settings.format,
      model: settings.model,
      optionsFor: () => optionsOf(settings),
      take: (event) => this.#take(event),
      fail: async (error) => {
        this.#forget();
        await this.#context.events.error(server.faultOf(error), null);
      },
      signal,
    });
    await this.#listening.push(bytes);
  }

  /** The first one of a client says that sound follows; a final one gives the text of all sound since the last one. */
  async commit(isFinal: boolean): Promise<void> {
    if (!isFinal) return;
    if (this.#listening === undefined) throw nothingToCommit();
    await this.end();
  }

  async clear(): Promise<void> {
    await this.#listening?.abort();
    this.#forget();
  }

  async end(): Promise<void> {
    const listening = this.#listening;
    if (listening === undefined) return;
    await listening.end();
    if (this.#listening === undefined) return; // it has failed
    const usage = { type: "duration", seconds: Math.ceil(listening.seconds) };
    await this.#context.events.send("transcription.done", { text: this.#text, usage });
    this.#forget();
  }

  #forget(): void {
    this.#listening = undefined;
    this.#texts = new JoinedTexts();
    this.#text = "";
  }

  async #take(event: LiveEvent): Promise<void> {
    if (event.event !== "final") return;
    const delta = this.#texts.add(event.text);
    this.#text += delta;
    if (delta !== "") await this.#context.events.send("transcription.delta", { delta });
  }
}
