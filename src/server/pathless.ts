/** Clients that ask for no path: those of FunASR's servers and of sherpa-onnx. Their first message says what they are. */
import type { ServerContext } from "./context.ts";
import { openaiError } from "./errors.ts";
import { openaiErrorSchema } from "./openai/schemas.ts";
import type { Protocol } from "./route.ts";
import type { Connection, Message } from "./websocket/connection.ts";
import { upgradeTo } from "./websocket/upgrades.ts";

export function pathlessProtocol(context: ServerContext): Protocol {
  return {
    routes: [
      {
        method: "GET",
        path: "/",
        help: "Sound to text over a WebSocket, as in FunASR's servers and sherpa-onnx's: the first message says in which.",
        replies: {},
        answer: (c) =>
          upgradeTo(c, async (connection) => {
            const messages = connection.messages();
            const first = await messages.next();
            if (first.done !== true) await converse(context, connection, startingWith(first.value, messages));
          }),
      },
    ],
    errorOf: openaiError,
    error: openaiErrorSchema,
  };
}

interface Messages extends AsyncIterable<Message> {
  readonly first: Message;
}

async function converse(context: ServerContext, connection: Connection, messages: Messages): Promise<void> {
  const { first } = messages;
  if (typeof first !== "string") {
    const { converseWithSherpa } = await import("./sherpa/sessions.ts");
    return converseWithSherpa(context, connection, messages);
  }
  const { isNanoCommand, NanoSession } = await import("./funasr/nano-session.ts");
  if (isNanoCommand(first)) return new NanoSession(context, connection).run(messages);
  const { FunasrSession } = await import("./funasr/session.ts");
  await new FunasrSession(context, connection).run(messages);
}

function startingWith(first: Message, rest: AsyncIterable<Message>): Messages {
  return {
    first,
    async *[Symbol.asyncIterator]() {
      yield first;
      yield* rest;
    },
  };
}
