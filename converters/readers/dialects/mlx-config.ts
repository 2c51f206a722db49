/** `quantization` of an MLX model's config.json: bits and group of all quantized modules, and of single ones. */
import { ModelFormatError } from "../../../src/errors.ts";
import { Config } from "../config.ts";
import type { Grouping } from "./mlx-groups.ts";

/**
 * How a module is quantized, by its path. funasr-mlx keeps exceptions by the longest prefix (`target_bits`,
 * `target_groups`), mlx-lm and mlx-audio by the module's own path. Throws `unsupported_format` for scales that are no
 * affine groups.
 */
export function groupingOf(config: Config): (module: string) => Grouping {
  return (module) => {
    const key = config.value("quantization") === undefined ? "quantization_config" : "quantization";
    const stated = asObject(config.value(key));
    const own = asObject(stated[module]);
    const mode = own["mode"] ?? stated["mode"] ?? "affine";
    if (mode !== "affine") {
      throw new ModelFormatError(
        "unsupported_format",
        `module ${module}`,
        `quantized in mode ${JSON.stringify(mode)}`,
        {
          wanted: "affine groups",
        },
      );
    }
    const merged = {
      bits: own["bits"] ?? longest(stated["target_bits"], module) ?? stated["bits"],
      group_size: own["group_size"] ?? longest(stated["target_groups"], module) ?? stated["group_size"],
    };
    const settings = new Config(merged, `config.json, ${key} of ${module}`);
    return { bits: settings.integer("bits", 4), groupSize: settings.integer("group_size", 64) };
  };
}

/** The value of the longest prefix of `module`. */
function longest(table: unknown, module: string): unknown {
  const [best] = Object.entries(asObject(table))
    .filter(([prefix]) => module.startsWith(prefix))
    .toSorted(([a], [b]) => b.length - a.length);
  return best?.[1];
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
