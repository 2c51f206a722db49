/** The naming of our own files: canonical names and keys throughout, one file with everything per model. */
import type { GgufNaming } from "./naming.ts";

/** `has` are tensors, and `key` a key, by which files of the architecture are recognized. */
export const ownNaming = (architecture: string, landmarks: Pick<GgufNaming, "has" | "key">): GgufNaming => ({
  name: "fun-asr",
  architecture,
  part: "model",
  ...landmarks,
  keys: [],
  metadata: (file) => file.metadata,
  names: () => [],
});
