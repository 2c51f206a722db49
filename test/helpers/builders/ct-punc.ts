/** Settings and weights of random CT-Transformers of any size. */
import type { Metadata, MetadataValue } from "../../../src/checkpoints/checkpoint.ts";
import { expectedTensors } from "../../../src/architectures/build.ts";
import { memoryCheckpoint } from "../fakes/memory-checkpoint.ts";
import type { Checkpoint } from "../../../src/checkpoints/checkpoint.ts";
import { normals } from "./random.ts";

export interface CtPuncSizes {
  readonly input_size: number;
  readonly output_size: number;
  readonly attention_heads: number;
  readonly linear_units: number;
  readonly num_blocks: number;
  readonly sanm_shift: number;
  readonly vocab_size: number;
  readonly marks: readonly string[];
  readonly realtime: boolean;
}

export function ctPuncMetadata(sizes: CtPuncSizes): Metadata {
  const { vocab_size, marks, realtime, ...encoder } = sizes;
  return new Map<string, MetadataValue>([
    ["general.architecture", "ct-punc"],
    ...Object.entries(encoder).map(([key, value]): [string, number] => [`ct-punc.encoder.${key}`, value]),
    ["ct-punc.encoder.kernel_size", 11],
    ["ct-punc.vocab_size", vocab_size],
    ["ct-punc.marks", marks],
    ["ct-punc.sentence_end_id", 3],
    ["ct-punc.realtime", realtime],
    ["tokenizer.ggml.model", "word"],
    ["tokenizer.ggml.tokens", ["<unk>", ...Array.from({ length: vocab_size - 1 }, (_, i) => `w${i}`)]],
  ]);
}

/** With small random weights. */
export function randomCtPunc(sizes: CtPuncSizes): Checkpoint {
  const metadata = ctPuncMetadata(sizes);
  const empty = memoryCheckpoint(metadata, new Map());
  const tensors = expectedTensors(empty).map(({ path, shape }, i) => {
    const count = shape.reduce((product, length) => product * length, 1);
    return [
      path,
      { shape, values: normals(i + 1, count, shape.length > 1 ? shape[1]! ** -0.5 : 0.2) },
    ] as const;
  });
  return memoryCheckpoint(metadata, new Map(tensors));
}
