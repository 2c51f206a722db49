/** Marks in the replies of a server: for models that write none, and for no others. */
import { describe, expect, it, onTestFinished } from "vitest";
import { serve } from "../../src/server/serve.ts";
import type { ModelSource } from "../../src/transcriber/types.ts";
import { load } from "../../src/transcriber/load.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { clip, demoPath, formOf } from "../helpers/server/app.ts";

const paraformer = fixture("tiny/paraformer/paraformer-bf16.gguf");
const punctuation = fixture("tiny/ct-punc");
const recording = clip("zh-weather");
const backend = "wasm";

/** Asks a server with the punctuation model, until the test ends. */
async function asking(model: ModelSource) {
  const server = await serve(model, { port: 0, backend, name: "main", punctuation });
  onTestFinished(() => server[Symbol.asyncDispose]());
  return async (path: string, fields: Readonly<Record<string, string>>): Promise<string> => {
    const response = await fetch(server.url + path, { method: "POST", body: formOf(recording, fields) });
    expect(response.status).toBe(200);
    return response.text();
  };
}

/** What the library writes. */
async function transcribed(model: string, options: { readonly punctuation?: string } = {}): Promise<string> {
  using loaded = await load(model, { backend, ...options });
  return (await loaded.transcribe(recording)).text.trim();
}

const textOf = (json: string): string => (JSON.parse(json) as { readonly text: string }).text;

describe("a model without marks", () => {
  it("gets those of the punctuation model, on all paths, at once and as a stream", async () => {
    const expected = await transcribed(paraformer, { punctuation });
    expect(expected).not.toBe(await transcribed(paraformer));
    const ask = await asking(paraformer);
    expect(textOf(await ask("/v1/audio/transcriptions", { model: "main" }))).toBe(expected);
    expect(textOf(await ask("/inference", {}))).toBe(expected);
    const stream = await ask("/v1/audio/transcriptions", { model: "main", stream: "true" });
    const events = [...stream.matchAll(/^data: (.*)$/gmu)].map(
      ([, data]) => JSON.parse(data!) as { readonly delta?: string; readonly text?: string },
    );
    expect(events.at(-1)!.text).toBe(expected);
    expect(
      events
        .map(({ delta = "" }) => delta)
        .join("")
        .trim(),
    ).toBe(expected);
  });
});

it("a punctuation model that is not there is found at the start, also where it is not needed", async () => {
  await using server = await serve(demoPath, { port: 0, backend, punctuation: "none.gguf" });
  await expect(server.ready).rejects.toMatchObject({ code: "file_not_found" });
});

it("a model that writes marks keeps its own", async () => {
  const ask = await asking(demoPath);
  expect(textOf(await ask("/inference", {}))).toBe(await transcribed(demoPath));
});
