/** OpenAI's realtime API. */
import type { ServerContext } from "../context.ts";
import { openaiError } from "../errors.ts";
import { openaiErrorSchema } from "../openai/schemas.ts";
import type { Protocol } from "../route.ts";
import { upgradeTo } from "../websocket/upgrades.ts";

export function realtimeProtocol(context: ServerContext): Protocol {
  return {
    routes: [
      {
        method: "GET",
        path: "/v1/realtime",
        help: "Sound to text while it comes, over a WebSocket, as in OpenAI's API.",
        replies: {},
        async answer(c) {
          // clients of other kinds of sessions name models that only those have
          const model = c.req.query("model");
          const name = model === undefined ? context.models.mainId : await context.models.find(model);
          return upgradeTo(c, async (connection) => {
            const { RealtimeSession } = await import("./session.ts");
            await new RealtimeSession(context, connection, name).run();
          });
        },
      },
    ],
    errorOf: openaiError,
    error: openaiErrorSchema,
  };
}
