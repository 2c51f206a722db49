/**
 * What the official exporters share: the state dict's names, FSMN kernels tap by tap in F32, and three types. A
 * tensor of two dimensions that is no norm gets the file's type; what Q8_0 does not fit is F32, as is all the rest.
 * Without a type these tensors keep theirs, which ggml multiplies by whatever it is.
 */
import type { Format } from "../../../kernels/formats/table.ts";
import type { TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { transposed } from "../../../src/checkpoints/gguf/shapes.ts";
import { writeKeys } from "../../../src/checkpoints/gguf/namings/keys.ts";
import type { Model } from "../../../src/checkpoints/gguf/namings/keys.ts";
import type { GgufNaming } from "../../../src/checkpoints/gguf/namings/naming.ts";
import type { TypedMetadata } from "../../../src/checkpoints/gguf/values.ts";
import { fits } from "../formats.ts";
import { typed } from "../metadata.ts";
import { formatOf } from "./layout.ts";
import type { PlannedTensor, LayoutOptions } from "./layout.ts";

/** Names that are F32 in a file of F16, of Q8_0. */
interface Precise {
  readonly F16?: RegExp;
  readonly Q8_0?: RegExp;
}

/** The architecture, and the keys of the naming: these files have no `general.name`. */
export function officialMetadata(model: Model, { fileArchitecture = "", keys }: GgufNaming): TypedMetadata {
  return typed(new Map([["general.architecture", fileArchitecture] as const, ...writeKeys(model, keys)]));
}

export function officialTensor(
  canonical: string,
  entry: TensorEntry,
  { type, rules }: LayoutOptions,
  precise: Precise = {},
): PlannedTensor {
  const [rows = 1, columns = 1] = entry.shape;
  if (canonical.endsWith("fsmn_block.weight"))
    return { canonical, entry: transposed(entry, rows, columns), format: "F32" };
  return {
    canonical,
    entry,
    format: formatOf(canonical, entry, usual(canonical, entry, type, precise), rules),
  };
}

/** BF16, which the exporters do not know, becomes their other 16 bits; what is coarser than Q8_0 becomes that. */
function usual(canonical: string, entry: TensorEntry, type: Format | undefined, precise: Precise): Format {
  const given = type ?? entry.format;
  if (given === "F32" || entry.shape.length !== 2 || canonical.includes("norm")) return "F32";
  const wanted = given === "F16" || given === "BF16" ? "F16" : "Q8_0";
  if (type === undefined) return precise[wanted]?.test(canonical) === true ? "F32" : given;
  return precise[wanted]?.test(canonical) === true || !fits(entry, wanted) ? "F32" : wanted;
}
