/** A session of OpenAI's realtime API for transcription, in the API's own words, those of its beta, or vLLM's. */
import type { ServerContext } from "../context.ts";
import { RequestError } from "../errors.ts";
import type { Connection } from "../websocket/connection.ts";
import { at, parseObject, textAt, wrong } from "../websocket/json.ts";
import type { Members } from "../websocket/json.ts";
import { pcm16 } from "../websocket/sample-reader.ts";
import { CommittedTurns } from "./committed-turns.ts";
import { Events, newId } from "./events.ts";
import { firstSettings, optionsOf, sessionObject, withSession } from "./settings.ts";
import type { RealtimeSettings } from "./settings.ts";
import { DetectedTurns } from "./turns.ts";
import type { Turns } from "./turns.ts";
import { VllmTurns } from "./vllm.ts";

const VLLM_RATE = 16_000;

export class RealtimeSession {
  readonly #context: ServerContext;
  readonly #connection: Connection;
  readonly #events: Events;
  readonly #id = newId("sess");
  #settings: RealtimeSettings;
  #turns: Turns | undefined;

  constructor(context: ServerContext, connection: Connection, model: string) {
    this.#context = context;
    this.#connection = connection;
    this.#events = new Events(connection);
    this.#settings = firstSettings(model);
  }

  /** Until the client closes, or the server ends. */
  async run(): Promise<void> {
    await this.#events.send("session.created", { session: sessionObject(this.#id, this.#settings) });
    for await (const message of this.#connection.messages()) {
      let event: Members = {};
      await this.#orRefused(
        async () => {
          event = parseObject(message);
          await this.#take(event);
        },
        () => event["event_id"],
      );
    }
    await this.#orRefused(
      async () => this.#turns?.end(),
      () => null,
    );
  }

  /** What fails is an event; the session goes on. */
  async #orRefused(work: () => Promise<void>, ofEvent: () => unknown): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#connection.signal.aborted) return;
      await this.#events.error(this.#context.faultOf(error), ofEvent());
    }
  }

  async #take(event: Members): Promise<void> {
    const type = textAt(event, "type");
    switch (type) {
      case "session.update":
      case "transcription_session.update":
        return this.#update(event, type);
      case "input_audio_buffer.append":
        return this.#current().append(soundOf(event));
      case "input_audio_buffer.commit":
        return this.#current().commit(event["final"] === true);
      case "input_audio_buffer.clear":
        return this.#current().clear();
      default:
        throw wrong("type", type, "an event of a session for transcription");
    }
  }

  /** Sound that has come is recognized as it was set before. */
  async #update(event: Members, type: string): Promise<void> {
    const isBeta = type === "transcription_session.update";
    const model = textAt(event, "model") ?? textAt(event, "session.model");
    if (!isBeta && model !== undefined && at(event, "session.type") === undefined)
      return this.#useVllm(model);
    const kind = at(event, "session.type");
    if (!isBeta && kind !== "transcription") {
      throw new RequestError("unsupported_task", "session.type", JSON.stringify(kind) ?? "nothing", {
        wanted: "transcription",
      });
    }
    const settings = withSession(this.#settings, event["session"], isBeta);
    optionsOf(settings);
    await this.#context.models.find(settings.model);
    await this.#turns?.end();
    this.#turns = undefined;
    this.#settings = settings;
    const session = sessionObject(this.#id, settings);
    await this.#events.send(isBeta ? "transcription_session.updated" : "session.updated", { session });
  }

  async #useVllm(model: string): Promise<void> {
    await this.#context.models.find(model);
    this.#settings = { ...this.#settings, model, format: pcm16(VLLM_RATE) };
    this.#turns = new VllmTurns(this.#turnsContext);
  }

  #current(): Turns {
    const Kind = this.#settings.detection === undefined ? CommittedTurns : DetectedTurns;
    return (this.#turns ??= new Kind(this.#turnsContext));
  }

  get #turnsContext() {
    const { signal } = this.#connection;
    return { server: this.#context, events: this.#events, settings: this.#settings, signal };
  }
}

/** The bytes of an append. Throws `bad_message`. */
function soundOf(event: Members): Uint8Array {
  const audio = event["audio"];
  if (typeof audio === "string" && /^[\w+/-]*={0,2}$/u.test(audio)) return Buffer.from(audio, "base64");
  throw wrong("audio", typeof audio === "string" ? audio.slice(0, 40) : audio, "base64");
}
