/**
 * Module hooks that load the engine a second time without hook points: a module imported with the query `?without-hooks`
 * imports its own files in the same way, and they lose their calls of `emit`. Only the benchmark uses this.
 */
import type { LoadHook, ResolveHook } from "node:module";

const query = "?without-hooks";
const ours = /\/dist\/src\/.*\.js$/u;

export const resolve: ResolveHook = async (specifier, context, next) => {
  const resolved = await next(specifier, context);
  const inherited = context.parentURL?.endsWith(query) === true && ours.test(resolved.url);
  return inherited ? { ...resolved, url: resolved.url + query } : resolved;
};

export const load: LoadHook = async (url, context, next) => {
  const loaded = await next(url, context);
  if (!url.endsWith(query) || url.includes("/nn/hook-point.js")) return loaded;
  const source =
    loaded.source instanceof Uint8Array ? new TextDecoder().decode(loaded.source) : loaded.source;
  return typeof source === "string" ? { ...loaded, source: withoutHooks(source) } : loaded;
};

/** A call of `emit` becomes its last argument; a question whether a value is wanted becomes `false`. */
function withoutHooks(source: string): string {
  return source
    .replaceAll(/[\w.#[\]]+\.(?:emit|emitValues|emitOutput)\((?!\))/gu, "(")
    .replaceAll(/(?<![\w.#])(?:emit|emitValues)\((?=this\.#hooks|hooks)/gu, "(")
    .replaceAll(/[\w.#?]+\.isWanted\b/gu, "false")
    .replaceAll(/(?:this\.#)?hooks\.wants(?:Any)?\([^)]*\)/gu, "false");
}
