/** A server in this process whose model reads recordings, and no more. */
import { Readable } from "node:stream";
import { nodePlatform } from "../../src/adapters/node/platform.ts";
import { loadAudio } from "../../src/audio/container.ts";
import type { ErrorCode } from "../../src/errors.ts";
import type { TranscribeOptions } from "../../src/longform/options.ts";
import { installPlatform } from "../../src/platform/current.ts";
import { createApp } from "../../src/server/app.ts";
import { ServerContext } from "../../src/server/context.ts";
import { RequestError } from "../../src/server/errors.ts";
import { ModelPool } from "../../src/server/models.ts";
import { findLanguage } from "../../src/text/languages.ts";
import { checkMethodOptions } from "../../src/transcriber/check-options.ts";
import type { Transcriber } from "../../src/transcriber/transcriber.ts";

installPlatform(nodePlatform);

/** What a model does before it recognizes. */
const model = {
  info: { times: true },
  async transcribe(path: string, options: TranscribeOptions) {
    checkMethodOptions("transcribe", options);
    findLanguage(options.language);
    const { samples } = await loadAudio(path, { ffmpeg: false });
    return { text: "text", segments: [], words: [], warnings: [], duration: samples.length / 16_000 };
  },
  dispose() {},
} as unknown as Transcriber;

const options = { maxBody: 4, queue: 4, offline: true, apiKey: ["a-key"] };
const main = { id: "main", source: "main.gguf" };
const pool = new ModelPool({ main, preload: [], idleTtl: "never", load: async () => model });
const context = new ServerContext(options, pool);
context.phase = "ready";
const app = createApp(context);

export const transcriptions = "/v1/audio/transcriptions";

/** Throws the code of an answer that is an error; what is no error in OpenAI's form, or a fault of the server, as it is. */
export async function ask(
  path: string,
  init: RequestInit & { readonly duplex?: "half" } = {},
): Promise<void> {
  const headers = new Headers(init.headers);
  if (!headers.has("authorization")) headers.set("authorization", "Bearer a-key");
  const response = await app.fetch(new Request(`http://localhost${path}`, { ...init, headers }));
  const text = await response.text();
  if (response.ok) return;
  const { error } = JSON.parse(text) as { error: { code: ErrorCode; message: string } | string };
  if (response.status >= 500) throw new Error(`status ${response.status}: ${text.slice(0, 150)}`);
  if (typeof error === "string") throw new RequestError("bad_body", "answer", error);
  throw new RequestError(error.code, "answer", error.message);
}

/** In pieces as a socket gives them. */
async function* pieces(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
}

/** Asks for a transcription with a body as it is. Throws as {@link ask}. */
export function raw(
  body: string | Buffer | ReadableStream<Uint8Array>,
  type = "multipart/form-data; boundary=x",
  more: Readonly<Record<string, string>> = {},
): Promise<void> {
  const isStream = body instanceof ReadableStream;
  const stream = isStream
    ? body
    : (Readable.toWeb(Readable.from(pieces(Buffer.from(body)))) as ReadableStream);
  const headers = { "content-type": type, ...more };
  return ask(transcriptions, { method: "POST", body: stream, headers, duplex: "half" });
}

/** The same with a form, written out first: a stream that is still writing it does not bear to be cancelled by the server. */
export async function formed(form: FormData): Promise<void> {
  const encoded = new Response(form);
  const bytes = Buffer.from(await encoded.arrayBuffer());
  return raw(bytes, encoded.headers.get("content-type")!);
}
