/** Fields of protobuf messages that several messages of ONNX share. */
import { malformed } from "../../../src/checkpoints/malformed.ts";
import type { Field, Span, WireReader } from "./wire.ts";

/** The bytes of a field that is a message or text. */
export function span(field: Field, file: string): Span {
  if (field.kind === "bytes") return field.span;
  throw malformed(file, `an integer in field ${field.number}`, "a message or text");
}

/** How many entries a map may have; exporters write about 20. */
const maxEntries = 256;
/** The longest value; sherpa-onnx keeps 560 numbers in one. */
const maxValue = 2 ** 20;

/** StringStringEntryProto, into `entries`. Throws `checkpoint_malformed` for a key that is there already. */
export async function readEntry(
  wire: WireReader,
  message: Span,
  file: string,
  entries: Map<string, string>,
): Promise<void> {
  let key = "";
  let value = "";
  for await (const field of wire.fields(message)) {
    if (field.number === 1) key = await wire.text(span(field, file));
    else if (field.number === 2) value = await wire.text(span(field, file), maxValue);
  }
  if (entries.has(key) || entries.size >= maxEntries)
    throw malformed(file, `${JSON.stringify(key.slice(0, 80))} twice, or more than ${maxEntries} entries`);
  entries.set(key, value);
}
