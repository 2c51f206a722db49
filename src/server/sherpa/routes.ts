/** The servers of sherpa-onnx, each at a path; clients that ask for no path are in pathless.ts. */
import type { ServerContext } from "../context.ts";
import { openaiError } from "../errors.ts";
import { openaiErrorSchema } from "../openai/schemas.ts";
import type { Protocol } from "../route.ts";
import { upgradeTo } from "../websocket/upgrades.ts";

export function sherpaProtocol(context: ServerContext): Protocol {
  return {
    routes: [
      {
        method: "GET",
        path: "/sherpa/offline",
        help: "Recordings to text over a WebSocket, as in sherpa-onnx's offline server.",
        replies: {},
        answer: (c) =>
          upgradeTo(c, async (connection) => {
            const { recognizeRecordings } = await import("./offline.ts");
            await recognizeRecordings(context, connection, connection.messages());
          }),
      },
      {
        method: "GET",
        path: "/sherpa/online",
        help: "Sound to text while it comes, over a WebSocket, as in sherpa-onnx's online server.",
        replies: {},
        answer: (c) =>
          upgradeTo(c, async (connection) => {
            const { recognizeLive } = await import("./online.ts");
            await recognizeLive(context, connection, connection.messages());
          }),
      },
    ],
    errorOf: openaiError,
    error: openaiErrorSchema,
  };
}
