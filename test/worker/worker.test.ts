/** A model in a worker answers as one in this thread: results, events, aborts, streams, errors, and a clean end. */
import { execFileSync } from "node:child_process";
import { createReadStream } from "node:fs";
import { join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as here from "../../src/index.ts";
import type { PartialResult, Progress, Segment, Transcriber, WorkerTranscriber } from "../../src/index.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { normals } from "../helpers/builders/random.ts";
import { tinySamples } from "../helpers/builders/speech.ts";
import { capture } from "../../src/lab.ts";

const root = resolve(import.meta.dirname, "../..");
const file = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");
const quick = { decoder: "ctc", timestamps: "word" } as const;

/** A thread runs compiled code, so the package is built for this test. */
let built: typeof here;
let model: Transcriber;
let worker: WorkerTranscriber;
beforeAll(async () => {
  built = (await import(pathToFileURL(join(root, "dist/src/node.js")).href)) as typeof here;
  model = await here.load(file);
  worker = await built.loadInWorker(file);
}, 120_000);
afterAll(async () => {
  model.dispose();
  await worker.dispose();
});

/** The result without what is different every time. */
function stable(result: object): unknown {
  return JSON.parse(JSON.stringify(result, (key, value: unknown) => (key === "timings" ? undefined : value)));
}

/** Three clips with silences between. */
function long(): Float32Array {
  const samples = tinySamples();
  const all = new Float32Array(3 * (samples.length + 16_000));
  for (let i = 0; i < 3; i++) all.set(samples, i * (samples.length + 16_000));
  return all;
}
const cut = { ...quick, chunk: { seconds: 2, pause: 0.5 } };

describe("calls", () => {
  it.each([
    ["a path", () => clip],
    ["a URL", () => pathToFileURL(clip)],
    ["samples", () => tinySamples()],
    ["samples with a rate", () => ({ samples: tinySamples(), sampleRate: 16_000 })],
    ["features", () => ({ features: { values: normals(3, 5 * 560), rows: 5, cols: 560 } })],
    ["a stream of bytes", () => createReadStream(clip)],
    [
      "a stream of samples",
      () => ({
        samples: (async function* live() {
          yield* [tinySamples().subarray(0, 5000), tinySamples().subarray(5000)];
        })(),
        sampleRate: 16_000,
      }),
    ],
  ])("give the same for %s", async (_, input) => {
    expect(stable(await worker.transcribe(input(), quick))).toEqual(
      stable(await model.transcribe(input(), quick)),
    );
  });

  it("give the same information about the model", () => {
    expect(worker.info).toEqual(model.info);
  });

  it("align, draft and capture too", async () => {
    const { text } = await model.transcribe(clip, quick);
    expect(stable(await worker.align(clip, text))).toEqual(stable(await model.align(clip, text)));
    expect(stable(await worker.ctc(clip, { topK: 2 }))).toEqual(stable(await model.ctc(clip, { topK: 2 })));
    const stages = await capture(worker, clip, { capture: ["fbank", "audio_adaptor"], maxNewTokens: 1 });
    expect(stages.map(({ name }) => name)).toEqual(["fbank", "audio_adaptor"]);
  });

  it("may overlap", async () => {
    const results = await Promise.all([1, 2, 3].map((n) => worker.transcribe(clip, { maxNewTokens: n })));
    expect(results.map(({ tokens }) => tokens.length)).toEqual([1, 2, 3]);
  });
});

describe("events", () => {
  it("arrive in order", async () => {
    const received: string[] = [];
    const seen: Progress[] = [];
    const result = await worker.transcribe(clip, {
      maxNewTokens: 5,
      onToken: (text) => void received.push(text),
      onProgress: (progress) => void seen.push(progress),
    });
    expect(received.join("")).toContain(result.text.trim());
    expect(seen.some(({ stage }) => stage === "encode")).toBe(true);
  });

  it("bring drafts and partial results, among the segments too", async () => {
    const options = { ...cut, decoder: "llm", maxNewTokens: 5 } as const;
    const callbacks = (received: unknown[]): object => ({
      onDraft: (text: string) => void received.push(text),
      onPartial: (partial: PartialResult) => void received.push(partial),
    });
    const [here, there]: unknown[][] = [[], []];
    await model.transcribe(long(), { ...options, ...callbacks(here!) });
    const yielded: unknown[] = [];
    for await (const event of worker.transcribeStream(long(), {
      ...options,
      ...callbacks(there!),
      partials: true,
    }))
      yielded.push(event);
    expect(there).toEqual(here);
    const partials = here!.filter((event) => typeof event === "object");
    expect(partials.length).toBeGreaterThan(3);
    expect(yielded.filter((event) => "event" in (event as object))).toEqual(partials);
    expect(yielded.length - partials.length).toBe(3);
  });

  it("bring segments as they become final", async () => {
    const expected = await model.transcribe(long(), cut);
    const received: Segment[] = [];
    const stream = worker.transcribeStream(long(), {
      ...cut,
      onSegment: (segment) => void received.push(segment),
    });
    const yielded: Segment[] = [];
    let next = await stream.next();
    for (; next.done !== true; next = await stream.next()) yielded.push(next.value);
    expect(stable(next.value)).toEqual(stable(expected));
    expect(yielded).toEqual(received);
    expect(yielded).toHaveLength(3);
  });

  it("may throw, which ends the call", async () => {
    const onProgress = (): void => {
      throw new RangeError("enough");
    };
    await expect(worker.transcribe(clip, { onProgress })).rejects.toThrow("enough");
    expect((await worker.transcribe(clip, quick)).text).not.toBe("");
  });
});

describe("aborts", () => {
  it("cross, and leave the worker usable", async () => {
    const controller = new AbortController();
    const work = worker.transcribe(clip, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("changed my mind")),
    });
    await expect(work).rejects.toThrow("changed my mind");
    expect((await worker.transcribe(clip, { maxNewTokens: 1 })).tokens).toHaveLength(1);
    await expect(worker.transcribe(clip, { signal: AbortSignal.abort() })).rejects.toHaveProperty(
      "name",
      "AbortError",
    );
  });

  it("happen when a loop over segments is left, which closes its stream", async () => {
    let closed = false;
    async function* endless(): AsyncGenerator<Float32Array> {
      try {
        for (;;) yield long();
      } finally {
        closed = true;
      }
    }
    const input = { samples: endless(), sampleRate: 16_000 };
    for await (const { id } of worker.transcribeStream(input, cut)) if (id === 1) break;
    await vi.waitFor(() => expect(closed).toBe(true), 10_000);
  });

  it("end calls whose stream stalls, and close it", async () => {
    const reason = new Error("changed my mind");
    for (const inputOf of [
      (stream: Readable) => stream,
      (stream: Readable) => ({ samples: stream as AsyncIterable<Float32Array>, sampleRate: 16_000 }),
    ]) {
      const controller = new AbortController();
      const stream = new Readable({
        objectMode: true,
        read: () => void setTimeout(() => controller.abort(reason), 20),
      });
      const { signal } = controller;
      await expect(worker.transcribe(inputOf(stream), { ...quick, signal })).rejects.toBe(reason);
      await vi.waitFor(() => expect(stream.destroyed).toBe(true), 10_000);
    }
  });

  it("work while loading", async () => {
    const signal = AbortSignal.abort();
    await expect(built.loadInWorker(file, { signal })).rejects.toHaveProperty("name", "AbortError");
  });
});

describe("errors", () => {
  it("keep their class, code and place", async () => {
    const broken = worker.transcribe("absent.wav").catch((error: unknown) => error);
    expect(await broken).toBeInstanceOf(built.FileError);
    expect(await broken).toMatchObject({ name: "FileError", code: "file_not_found", where: "absent.wav" });
    await expect(worker.transcribe(clip, { language: "klingon" })).rejects.toMatchObject({
      code: "unknown_language",
      message: expect.stringContaining("klingon"),
    });
    await expect(built.loadInWorker(clip)).rejects.toMatchObject({ code: "not_gguf" });
  });

  it("of a stream reach the caller", async () => {
    async function* torn(): AsyncGenerator<Float32Array> {
      yield tinySamples();
      throw new Error("the cable was pulled");
    }
    await expect(worker.transcribe({ samples: torn(), sampleRate: 16_000 }, quick)).rejects.toThrow("cable");
  });

  it("name what cannot cross to a worker", async () => {
    const hotwords = new built.Hotwords(["督工"]);
    await expect(worker.transcribe(clip, { hotwords })).rejects.toMatchObject({
      code: "bad_option",
      where: "hotwords",
    });
    const hook = { wants: () => true, onTensor: () => {} };
    await expect(worker.transcribe(clip, { hook })).rejects.toMatchObject({ where: "hook" });
  });
});

describe("the end", () => {
  it("rejects running calls, and all later ones", async () => {
    const other = await built.loadInWorker(file);
    const running = other.transcribe(clip, { maxNewTokens: 200 });
    const outcome = running.catch((error: unknown) => error);
    await other.dispose();
    expect(await outcome).toMatchObject({ code: "disposed" });
    await expect(other.transcribe(clip)).rejects.toMatchObject({ code: "disposed" });
    await other.dispose();
  });

  it("of the process is not delayed when no call is running", () => {
    const script = `
      import { loadInWorker } from ${JSON.stringify(pathToFileURL(join(root, "dist/src/node.js")).href)};
      const worker = await loadInWorker(${JSON.stringify(file)});
      console.log((await worker.transcribe(${JSON.stringify(clip)}, { decoder: "ctc" })).tokens.length > 0);
    `;
    const out = execFileSync(process.execPath, ["--input-type=module", "-e", script], { timeout: 30_000 });
    expect(out.toString()).toBe("true\n");
  });
});
