/** Turns that the client alone ends: each is recognized as a recording, while the next one comes. */
import { JoinedTexts } from "../openai/joined-texts.ts";
import { logprobs } from "../openai/replies.ts";
import { Recording } from "../websocket/recording.ts";
import { newId } from "./events.ts";
import { optionsOf } from "./settings.ts";
import { nothingToCommit } from "./turns.ts";
import type { Turns, TurnsContext } from "./turns.ts";

export class CommittedTurns implements Turns {
  readonly #context: TurnsContext;
  readonly #running = new Set<Promise<void>>();
  #recording: Recording | undefined;

  constructor(context: TurnsContext) {
    this.#context = context;
  }

  async append(bytes: Uint8Array): Promise<void> {
    const { server, settings } = this.#context;
    this.#recording ??= await Recording.begin(settings.format, server.maxBodyBytes);
    await this.#recording.append(bytes);
  }

  async commit(): Promise<void> {
    const recording = this.#recording;
    if (recording === undefined || recording.bytes === 0) throw nothingToCommit();
    const { events, settings } = this.#context;
    this.#recording = undefined;
    const item = newId("item");
    await events.committed(item, settings.dialect);
    const running = this.#recognize(item, recording).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async clear(): Promise<void> {
    await this.#discard();
    await this.#context.events.send("input_audio_buffer.cleared", {});
  }

  async end(): Promise<void> {
    await this.#discard();
    await Promise.all(this.#running);
  }

  async #discard(): Promise<void> {
    const recording = this.#recording;
    this.#recording = undefined;
    await recording?.[Symbol.asyncDispose]();
  }

  async #recognize(item: string, recording: Recording): Promise<void> {
    const { server, events, settings, signal } = this.#context;
    const texts = new JoinedTexts();
    await using _ = recording;
    try {
      const { transcription, model } = await server.transcribe(recording, settings.model, signal, () => ({
        ...optionsOf(settings),
        onSegment: ({ text }) => void events.delta(item, texts.add(text)),
      }));
      const { text, segments, duration = 0 } = transcription;
      const all = settings.logprobs ? { logprobs: segments.flatMap((one) => logprobs(one, model)) } : {};
      await events.completed(item, text, duration, all);
    } catch (error) {
      if (signal.aborted) return;
      await events.failed(item, server.faultOf(error));
    }
  }
}
