/**
 * The normalizing constants of a model: two tensors in its file (`cmvn.shift`, `cmvn.scale`), or the
 * `am.mvn` that was published with it. Refuses other lengths than the front end's, and values that are NaN or infinite.
 */
import type { Checkpoint, TensorEntry } from "../checkpoints/checkpoint.ts";
import { FileError, ModelFormatError } from "../errors.ts";
import { parseAmMvn } from "./cmvn.ts";
import type { Cmvn } from "./cmvn.ts";
import { dequantize } from "../nn/backend.ts";
import { readUpTo } from "../platform/bytes.ts";
import { interruptible } from "../platform/interruptible.ts";
import { openSource } from "../platform/open-source.ts";
import type { BytesInput } from "../platform/open-source.ts";

/** More than any am.mvn has: its few hundred numbers take some ten kilobytes. */
const MOST_BYTES = 2 ** 20;

interface CmvnRequest {
  /** Width of a feature row. */
  readonly width: number;
  /** Whether the model needs the constants. */
  readonly needed: boolean;
  /** An am.mvn file, which is used instead of the checkpoint's own constants. */
  readonly amMvn?: BytesInput | undefined;
  readonly signal?: AbortSignal | undefined;
}

export async function readCmvn(
  { source, tensors }: Checkpoint,
  { width, needed, amMvn, signal }: CmvnRequest,
): Promise<Cmvn | undefined> {
  if (amMvn !== undefined) return parseAmMvn(await textOf(amMvn, signal), width);
  const [shift, scale] = [tensors.get("cmvn.shift"), tensors.get("cmvn.scale")];
  if (shift === undefined && scale === undefined && !needed) return undefined;
  return {
    shift: await constants(source, "cmvn.shift", shift, width, signal),
    scale: await constants(source, "cmvn.scale", scale, width, signal),
  };
}

/** Throws `file_unreadable` for a file that is not text. */
async function textOf(input: BytesInput, signal: AbortSignal | undefined): Promise<string> {
  await using file = interruptible(await openSource(input, signal), signal);
  const bytes = await readUpTo(file, 0, MOST_BYTES);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FileError("file_unreadable", file.name, "not UTF-8", {
      wanted: "an am.mvn, which is text",
      cause,
    });
  }
}

async function constants(
  source: string,
  name: string,
  entry: TensorEntry | undefined,
  width: number,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const refuse = (found: string): never => {
    throw new ModelFormatError("bad_tensors", `${source}: ${name}`, found, {
      wanted: `[${width}] finite numbers`,
      remedy: "The am.mvn that was published with the model has them too",
    });
  };
  if (entry === undefined) return refuse("missing");
  if (entry.shape.length !== 1 || entry.shape[0] !== width) refuse(`is [${entry.shape.join(", ")}]`);
  const bytes = new Uint8Array(entry.byteLength);
  await entry.read(bytes, signal);
  const decoded = dequantize(entry, bytes);
  const wrong = decoded.findIndex((value) => !Number.isFinite(value));
  return wrong < 0 ? decoded : refuse(`number ${wrong} is ${decoded[wrong]}`);
}
