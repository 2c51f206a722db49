/** The body of a request: a form, whose fields are held in memory and whose recording goes to a temporary file. */
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { Busboy } from "@fastify/busboy";
import { workFolder } from "../adapters/node/output/temporary.ts";
import { FunAsrError } from "../errors.ts";
import { RequestError } from "./errors.ts";

/** Of one field: a list of hotwords, or the examples of speakers. */
const MAX_FIELD_BYTES = 2 ** 20;
const MAX_FIELDS = 1_000;
/** A client that sends nothing for so long is gone. */
const STALL_MS = 60_000;
/** The parser waits for ever in some malformed forms, such as one that begins with its end. */
const PARSER_MS = 2_000;

export interface Form extends AsyncDisposable {
  /** The values of each field, in order. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  /** Path of the temporary file with the field `file`, which is removed with the form. */
  readonly audio: string;
}

interface UploadLimits {
  readonly maxBytes: number;
  readonly stallMs?: number;
  readonly signal: AbortSignal;
}

/**
 * Reads a form with a file named `file`. Throws `bad_body`, `body_too_large` and `body_stalled`, `disk_full`, and the signal's
 * reason.
 */
export async function readForm(request: Request, limits: UploadLimits): Promise<Form> {
  const folder = await workFolder();
  try {
    const audio = join(folder.path, "audio");
    const fields = await readInto(audio, request, limits);
    return { fields, audio, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    limits.signal.throwIfAborted();
    if (error instanceof FunAsrError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOSPC")
      throw new FunAsrError("disk_full", "body", "there is no space for it", { cause: error });
    throw new RequestError("bad_body", "body", message, { wanted: "a complete form", cause: error });
  }
}

async function readInto(
  path: string,
  request: Request,
  { maxBytes, stallMs = STALL_MS, signal }: UploadLimits,
): Promise<Map<string, string[]>> {
  const type = request.headers.get("content-type") ?? "";
  if (request.body === null || !/^multipart\/form-data\b/iu.test(type)) {
    throw new RequestError("bad_body", "content-type", JSON.stringify(type.slice(0, 80)), {
      wanted: "multipart/form-data",
    });
  }
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
  const fields = new Map<string, string[]>();
  const failed = new AbortController();
  let writing: Promise<void> | undefined;
  const parser = new Busboy({
    headers: { "content-type": type },
    limits: { fieldSize: MAX_FIELD_BYTES, fields: MAX_FIELDS, files: 1, parts: MAX_FIELDS + 1 },
  });
  const refuse = (where: string, found: string, wanted: string): void =>
    void parser.destroy(new RequestError("bad_body", where, found, { wanted }));
  parser.on("field", (name: string | undefined, value: string, _: boolean, isCut: boolean) => {
    if (isCut) refuse(name ?? "field", "a longer text", `at most ${MAX_FIELD_BYTES} bytes`);
    else if (name !== undefined) fields.set(name, [...(fields.get(name) ?? []), value]);
  });
  parser.on("file", (name: string | undefined, stream: Readable) => {
    if (name !== "file") refuse(name ?? "part", "a file", "one file, in the field `file`");
    const target = createWriteStream(path, { flags: "wx", mode: 0o600 });
    writing = pipeline(stream, target, { signal: failed.signal });
    writing.catch((error: unknown) => void parser.destroy(error as Error)); // a full disk ends the upload
  });
  parser.on("filesLimit", () => refuse("file", "several files", "one"));
  parser.on("partsLimit", () => refuse("form", "more parts", `at most ${MAX_FIELDS + 1}`));
  parser.on("fieldsLimit", () => refuse("form", "more fields", `at most ${MAX_FIELDS}`));
  let timer: NodeJS.Timeout | undefined;
  const onEnd = (): void => {
    timer = setTimeout(() => refuse("body", "a part without an end", "a complete form"), PARSER_MS);
  };
  try {
    const body = Readable.fromWeb(request.body as ReadableStream<Uint8Array>);
    await pipeline(body, bounded(maxBytes, stallMs, onEnd), parser, { signal });
    await writing;
  } catch (error) {
    failed.abort();
    await writing?.catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
  if (writing === undefined) throw new RequestError("bad_body", "file", "no file", { wanted: "a recording" });
  return fields;
}

/** Passes bytes on, up to a limit, as long as they come; calls `onEnd` when all have come. */
function bounded(maxBytes: number, stallMs: number, onEnd: () => void): Transform {
  let bytes = 0;
  const stalled = (): void => {
    const found = `nothing for ${stallMs / 1000} seconds`;
    passing.destroy(new RequestError("body_stalled", "body", found, { wanted: "the rest of the form" }));
  };
  let timer = setTimeout(stalled, stallMs);
  const passing = new Transform({
    transform(chunk: Uint8Array, _, done) {
      clearTimeout(timer);
      timer = setTimeout(stalled, stallMs);
      bytes += chunk.length;
      if (bytes > maxBytes) done(tooLarge(maxBytes));
      else done(null, chunk);
    },
    flush(done) {
      clearTimeout(timer);
      onEnd();
      done();
    },
    destroy(error, done) {
      clearTimeout(timer);
      done(error);
    },
  });
  return passing;
}

export function tooLarge(maxBytes: number): RequestError {
  return new RequestError("body_too_large", "body", `more than ${maxBytes} bytes`, {
    wanted: "a smaller recording",
    remedy: "Send it compressed (FLAC, Opus), or raise the server's --max-body",
  });
}
