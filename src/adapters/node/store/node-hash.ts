/** Digests by Node's own code. */
import { createHash } from "node:crypto";
import type { Hash } from "../../../platform/hubs.ts";

export function nodeHash(algorithm: "sha256" | "sha1"): Hash {
  const hash = createHash(algorithm);
  return {
    update(bytes) {
      hash.update(bytes);
    },
    hex: () => hash.digest("hex"),
  };
}
