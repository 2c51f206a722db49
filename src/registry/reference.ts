/**
 * What a text names as a model. Nothing is looked up: `owner/name` and `owner/name/file` may also be a path of this
 * machine, and whoever opens the model looks there first. The rules, the first that fits:
 *
 * 1. `https://…`: the address of a file, or a page of a hub. 2. `hf:owner/name[@revision][/file]`, `ms:…`: a hub.
 * 3. `name[:format]`, where the name or an alias is in the registry: that model. 4. `owner/name[@revision][/file]`: a hub,
 * unless it is two parts that end like a model file (`models/a.gguf`). 5. All else is a path; so `./name` always is.
 */
import { UsageError } from "../errors.ts";
import type { ModelReference, RegistryEntry, Variant } from "./entry.ts";
import { hubPrefixes, parseHubPage, parseHubReference } from "./hub-reference.ts";
import { findEntry } from "./registry.ts";

const likeFile = /^[^/@]+\/[^/@]+\.(?:gguf|pt|onnx|safetensors|bin)$/iu;

/** Throws `bad_option` for a format that the model does not have, and for a prefix of a hub before something else. */
export function parseReference(text: string): ModelReference {
  if (/^https?:\/\//iu.test(text)) return parseHubPage(text) ?? { kind: "url", url: text };
  const [, prefix, rest] = /^(hf|ms):(?:\/\/)?(.*)$/isu.exec(text) ?? [];
  if (prefix !== undefined && rest !== undefined) {
    const reference = parseHubReference(rest, hubPrefixes[prefix.toLowerCase()]);
    if (reference !== undefined) return reference;
    const wanted = `${prefix}:owner/name, with @revision and /file where they are needed`;
    throw new UsageError("bad_option", "model", JSON.stringify(text), { wanted });
  }
  const path = { kind: "path", path: text } as const;
  const [, name = text, format] = /^([^:]+):([^:/]+)$/u.exec(text) ?? [];
  const entry = findEntry(name);
  if (entry !== undefined) return { kind: "entry", entry, variant: chooseVariant(entry, format) };
  return (likeFile.test(text) ? undefined : parseHubReference(text)) ?? path;
}

/** The variant of that format, in any case; the default one without a format. Throws `bad_option`. */
export function chooseVariant(entry: RegistryEntry, format = entry.defaultFormat): Variant {
  const found = entry.variants.find((variant) => variant.format === format.toLowerCase());
  if (found !== undefined) return found;
  throw new UsageError("bad_option", entry.name, `no format ${JSON.stringify(format)}`, {
    wanted: entry.variants.map((variant) => `${entry.name}:${variant.format}`).join(", "),
  });
}
