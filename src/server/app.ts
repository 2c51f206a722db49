/** The routes of a server as a function from requests to responses: what all of them have, then those of each protocol. */
import { randomUUID } from "node:crypto";
import { Hono } from "hono";
import type { MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { answerError } from "./answer-error.ts";
import { allowOrigins, needKey, refuseForeignNames, refuseForeignPages } from "./access.ts";
import type { ServerContext } from "./context.ts";
import { openaiError, RequestError } from "./errors.ts";
import { DEFAULT_HOST } from "../options/serve.ts";
import { modelProtocol } from "./openai/models.ts";
import { audioProtocol } from "./openai/audio.ts";
import { openapiProtocol } from "./openapi.ts";
import { pathlessProtocol } from "./pathless.ts";
import type { Protocol } from "./route.ts";
import { realtimeProtocol } from "./realtime/routes.ts";
import { sherpaProtocol } from "./sherpa/routes.ts";
import { statusProtocol } from "./status.ts";
import { whisperProtocol } from "./whisper/routes.ts";

/** Their paths differ, so that the order does not matter. */
const protocols: readonly ((context: ServerContext) => Protocol)[] = [
  statusProtocol,
  modelProtocol,
  audioProtocol,
  realtimeProtocol,
  pathlessProtocol,
  sherpaProtocol,
  whisperProtocol,
];

export function createApp(context: ServerContext): Hono {
  const { apiKey = [], cors = [], host = DEFAULT_HOST } = context.options;
  const app = new Hono();
  app.use(identified, measured(context), closing(context));
  if (cors.length > 0) app.use(allowOrigins(cors));
  app.use(refuseForeignNames(host, cors), refuseForeignPages(cors));
  const served = protocols.map((protocol) => protocol(context));
  served.push(openapiProtocol([...served], apiKey.length > 0));
  if (apiKey.length > 0) {
    const check = needKey(apiKey);
    const open = new Set(
      served.flatMap(({ routes }) => routes.filter(({ isOpen }) => isOpen)).map(({ path }) => path),
    );
    app.use((c, next) => (open.has(c.req.path) ? next() : check(c, next)));
  }
  for (const protocol of served) app.route("/", routesOf(context, protocol));
  app.notFound(({ req }) => {
    throw new RequestError("not_served", "path", `no ${req.method} ${req.path.slice(0, 80)}`);
  });
  app.onError((error, c) => answerError(context, c, error, openaiError));
  return app;
}

function routesOf(context: ServerContext, { routes, errorOf }: Protocol): Hono {
  const app = new Hono();
  for (const { method, path, answer } of routes) app.on(method, path, answer);
  app.onError((error, c) => answerError(context, c, error, errorOf));
  return app;
}

/** The client's id of the request, or one of ours. */
const identified: MiddlewareHandler = async (c, next) => {
  const given = c.req.header("x-request-id") ?? "";
  await next();
  c.header("x-request-id", /^[\w.:-]{1,128}$/u.test(given) ? given : `req_${randomUUID()}`);
};

const measured = ({ metrics }: ServerContext): MiddlewareHandler => {
  return async (c, next) => {
    const began = performance.now();
    await next();
    const route = c.res.status === 404 ? "none" : routePath(c, -1);
    metrics.request(c.req.method, route, c.res.status, (performance.now() - began) / 1000);
  };
};

/** Ends connections that a server which drains would wait for. */
const closing = (context: ServerContext): MiddlewareHandler => {
  return async (c, next) => {
    await next();
    if (context.phase === "draining") c.header("connection", "close");
  };
};
