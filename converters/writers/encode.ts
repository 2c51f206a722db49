/** A tensor of any source as the bytes of the chosen format, chunk by chunk: memory does not grow with the tensor. */
import type { Format } from "../../kernels/formats/table.ts";
import type { TensorEntry } from "../../src/checkpoints/checkpoint.ts";
import { ModelFormatError } from "../../src/errors.ts";
import type { TensorSource } from "../../src/checkpoints/gguf/write.ts";
import { tensorChunks } from "./tensor-chunks.ts";
import { addDeviations, noDeviation } from "./quantize-chunk.ts";
import type { Chunk, Deviation, QuantizedChunk } from "./quantize-chunk.ts";
import type { QuantizerPool } from "./quantizer-pool.ts";

/** What an F16 cannot hold. */
const largestHalf = 65_520;

interface Encoding {
  readonly pool: QuantizerPool;
  readonly measure: boolean;
  /** Called once all chunks of a tensor have been produced. */
  readonly onEncoded: (entry: TensorEntry, format: Format, deviation: Deviation) => void;
}

/** The tensor `entry`, to be written in `format`. Throws `non_finite` if a value is not finite or does not fit. */
export function encoded(entry: TensorEntry, format: Format, encoding: Encoding): TensorSource {
  const { name, shape } = entry;
  return { name, shape, format, chunks: (signal) => chunks(entry, format, encoding, signal) };
}

async function* chunks(
  entry: TensorEntry,
  format: Format,
  { pool, measure, onEncoded }: Encoding,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const underWay: Promise<QuantizedChunk>[] = [];
  let deviation = noDeviation;
  const finish = async (): Promise<Uint8Array> => {
    const quantized = await (underWay.shift() as Promise<QuantizedChunk>);
    deviation = addDeviations(deviation, quantized.deviation);
    check(entry, format, deviation);
    return quantized.bytes;
  };
  for await (const { bytes, count } of tensorChunks(entry, signal)) {
    const chunk: Chunk = { bytes, from: entry.format, to: format, count, measure };
    underWay.push(pool.quantize(chunk));
    if (underWay.length >= pool.depth) yield await finish();
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
