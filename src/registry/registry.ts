/** The published models that this version knows, from models/registry.json. */
import data from "../../models/registry.json" with { type: "json" };
import { distance } from "../edit-distance.ts";
import { ModelFormatError } from "../errors.ts";
import type { RegistryEntry } from "./entry.ts";
import { parseRegistry } from "./parse.ts";

/** In the order of preference, where several can do what is asked for. */
export const registry: readonly RegistryEntry[] = parseRegistry(data);

const byName: ReadonlyMap<string, RegistryEntry> = new Map(
  registry.flatMap((entry) =>
    [entry.name, ...entry.aliases].map((name) => [name.toLowerCase(), entry] as const),
  ),
);

/** The model of that name or alias, in any case. */
export function findEntry(name: string): RegistryEntry | undefined {
  return byName.get(name.toLowerCase());
}

/** The registry's names that `text` is a misspelling of, the nearest first: at most three, often none. */
export function nearestNames(text: string): readonly string[] {
  const typed = Array.from(text.toLowerCase().replace(/:[^:/]*$/u, ""));
  const most = Math.max(1, Math.floor(typed.length / 3));
  const found = new Map<string, number>();
  for (const [name, entry] of byName) {
    if (Math.abs(name.length - typed.length) > most) continue;
    const apart = distance(typed, Array.from(name));
    if (apart <= most) found.set(entry.name, Math.min(apart, found.get(entry.name) ?? apart));
  }
  const near = [...found].toSorted(([, a], [, b]) => a - b);
  return near.slice(0, 3).map(([name]) => name);
}

/** The refusal of a model that is known but that this version cannot use. */
export function unsupportedModel(entry: RegistryEntry): ModelFormatError {
  const usable = registry.filter((other) => other.task === entry.task && other.unsupported === undefined);
  return new ModelFormatError("unknown_architecture", entry.name, entry.unsupported ?? "is not supported", {
    ...(usable.length === 0 ? {} : { wanted: usable.map(({ name }) => name).join(", ") }),
    remedy: "A later version of fun-asr may support it",
  });
}
