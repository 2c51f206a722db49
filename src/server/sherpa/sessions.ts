/** Sessions of sherpa-onnx's clients: their first bytes, or the path, say whether they are offline or online. */
import type { ServerContext } from "../context.ts";
import type { Connection, Message } from "../websocket/connection.ts";
import { headerOf, recognizeRecordings } from "./offline.ts";
import { recognizeLive } from "./online.ts";

interface Messages extends AsyncIterable<Message> {
  readonly first: Message;
}

export async function converseWithSherpa(
  context: ServerContext,
  connection: Connection,
  messages: Messages,
): Promise<void> {
  const { first } = messages;
  const isOffline = typeof first !== "string" && headerOf(first) !== undefined;
  await (isOffline ? recognizeRecordings : recognizeLive)(context, connection, messages);
}
