/**
 * Writes rows into a cache from row `position` on. The result is the cache with those rows; a backend may return the
 * same memory (and then counts one more reference to it) or a copy, so the caller must use the result only.
 */
import { demand, matrix } from "../../kernel.ts";
import type { KernelDefinition } from "../../kernel.ts";

export interface KvWriteAttrs {
  readonly position: number;
}

/** {cache [C, W], rows [T, W]} → [C, W] */
export const kvWrite: KernelDefinition<"cache" | "rows", KvWriteAttrs> = {
  name: "KvWrite",
  outputs: (inputs, { position }) => {
    const [capacity, width] = matrix("KvWrite", inputs, "cache");
    const [rows, columns] = matrix("KvWrite", inputs, "rows");
    const fits = columns === width && position >= 0 && position + rows <= capacity;
    demand(fits, "KvWrite", `${rows} rows of ${columns} at ${position}`, `room in [${capacity}, ${width}]`);
    return [[capacity, width]];
  },
};
