/** Lists of strings out of a checkpoint's metadata. */
import { ModelFormatError } from "../errors.ts";
import type { RecognizerContext } from "./recognizer.ts";

/** Throws `bad_metadata` where there is no such list. */
export function vocabulary({ source, metadata }: RecognizerContext, key: string): readonly string[] {
  const value = metadata.get(key);
  if (!Array.isArray(value) || value.some((item) => typeof item !== "string")) {
    throw new ModelFormatError("bad_metadata", `${source}: ${key}`, "missing or no list of strings", {
      wanted: "the vocabulary",
    });
  }
  return value as readonly string[];
}
