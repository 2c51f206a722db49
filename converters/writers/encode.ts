/** A tensor of any source as the bytes of the chosen format, piece by piece: memory does not grow with the tensor. */
import type { Format } from "../../kernels/formats/table.ts";
import type { TensorEntry } from "../../src/checkpoints/checkpoint.ts";
import { ModelFormatError } from "../../src/errors.ts";
import type { TensorSource } from "../../src/checkpoints/gguf/write.ts";
import { pieces } from "./pieces.ts";
import { add, nothing } from "./recode.ts";
import type { Deviation, Piece, Recoded } from "./recode.ts";
import type { Recoders } from "./recoders.ts";

/** What an F16 cannot hold. */
const largestHalf = 65_520;

export interface Encoding {
  readonly recoders: Recoders;
  readonly measure: boolean;
  /** Told once all pieces of a tensor have been produced. */
  readonly onEncoded: (entry: TensorEntry, format: Format, deviation: Deviation) => void;
}

/** The tensor `entry`, to be written in `format`. Throws `non_finite` if a value is none or does not fit. */
export function encoded(entry: TensorEntry, format: Format, encoding: Encoding): TensorSource {
  const { name, shape } = entry;
  return { name, shape, format, chunks: (signal) => chunks(entry, format, encoding, signal) };
}

async function* chunks(
  entry: TensorEntry,
  format: Format,
  { recoders, measure, onEncoded }: Encoding,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const underWay: Promise<Recoded>[] = [];
  let deviation = nothing;
  const finish = async (): Promise<Uint8Array> => {
    const recoded = await (underWay.shift() as Promise<Recoded>);
    deviation = add(deviation, recoded.deviation);
    check(entry, format, deviation);
    return recoded.bytes;
  };
  for await (const { bytes, count } of pieces(entry, signal)) {
    const piece: Piece = { bytes, from: entry.format, to: format, count, measure };
    underWay.push(recoders.recode(piece));
    if (underWay.length >= recoders.depth) yield await finish();
  }
  while (underWay.length > 0) yield await finish();
  onEncoded(entry, format, deviation);
}

function check({ name }: TensorEntry, format: Format, { nonFinite, largest }: Deviation): void {
  if (nonFinite > 0) {
    throw new ModelFormatError("non_finite", `tensor ${name}`, `${nonFinite} values are NaN or infinite`, {
      remedy: "The checkpoint is damaged, or was made with a precision that overflowed",
    });
  }
  if (format === "F16" && largest >= largestHalf) {
    throw new ModelFormatError("non_finite", `tensor ${name}`, `a value of ${largest} does not fit F16`, {
      remedy: "Store the tensor as BF16 or F32",
    });
  }
}
