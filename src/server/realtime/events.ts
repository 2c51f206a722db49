/** The events that a server of OpenAI's realtime API sends, with their numbers, and the items of the conversation. */
import { randomBytes } from "node:crypto";
import type { Fault } from "../errors.ts";
import { openaiError } from "../errors.ts";
import type { Connection } from "../websocket/connection.ts";

export const newId = (kind: "event" | "item" | "sess"): string =>
  `${kind}_${randomBytes(12).toString("hex")}`;

const TRANSCRIPTION = "conversation.item.input_audio_transcription";

export class Events {
  readonly #connection: Connection;
  #lastItem: string | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async send(type: string, members: object): Promise<void> {
    await this.#connection.send({ type, event_id: newId("event"), ...members });
  }

  /** `ofEvent`: the client's id of its event that is at fault. */
  async error(fault: Fault, ofEvent: unknown): Promise<void> {
    const { error } = openaiError(fault) as { readonly error: object };
    await this.send("error", { error: { ...error, event_id: typeof ofEvent === "string" ? ofEvent : null } });
  }

  /** The sound of a turn is complete: it becomes an item. */
  async committed(item: string, dialect: "current" | "beta"): Promise<void> {
    const previous_item_id = this.#lastItem;
    this.#lastItem = item;
    await this.send("input_audio_buffer.committed", { item_id: item, previous_item_id });
    await this.send(dialect === "beta" ? "conversation.item.created" : "conversation.item.added", {
      previous_item_id,
      item: {
        id: item,
        object: "realtime.item",
        type: "message",
        status: "completed",
        role: "user",
        content: [{ type: "input_audio", transcript: null }],
      },
    });
  }

  /** What the text of an item grows by; nothing where it does not grow. */
  async delta(item: string, delta: string): Promise<void> {
    if (delta !== "") await this.#ofItem("delta", item, { delta });
  }

  /** `seconds` of sound are counted as OpenAI counts them: those that have begun. */
  async completed(item: string, transcript: string, seconds: number, more: object = {}): Promise<void> {
    const usage = { type: "duration", seconds: Math.ceil(seconds) };
    await this.#ofItem("completed", item, { transcript, usage, ...more });
  }

  async failed(item: string, fault: Fault): Promise<void> {
    await this.#ofItem("failed", item, openaiError(fault));
  }

  async #ofItem(name: string, item: string, members: object): Promise<void> {
    await this.send(`${TRANSCRIPTION}.${name}`, { item_id: item, content_index: 0, ...members });
  }
}
