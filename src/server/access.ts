/** Who may use a server: keys, and pages of other origins. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { RequestError } from "./errors.ts";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/** Asks for a key, as `Authorization: Bearer KEY` or `X-API-Key: KEY`. Throws `invalid_api_key`. */
export function needKey(keys: readonly string[]): MiddlewareHandler {
  const digests = keys.map(digest);
  return async ({ req }, next) => {
    const [, bearer] = /^Bearer +(\S+) *$/iu.exec(req.header("authorization") ?? "") ?? [];
    const given = digest(bearer ?? req.header("x-api-key") ?? "");
    const isKnown = digests.reduce((known, one) => timingSafeEqual(one, given) || known, false);
    if (!isKnown) {
      throw new RequestError("invalid_api_key", "authorization", "no valid key", {
        wanted: "Authorization: Bearer KEY, or X-API-Key: KEY",
      });
    }
    await next();
  };
}

/** Answers browsers that ask whether a page of these origins may use the server. */
export function allowOrigins(origins: readonly string[]): MiddlewareHandler {
  return cors({
    origin: origins.includes("*") ? "*" : [...origins],
    exposeHeaders: ["x-request-id", "x-fun-asr-ignored", "x-fun-asr-warnings", "retry-after"],
    maxAge: 3600,
  });
}

/**
 * Refuses what a page of another origin asks for: a browser sends forms of any page to any server, also to one that only this
 * machine can reach. Programs send no origin. Throws `foreign_origin`.
 */
export function refuseForeignPages(origins: readonly string[]): MiddlewareHandler {
  return async ({ req }, next) => {
    const origin = req.header("origin");
    const isOwn = origin === undefined || origin === new URL(req.url).origin;
    if (!isOwn && !origins.includes("*") && !origins.includes(origin)) {
      throw new RequestError("foreign_origin", "origin", JSON.stringify(origin.slice(0, 80)), {
        remedy: "--cors names the origins of pages that may use the server",
      });
    }
    await next();
  };
}
