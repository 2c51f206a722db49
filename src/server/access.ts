/** Who may use a server: keys, pages of other origins, names of other machines. */
import { createHash, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { RequestError } from "./errors.ts";

const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

/**
 * Asks for a key, as `Authorization: Bearer KEY` or `X-API-Key: KEY`; pages, which cannot give their WebSockets headers, as the
 * subprotocol `openai-insecure-api-key.KEY`. Throws `invalid_api_key`.
 */
export function needKey(keys: readonly string[]): MiddlewareHandler {
  const digests = keys.map(digest);
  return async ({ req }, next) => {
    const [, bearer] = /^Bearer +(\S+) *$/iu.exec(req.header("authorization") ?? "") ?? [];
    const [, offered] =
      /(?:^|, *)openai-insecure-api-key\.([^\s,]+)/u.exec(req.header("sec-websocket-protocol") ?? "") ?? [];
    const given = digest(bearer ?? req.header("x-api-key") ?? offered ?? "");
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

const isAddress = (host: string): boolean => /^(?:\[.*\]|[\d.]+)$/u.test(host);
const isThisMachine = (host: string): boolean => /^(?:127\.[\d.]+|\[?::1\]?|(?:.+\.)?localhost)$/u.test(host);

/**
 * Where only this machine can reach the server, refuses requests to it by a foreign name: a page can have its own name
 * resolved to this machine, and its requests then have the server's own origin (DNS rebinding). Names that `origins` have are
 * allowed, for proxies that pass them on. Throws `foreign_origin`.
 */
export function refuseForeignNames(listensOn: string, origins: readonly string[]): MiddlewareHandler {
  const names = new Set(
    origins.filter((origin) => URL.canParse(origin)).map((origin) => new URL(origin).hostname),
  );
  const isOpen = !isThisMachine(listensOn) || origins.includes("*");
  return async ({ req }, next) => {
    const { hostname } = new URL(req.url);
    if (!isOpen && !isAddress(hostname) && !isThisMachine(hostname) && !names.has(hostname)) {
      throw new RequestError("foreign_origin", "host", JSON.stringify(hostname.slice(0, 80)), {
        wanted: "localhost, or an address",
        remedy: "--cors names the origins under whose names a proxy reaches the server",
      });
    }
    await next();
  };
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
