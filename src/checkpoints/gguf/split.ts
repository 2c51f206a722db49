/**
 * Models that are split over several GGUF files, as llama.cpp's gguf-split and Python's gguf write them: the first file
 * has the metadata, every file has some of the tensors, and their names end in `-00001-of-00003.gguf`. Any of the files
 * stands for all of them.
 */
import type { MetadataValue } from "../checkpoint.ts";
import { ModelFormatError, TensorsError } from "../../errors.ts";
import { isAddress, parseAddress } from "../../platform/open-source.ts";
import { openGgufFile } from "./file.ts";
import type { GgufFile, GgufSource, GgufTensor } from "./file.ts";

const keys = { number: "split.no", count: "split.count", tensors: "split.tensors.count" } as const;
/** A model of a terabyte in files of a gigabyte. */
const maxParts = 1000;
const suffix = /-(\d{5})-of-(\d{5})\.gguf$/u;

/** Opens a GGUF file, or all of a split model where the file is a part of one. `signal` ends the opening with its reason. */
export async function openGguf(source: GgufSource, signal?: AbortSignal): Promise<GgufFile> {
  const file = await openGgufFile(source, signal);
  try {
    const count = splitCount(file);
    return count === 1 ? file : await whole(file, source, count, signal);
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

/** The sources with one instead of several parts of the same split model. */
export function withoutSiblings(sources: readonly GgufSource[]): readonly GgufSource[] {
  const seen = new Set<string>();
  return sources.filter((source) => {
    const first = siblings(source)?.(1);
    if (first === undefined || sources.length === 1) return true;
    const isNew = !seen.has(String(first));
    seen.add(String(first));
    return isNew;
  });
}

/** In how many files the model is. */
function splitCount(file: GgufFile): number {
  const count = file.metadata.get(keys.count) ?? 1;
  if (typeof count === "number" && Number.isInteger(count) && count >= 1 && count <= maxParts) return count;
  throw malformed(file, keys.count, `${String(count).slice(0, 40)} files`, `1 to ${maxParts}`);
}

/** All files of the model. `given` is one of them, and is closed with them. */
async function whole(
  given: GgufFile,
  source: GgufSource,
  count: number,
  signal: AbortSignal | undefined,
): Promise<GgufFile> {
  const own = numberOf(given, count);
  const sourceOf = siblings(source, count, own);
  if (sourceOf === undefined) {
    throw new ModelFormatError("gguf_malformed", given.source, `part ${own} of ${count} of a split model`, {
      wanted: `a file whose name ends in ${suffixOf(own, count)}, with the other parts beside it`,
      remedy:
        "Give the files the names under which they were published, or join them: llama-gguf-split --merge",
    });
  }
  const others: GgufFile[] = [];
  const close = async (): Promise<void> => {
    for (const part of [given, ...others]) await part[Symbol.asyncDispose]();
  };
  try {
    const parts: GgufFile[] = [];
    for (let number = 1; number <= count; number++) {
      const part = number === own ? given : await openGgufFile(sourceOf(number), signal);
      if (part !== given) others.push(part);
      if (splitCount(part) !== count)
        throw malformed(part, keys.count, `${splitCount(part)} files`, `${count}`);
      if (numberOf(part, count) !== number)
        throw malformed(part, keys.number, `part ${numberOf(part, count)}`, `part ${number}`);
      parts.push(part);
    }
    return { ...join(parts), [Symbol.asyncDispose]: close };
  } catch (error) {
    for (const part of others) await part[Symbol.asyncDispose]();
    throw error;
  }
}

function join(parts: readonly GgufFile[]): Omit<GgufFile, typeof Symbol.asyncDispose> {
  const [first] = parts as readonly [GgufFile, ...GgufFile[]];
  const tensors = new Map<string, GgufTensor>();
  for (const part of parts) {
    for (const [name, tensor] of part.tensors) {
      if (tensors.has(name))
        throw new TensorsError(part.source, [{ name, problem: "another part of the model has it too" }]);
      tensors.set(name, tensor);
    }
  }
  const wanted = first.metadata.get(keys.tensors);
  if (wanted !== undefined && wanted !== tensors.size)
    throw malformed(
      first,
      keys.tensors,
      `${String(wanted).slice(0, 40)} tensors`,
      `${tensors.size}, as there are`,
    );
  const own = (entry: readonly [key: string, value: unknown]): boolean => !entry[0].startsWith("split.");
  return {
    source: first.source,
    remote: first.remote,
    metadata: new Map<string, MetadataValue>([...first.metadata].filter(own)),
    typedMetadata: new Map([...first.typedMetadata].filter(own)),
    tensors,
  };
}

/** Which part a file is, from 1; the key counts from 0. */
function numberOf(file: GgufFile, count: number): number {
  const number = file.metadata.get(keys.number);
  if (typeof number === "number" && Number.isInteger(number) && number >= 0 && number < count)
    return number + 1;
  throw malformed(file, keys.number, String(number).slice(0, 40), `0 to ${count - 1}`);
}

/** What gives the source of each part, where the name of this one shows it. */
function siblings(
  source: GgufSource,
  count?: number,
  own?: number,
): ((number: number) => string | URL) | undefined {
  if (typeof source !== "string" && !(source instanceof URL)) return undefined;
  const text = String(source);
  const address = source instanceof URL ? source : isAddress(text) ? parseAddress(text) : undefined;
  const name = address?.pathname ?? text;
  const [found, number, total] = suffix.exec(name) ?? [];
  if (found === undefined || (count !== undefined && Number(total) !== count)) return undefined;
  if (own !== undefined && Number(number) !== own) return undefined;
  return (wanted) => {
    const path = name.slice(0, -found.length) + suffixOf(wanted, Number(total));
    return address === undefined ? path : new URL(address.href.replace(name, path));
  };
}

function suffixOf(number: number, count: number): string {
  const digits = (value: number): string => String(value).padStart(5, "0");
  return `-${digits(number)}-of-${digits(count)}.gguf`;
}

function malformed(file: GgufFile, key: string, found: string, wanted: string): ModelFormatError {
  return new ModelFormatError("gguf_malformed", `${file.source}, key ${key}`, found, { wanted });
}
