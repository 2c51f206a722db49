/**
 * Module hooks that load the engine a second time with nothing in it that a listener could hear: what is imported with
 * the query `?without-taps` imports its own files that way too, and those lose their offers. Only the benchmark does so.
 */
import type { LoadHook, ResolveHook } from "node:module";

const query = "?without-taps";
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
  return typeof source === "string" ? { ...loaded, source: withoutTaps(source) } : loaded;
};

/** Calls that offer a value become their last argument, questions whether somebody listens become `false`. */
function withoutTaps(source: string): string {
  return source
    .replaceAll(/[\w.#[\]]+\.(?:offer|offerValues|tapped)\((?!\))/gu, "(")
    .replaceAll(/(?<![\w.#])(?:offer|offerValues)\((?=this\.#taps|taps)/gu, "(")
    .replaceAll(/[\w.#?]+\.watched\b/gu, "false")
    .replaceAll(/(?:this\.#)?taps\.wants(?:Any)?\([^)]*\)/gu, "false");
}
