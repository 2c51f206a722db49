/** The server of whisper.cpp: a form to /inference, which names no model. */
import { Hono } from "hono";
import { answerError } from "../answer-error.ts";
import type { ServerContext } from "../context.ts";

export function whisperRoutes(context: ServerContext): Hono {
  const app = new Hono();
  app.post("/inference", async (c) => {
    const signal = context.signalOf(c.req.raw);
    const { infer } = await import("./inference.ts"); // the server answers /health before it is loaded
    await using form = await context.readForm(c.req.raw, signal);
    return await infer(context, form, signal);
  });
  // here an error is a text
  app.onError((error, c) => answerError(context, c, error, ({ message }) => ({ error: message })));
  return app;
}
