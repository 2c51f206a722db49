/** The metadata of archives whose format has no place for it: a JSON file next to the arrays. */
import { parseJson } from "../../checkpoints/safetensors/json.ts";
import { malformed } from "./archive.ts";
import type { ArchiveMetadata } from "./archive.ts";

export const maxMetadataBytes = 16 * 2 ** 20;

interface Described {
  readonly metadata: ArchiveMetadata;
  /** Names of the stages in their order; undefined where the file does not list them. */
  readonly order: readonly string[] | undefined;
}

export function encodeMetadata(metadata: ArchiveMetadata, order?: readonly string[]): Uint8Array {
  const stages = order === undefined ? {} : { stages: order };
  return Buffer.from(
    `${JSON.stringify({ ...stages, metadata: Object.fromEntries(metadata) }, undefined, 1)}\n`,
  );
}

export function decodeMetadata(where: string, bytes: Uint8Array): Described {
  const json = parseText(where, bytes);
  const metadata = json.get("metadata") ?? new Map();
  const order = json.get("stages");
  const isText = (value: unknown): boolean => typeof value === "string";
  if (!(metadata instanceof Map) || ![...metadata.values()].every(isText))
    throw malformed(where, "metadata that is not text");
  if (order !== undefined && !(Array.isArray(order) && order.every(isText)))
    throw malformed(where, "stages that are not names");
  return { metadata: metadata as ArchiveMetadata, order: order as readonly string[] | undefined };
}

function parseText(where: string, bytes: Uint8Array): ReadonlyMap<string, unknown> {
  try {
    const json = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes), where);
    if (json instanceof Map) return json;
  } catch (cause) {
    throw malformed(where, "no JSON", "an object with metadata and stages", cause);
  }
  throw malformed(where, "something else", "an object with metadata and stages");
}
