/** What a model in a worker may be loaded from, and what happens to its calls when it is disposed of. */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it, vi } from "vitest";
import * as here from "../../src/index.ts";
import type { WorkerTranscriber } from "../../src/index.ts";
import { tinySamples } from "../helpers/builders/speech.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { untimed } from "../helpers/environment/untimed.ts";

const file = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");

/** A thread runs compiled code. */
let built: typeof here;
beforeAll(async () => {
  built = (await import(pathToFileURL(fixture("../dist/src/node.js")).href)) as typeof here;
});

describe("a model", () => {
  const vad = fixture("tiny/fsmn-vad/fsmn-vad.gguf");
  const paraformer = fixture("tiny/paraformer/paraformer-bf16.gguf");
  const amMvn = fixture("tiny/paraformer/am.mvn");

  it.each([
    ["a path", file, {}],
    ["a URL", pathToFileURL(file), {}],
    ["the text of a URL", pathToFileURL(file).href, {}],
    ["bytes", readFileSync(file), {}],
    ["a list of URLs", [pathToFileURL(file)], {}],
    ["a folder's URL", pathToFileURL(fixture("tiny/paraformer")), {}],
    ["a URL for speech detection", file, { vad: pathToFileURL(vad) }],
    ["bytes for speech detection", file, { vad: readFileSync(vad) }],
    ["a URL of am.mvn", paraformer, { amMvn: pathToFileURL(amMvn) }],
    ["am.mvn as a file of a browser", paraformer, { amMvn: new Blob([readFileSync(amMvn)]) }],
  ])("may be %s, here and in a worker", async (_, source, options) => {
    using here1 = await here.load(source, options);
    await using there = await built.loadInWorker(source, options);
    expect(there.info).toEqual(here1.info);
    const short = { maxNewTokens: 2, chunk: { seconds: 2 } };
    expect(untimed(await there.transcribe(clip, short))).toEqual(
      untimed(await here1.transcribe(clip, short)),
    );
  });

  it("may not be an address that names no path", async () => {
    for (const source of ["file://elsewhere/m.gguf", new URL("ftp://elsewhere/m.gguf")]) {
      await expect(here.load(source)).rejects.toMatchObject({ code: "bad_option" });
      await expect(built.loadInWorker(source)).rejects.toMatchObject({ code: "bad_option" });
    }
  });
});

describe("the end", () => {
  it.each([0, 1, 5, 20, 60])("after %i ms of any call is the end of that call", async (delay) => {
    const calls = {
      transcribe: (model: WorkerTranscriber) => model.transcribe(clip, { maxNewTokens: 50 }),
      align: (model: WorkerTranscriber) => model.align(clip, "Ki, no"),
      ctc: (model: WorkerTranscriber) => model.ctc(clip),
      run: (model: WorkerTranscriber) => model.run(clip, { capture: ["*"], maxNewTokens: 20 }),
    };
    const other = await built.loadInWorker(file);
    const outcomes = Object.values(calls).map((call) =>
      call(other).then(
        () => "done",
        (error: unknown) => (error as { readonly code?: string }).code ?? error,
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, delay));
    await other.dispose();
    for (const outcome of await Promise.all(outcomes)) expect(["done", "disposed"]).toContain(outcome);
    for (const call of Object.values(calls))
      await expect(call(other)).rejects.toMatchObject({ code: "disposed" });
  });

  it("closes the streams of the calls", async () => {
    const other = await built.loadInWorker(file);
    let closed = false;
    async function* endless(): AsyncGenerator<Float32Array> {
      try {
        for (;;) yield tinySamples();
      } finally {
        closed = true;
      }
    }
    const segment = new Promise<void>((resolve) => {
      const input = { samples: endless(), sampleRate: 16_000 };
      other
        .transcribe(input, { decoder: "ctc", chunk: { seconds: 2, pause: 0.5 }, onSegment: () => resolve() })
        .catch(() => {});
    });
    await segment;
    await other.dispose();
    await vi.waitFor(() => expect(closed).toBe(true), 10_000);
  });
});
