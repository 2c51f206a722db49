/** Recognitions that take turns give the bytes of running alone, whatever the others are and however they end. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadAudio } from "../../src/audio/container.ts";
import { openCheckpoint } from "../../src/architectures/open.ts";
import { Engine, load } from "../../src/index.ts";
import type { Transcriber } from "../../src/index.ts";
import type { Activation } from "../../src/lab.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import { setImmediate as nextRound } from "node:timers/promises";
import { fixture } from "../helpers/environment/fixtures.ts";
import { untimed } from "../helpers/environment/untimed.ts";

const files = {
  nano: fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf"),
  paraformer: fixture("tiny/paraformer/paraformer-bf16.gguf"),
  sensevoice: fixture("tiny/sensevoice/sensevoice-bf16.gguf"),
};
const settings = [
  { model: "nano", backend: "wasm", threads: 1 },
  { model: "nano", backend: "wasm", threads: 2 },
  { model: "nano", backend: "cpu", threads: 1 },
  { model: "paraformer", backend: "wasm", threads: 2 },
  { model: "sensevoice", backend: "wasm", threads: 2 },
  { model: "sensevoice", backend: "cpu", threads: 1 },
] as const;
const lengths = [4_000, 9_000, 16_000];
const passes = { maxNewTokens: 6, silenceGate: "off" } as const;

const models: Transcriber[] = [];
let samples: Float32Array;
beforeAll(async () => {
  ({ samples } = await loadAudio(fixture("audio/tiny.wav")));
  const loading = settings.map(({ model, ...options }) =>
    load(files[model], { ...options, amMvn: undefined }),
  );
  models.push(...(await Promise.all(loading)));
});
afterAll(() => {
  for (const model of models) model.dispose();
});

const cutOf = (length: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => samples[i % samples.length]!);

/** A recognition with every stage captured, as text. */
async function captured(model: Transcriber, length: number, signal?: AbortSignal): Promise<string> {
  const { stages, transcription } = await model.run(cutOf(length), { ...passes, capture: ["*"], signal });
  return JSON.stringify([...stages.values()].map(plain)) + untimed(transcription!);
}

const plain = ({ name, shape, values }: Activation): unknown => [
  name,
  shape,
  Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64"),
];

async function plainRun(model: Transcriber, length: number, signal?: AbortSignal): Promise<string> {
  return untimed(await model.transcribe(cutOf(length), { ...passes, signal }));
}

const runs = { plain: plainRun, captured };
const alone = new Map<string, Promise<string>>();

interface Call {
  readonly model: number;
  readonly length: number;
  readonly kind: keyof typeof runs;
  /** Rounds of the event loop after which the call begins, and after which it is aborted. */
  readonly start: number;
  readonly abort: number | null;
}

async function rounds(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await nextRound();
}

async function made({ model, length, kind, start, abort }: Call): Promise<string> {
  await rounds(start);
  const controller = new AbortController();
  if (abort !== null) void rounds(abort).then(() => controller.abort(new Error("aborted")));
  return runs[kind](models[model]!, length, controller.signal);
}

describe("recognitions at once", () => {
  const call = fc.record({
    model: fc.nat(settings.length - 1),
    length: fc.constantFrom(...lengths),
    kind: fc.constantFrom("plain" as const, "captured" as const),
    start: fc.nat(12),
    abort: fc.option(fc.nat(60), { freq: 3 }),
  });

  it("give the bytes of running alone, stages too, beside aborted ones, and leave nothing behind", async () => {
    for (const [model] of settings.entries()) {
      for (const length of lengths) {
        for (const kind of ["plain", "captured"] as const) {
          const key = `${model} ${length} ${kind}`;
          alone.set(key, Promise.resolve(await made({ model, length, kind, start: 0, abort: null })));
        }
      }
    }
    const before = liveTensors();
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 2, maxLength: 6 }), async (calls) => {
        const ends = await Promise.allSettled(calls.map(made));
        for (const [i, end] of ends.entries()) {
          const { model, length, kind, abort } = calls[i]!;
          if (end.status === "fulfilled")
            expect(end.value).toBe(await alone.get(`${model} ${length} ${kind}`));
          else expect([abort !== null, (end.reason as Error).message]).toEqual([true, "aborted"]);
        }
        expect(liveTensors()).toBe(before);
      }),
      { numRuns: 30 },
    );
  });

  it("let a short clip end long before a long one that began earlier", async () => {
    const model = models[1]!;
    const steps = { long: 0, short: 0 };
    const options = (name: keyof typeof steps) => ({
      ...passes,
      maxNewTokens: name === "long" ? 60 : 4,
      onProgress: () => void steps[name]++,
    });
    const ends: string[] = [];
    const run = async (name: keyof typeof steps, length: number): Promise<void> => {
      await model.transcribe(cutOf(length), options(name));
      ends.push(`${name} after ${steps.long} steps of the long one`);
    };
    const long = run("long", 160_000);
    while (steps.long < 5) await nextRound();
    await run("short", 4_000);
    const longAtEnd = steps.long;
    await long;
    expect(ends[0]).toMatch(/^short/u);
    // In turns: the long one made as many steps as the short one meanwhile.
    expect(longAtEnd).toBeLessThanOrEqual(5 + steps.short + 3);
    expect(steps.long).toBeGreaterThan(longAtEnd);
  });

  it("do not wait for a hook that is slow", async () => {
    const model = models[1]!;
    let wake = (): void => {};
    const blocked = new Promise<void>((resolve) => (wake = resolve));
    const hook = { wants: () => false, onTensor: () => {}, flush: () => blocked };
    const slow = model.transcribe(cutOf(4_000), { ...passes, hook });
    const quick = await plainRun(model, 4_000);
    wake();
    expect(untimed(await slow)).toBe(quick);
  });

  it("take turns with the tensors of a model that is being loaded", async () => {
    await using checkpoint = await openCheckpoint(files.nano);
    let order = "";
    let recognition: Promise<unknown> | undefined;
    const onProgress = (): void => {
      order += "l";
      recognition ??= models[1]!.transcribe(cutOf(16_000), {
        ...passes,
        onProgress: () => void (order += "r"),
      });
    };
    using loaded = await load(checkpoint, { backend: "wasm", threads: 2, onProgress });
    expect(loaded.info.architecture).toBe("fun-asr-nano");
    await recognition;
    expect(order.match(/rl(?=r)/gu)?.length).toBeGreaterThan(5); // neither waits for the other to end
  });

  it("continue while another model is loaded, and during one that fails", async () => {
    const expected = await plainRun(models[0]!, 9_000);
    const failing = {
      wants: () => true,
      onTensor: () => {
        throw new Error("broken hook");
      },
    };
    const [loaded, first, broken, second] = await Promise.allSettled([
      load(files.paraformer, { backend: "wasm", threads: 2 }),
      plainRun(models[0]!, 9_000),
      models[0]!.transcribe(cutOf(4_000), { ...passes, hook: failing }),
      plainRun(models[0]!, 9_000),
    ]);
    for (const end of [first, second]) expect(end).toEqual({ status: "fulfilled", value: expected });
    expect(broken).toMatchObject({ status: "rejected", reason: { message: "broken hook" } });
    expect(loaded.status).toBe("fulfilled");
    if (loaded.status === "fulfilled") loaded.value.dispose();
  });
});

it("the demo model transcribes four clips at once as one after the other", async () => {
  using engine = new Engine({ backend: "wasm", threads: 2 });
  using model = await load(fixture("../models/demo/fun-asr-demo-q8_0.gguf"), { engine });
  const clips = ["zh-weather", "zh-news", "en-shopping", "en-travel"].map((name) =>
    fixture(`audio/demo/${name}.wav`),
  );
  const options = { timestamps: "word" } as const;
  const expected: string[] = [];
  for (const clip of clips) expected.push(untimed(await model.transcribe(clip, options)));
  const found = await Promise.all(clips.map(async (clip) => untimed(await model.transcribe(clip, options))));
  expect(found).toEqual(expected);
});
