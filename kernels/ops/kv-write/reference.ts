/** The definition of KvWrite. */
import { floats } from "../../kernel.ts";
import type { Reference } from "../../kernel.ts";
import type { KvWriteAttrs } from "./index.ts";

export const kvWriteReference: Reference<"cache" | "rows", KvWriteAttrs> = (inputs, { position }, [y]) => {
  const width = inputs.cache!.shape[1]!;
  y!.set(floats(inputs, "cache"));
  y!.set(floats(inputs, "rows"), position * width);
};
