/** All dialects, and which of them a file is in. */
import { ModelFormatError } from "../../../src/errors.ts";
import { mlxAudioNano, mlxAudioPlusNano, vllmNano } from "./canonical-nano.ts";
import type { Dialect, DialectFile } from "./dialect.ts";
import { funasrMlxNano, funasrMlxParaformer, funasrMlxSenseVoice } from "./funasr-mlx.ts";
import { mlxAudioSenseVoice } from "./mlx-sensevoice.ts";
import { bareTransformersNano, splitTransformersNano, transformersNano } from "./transformers-nano.ts";

export const dialects: readonly Dialect[] = [
  transformersNano,
  bareTransformersNano,
  splitTransformersNano,
  // before those that are recognized by their config.json, which has FunASR's settings here too
  funasrMlxNano,
  funasrMlxParaformer,
  funasrMlxSenseVoice,
  mlxAudioNano,
  mlxAudioPlusNano,
  mlxAudioSenseVoice,
  vllmNano,
];

/** Throws `unknown_architecture` where the file is in none of them. */
export function dialectOf(file: DialectFile): Dialect {
  const found = dialects.find(
    ({ has, fits }) => has.every((name) => file.tensors.has(name)) && (fits?.(file) ?? true),
  );
  if (found !== undefined) return found;
  const type = JSON.stringify(file.config.value("model_type") ?? null).slice(0, 40);
  const wanted = dialects.map(({ name, has }) => `\n  ${name}: ${has.join(", ")}`).join("");
  throw new ModelFormatError(
    "unknown_architecture",
    file.source,
    `no known dialect has these ${file.tensors.size} tensors and this config.json (model_type: ${type})`,
    { wanted: `one of${wanted}` },
  );
}
