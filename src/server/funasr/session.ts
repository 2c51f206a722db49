/**
 * A session of FunASR's own clients (`funasr_wss_client.py`, its page, those for C++, Java and Android): settings as JSON, sound
 * as bytes, and `is_speaking: false` at its end. In the mode `2pass`, the text of `2pass-online` messages grows by each, and
 * `2pass-offline` has the sentence that replaces it; `online` has the draft alone; `offline` has a recording at its end.
 */
import type { LiveEvent } from "../../live/events.ts";
import type { Transcriber } from "../../transcriber/transcriber.ts";
import type { ServerContext } from "../context.ts";
import { RequestError } from "../errors.ts";
import { JoinedTexts } from "../openai/joined-texts.ts";
import { timesFor } from "../recognition.ts";
import type { Connection, Message } from "../websocket/connection.ts";
import { parseObject } from "../websocket/json.ts";
import { Listening } from "../websocket/listening.ts";
import { Recording } from "../websocket/recording.ts";
import type { SampleFormat } from "../websocket/sample-reader.ts";
import { firstSettings, optionsOf, withMessage } from "./settings.ts";
import { stampsOf } from "./stamps.ts";

export class FunasrSession {
  readonly #context: ServerContext;
  readonly #connection: Connection;
  #settings = firstSettings;
  #isSpeaking = true;
  #listening: Listening | undefined;
  #recording: Recording | undefined;
  /** The text that the messages of the utterance have. */
  #sent = "";
  #texts = new JoinedTexts();
  /** What went wrong with the sound so far: it is said at its end. */
  #failure: { readonly error: unknown } | undefined;

  constructor(context: ServerContext, connection: Connection) {
    this.#context = context;
    this.#connection = connection;
  }

  /** Until the client closes, or the server ends. Throws what went wrong where the client asks for no answer to it. */
  async run(messages: AsyncIterable<Message>): Promise<void> {
    try {
      for await (const message of messages) {
        if (typeof message === "string") await this.#control(message);
        else if (this.#failure === undefined) await this.#orNoted(() => this.#takeSound(message));
      }
      await this.#orNoted(() => this.#finish());
      this.#throwNoted();
    } finally {
      await this.#recording?.[Symbol.asyncDispose]();
    }
  }

  async #orNoted(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  #throwNoted(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure.error;
  }

  async #control(text: string): Promise<void> {
    const message = parseObject(text);
    await this.#orNoted(async () => {
      this.#settings = withMessage(this.#settings, message);
    });
    this.#isSpeaking = message["is_speaking"] !== false;
    if (this.#isSpeaking) return;
    await this.#orNoted(() => this.#finish());
    this.#texts = new JoinedTexts();
    if (message["is_end"] !== true) return this.#throwNoted();
    const { mode, name: wav_name } = this.#settings;
    const failure = this.#failure;
    this.#failure = undefined;
    const error = failure === undefined ? {} : { error: this.#context.faultOf(failure.error).message };
    await this.#connection.send({ mode, wav_name, is_final: failure === undefined, is_end: true, ...error });
  }

  async #takeSound(bytes: Uint8Array): Promise<void> {
    const { mode, format } = this.#settings;
    if (mode === "offline") {
      this.#recording ??= await Recording.begin(format, this.#context.maxBodyBytes);
      return this.#recording.append(bytes);
    }
    if (format === undefined) {
      throw new RequestError("bad_message", "wav_format", "a file", {
        wanted: "pcm, or the mode offline",
      });
    }
    this.#listening ??= this.#listen(format);
    await this.#listening.push(bytes);
  }

  #listen(format: SampleFormat): Listening {
    const { mode } = this.#settings;
    const options = optionsOf(this.#settings);
    return new Listening(this.#context, {
      format,
      model: this.#context.models.mainId,
      optionsFor: (model) => ({
        ...options,
        ...(mode === "online" && model.info.times
          ? { final: "draft" }
          : { timestamps: timesFor(model, true, false) }),
      }),
      take: (event) => this.#take(event),
      fail: async (error) => void (this.#failure ??= { error }),
      signal: this.#connection.signal,
    });
  }

  /** No sound follows for now: all of it is recognized. Clients of the server in C++ wait for a last message. */
  async #finish(): Promise<void> {
    const [listening, recording] = [this.#listening, this.#recording];
    this.#listening = undefined;
    this.#recording = undefined;
    const { form, mode } = this.#settings;
    await listening?.end();
    if (recording === undefined) {
      if (form === "c++") await this.#send(mode === "2pass" ? "2pass-offline" : mode, "", true, {});
      return;
    }
    await using _ = recording;
    const { models } = this.#context;
    const options = optionsOf(this.#settings);
    const { transcription } = await this.#context.transcribe(
      recording,
      models.mainId,
      this.#connection.signal,
      (model: Transcriber) => ({ ...options, timestamps: timesFor(model, true, false) }),
    );
    await this.#send("offline", transcription.text, true, stampsOf(transcription.words ?? [], form));
  }

  async #take(event: LiveEvent): Promise<void> {
    const isOnline = this.#settings.mode === "online";
    switch (event.event) {
      case "speech_started":
        this.#sent = "";
        return;
      case "partial":
        return this.#grow(event.stable, isOnline ? "online" : "2pass-online", false);
      case "final": {
        if (isOnline) return this.#grow(event.text, "online", true);
        const { form } = this.#settings;
        // the server in Python begins its times with each utterance
        const before = form === "python" ? event.start : 0;
        const words = (event.words ?? []).map(({ text, start, end }) => ({
          text,
          start: start - before,
          end: end - before,
        }));
        const text = this.#texts.add(event.text);
        return this.#send("2pass-offline", text, form === "python", stampsOf(words, form));
      }
      default:
    }
  }

  /** Sends what the text of the utterance grows by; its end, also where it does not. */
  async #grow(text: string, mode: string, isEnd: boolean): Promise<void> {
    const delta = text.slice(this.#sent.length);
    const isFirst = this.#sent === "";
    this.#sent = text;
    // utterances of the draft follow each other as sentences do
    const added = mode === "online" && isFirst ? this.#texts.add(delta) : delta;
    if (delta !== "" || isEnd)
      await this.#send(mode, added, isEnd && !this.#isSpeaking && this.#settings.form === "python", {});
  }

  async #send(mode: string, text: string, isFinal: boolean, more: object): Promise<void> {
    await this.#connection.send({ mode, text, wav_name: this.#settings.name, is_final: isFinal, ...more });
  }
}
