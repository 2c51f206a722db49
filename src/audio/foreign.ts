/** Parts that another program decodes: which bytes it gets, and from where. */
import { sliced } from "../platform/bytes.ts";
import type { ByteSource } from "../platform/bytes.ts";
import { platform } from "../platform/current.ts";
import type { AudioEnd, AudioPiece } from "../platform/platform.ts";
import type { PartEnd } from "./decoder.ts";
import { extentOf } from "./extent.ts";
import { sniffBehind } from "./sniff.ts";
import type { Format } from "./sniff.ts";
import { afterTags } from "./tags.ts";

/** Decodes all of `source`; `name` is the format's, for messages. */
export type ForeignProgram = (source: ByteSource, name: string) => AsyncGenerator<AudioPiece, AudioEnd>;

/**
 * The source from the part at `place` on in a temporary file, with the offsets that it has in the source. Undefined unless
 * the source is a stream and the part must be read more than once: to find its end where it is not the first, or its table
 * of contents.
 */
export async function inFile(source: ByteSource, { offset, seeks }: Format): Promise<ByteSource | undefined> {
  const { spool } = platform();
  if (source.reach === undefined || spool === undefined || (offset === 0 && seeks !== true)) return undefined;
  const file = await spool(sliced(source, offset));
  if (offset === 0) return file;
  return {
    name: file.name,
    remote: false,
    size: offset + file.size,
    read: (at, target, signal) => file.read(at - offset, target, signal),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

/** Decodes the part at `place`, and all of the file where nothing else is behind it. */
export async function* decodeForeign(
  source: ByteSource,
  place: Format,
  program: ForeignProgram,
): AsyncGenerator<AudioPiece, PartEnd> {
  const { offset, name } = place;
  const behind = source.reach === undefined ? await endBeforeOthers(source, place) : undefined;
  const part = sliced(source, offset, behind);
  const isFile = place.seeks !== true || part.path !== undefined;
  await using copy = isFile ? undefined : await platform().spool?.(part);
  const end = yield* program(copy ?? part, name);
  return { ...end, end: (behind ?? source.size) - offset };
}

/** The offset behind the part, if it is known and something that can be decoded follows. */
async function endBeforeOthers(source: ByteSource, place: Format): Promise<number | undefined> {
  const { end } = await extentOf(sliced(source, place.offset), place);
  if (end === undefined || place.offset + end >= source.size) return undefined;
  const next = await sniffBehind(source, await afterTags(source, place.offset + end));
  return next === undefined ? undefined : place.offset + end;
}
