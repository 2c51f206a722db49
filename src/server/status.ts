/** Whether a server is ready, and what it has done. */
import { Hono } from "hono";
import type { ServerContext } from "./context.ts";

export function statusRoutes(context: ServerContext): Hono {
  const app = new Hono();
  app.get("/health", (c) => {
    const { phase } = context;
    if (phase === "ready") return c.json({ status: "ok" });
    return c.json({ status: phase === "loading" ? "loading model" : phase }, 503);
  });
  app.get("/metrics", (c) => {
    const { metrics, queue, models } = context;
    const text = metrics.text({ held: queue.held, loaded: models.loaded });
    return c.body(text, 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  });
  return app;
}
