/** Whether a server is ready, and what it has done. */
import type { ServerContext } from "./context.ts";
import { openaiError } from "./errors.ts";
import { openaiErrorSchema } from "./openai/schemas.ts";
import type { Protocol } from "./route.ts";
import { choice, object, text } from "./schema.ts";

const health = (...values: readonly string[]) => ({
  "application/json": object({ status: choice(...values) }),
});

export function statusProtocol(context: ServerContext): Protocol {
  return {
    routes: [
      {
        method: "GET",
        path: "/health",
        help: "Whether the server is ready.",
        isOpen: true,
        replies: {
          200: { help: "It is ready.", types: health("ok") },
          503: {
            help: "Its models are being loaded, or it ends.",
            types: health("loading model", "draining"),
          },
        },
        answer(c) {
          const { phase } = context;
          if (phase === "ready") return c.json({ status: "ok" });
          return c.json({ status: phase === "loading" ? "loading model" : phase }, 503);
        },
      },
      {
        method: "GET",
        path: "/metrics",
        help: "Requests, seconds of audio, the queue and memory, for Prometheus.",
        replies: { 200: { help: "The metrics.", types: { "text/plain": text } } },
        answer(c) {
          const { metrics, queue, models, webSockets } = context;
          const body = metrics.text({ held: queue.held, loaded: models.loaded, webSockets: webSockets.size });
          return c.body(body, 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
        },
      },
    ],
    errorOf: openaiError,
    error: openaiErrorSchema,
  };
}
