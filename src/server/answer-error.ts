/** Requests that failed. */
import type { Context } from "hono";
import type { ServerContext } from "./context.ts";
import { CLIENT_GONE } from "./errors.ts";
import type { Fault } from "./errors.ts";

/** The answer to a request that failed, in the form that its protocol gives to errors. */
export function answerError(
  context: ServerContext,
  c: Context,
  error: unknown,
  form: (fault: Fault) => object,
): Response {
  if (c.req.raw.signal.aborted) return new Response(null, { status: CLIENT_GONE });
  const fault = context.faultOf(error);
  return Response.json(form(fault), { status: fault.status, headers: fault.headers });
}
