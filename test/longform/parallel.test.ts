/** Windows of recordings at once: the results of one at a time, in order, whatever else is recognized meanwhile. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { load } from "../../src/index.ts";
import type { Segment, TranscribeOptions, Transcriber } from "../../src/index.ts";
import type { WindowStore } from "../../src/longform/window-store.ts";
import { windowsAtOnce } from "../../src/longform/windows-at-once.ts";
import { liveTensors } from "../../src/nn/backend.ts";
import type { Recognizer } from "../../src/recognizers/recognizer.ts";
import type { Recognition } from "../../src/recognizers/result.ts";
import { StepPool } from "../../src/recognizers/step-pool.ts";
import { setImmediate as nextRound } from "node:timers/promises";
import { concatenation } from "../helpers/builders/concatenations.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { untimed } from "../helpers/environment/untimed.ts";

const chunk = { seconds: 6 } as const;

let model: Transcriber;
let recording: Float32Array;
beforeAll(async () => {
  model = await load(fixture("../models/demo/fun-asr-demo-q8_0.gguf"));
  ({ samples: recording } = await concatenation(11, { seconds: 24 }));
});
afterAll(() => model.dispose());

/** Without the numbers of steps and of accepted drafts, which are fewer where many share a step. */
const withoutSteps = (result: string): string => result.replaceAll(/"(?:steps|accepted)":\d+/gu, "");

/** The transcription without its times of computing, and its segments in the order in which they came. */
async function transcribed(options: TranscribeOptions, samples = recording): Promise<string> {
  const segments: Segment[] = [];
  const onSegment = (segment: Segment): void => void segments.push(segment);
  const whole = await model.transcribe(samples, { chunk, ...options, onSegment });
  expect(segments).toEqual(whole.segments);
  expect(segments.length).toBeGreaterThan(2);
  return untimed(whole);
}

describe("windows at once", () => {
  const cases: readonly (readonly [string, TranscribeOptions])[] = [
    ["with times", { timestamps: "word" }],
    ["without drafts", { draft: "off" }],
    ["cut in speech, with times that overlap", { chunk: { ...chunk, cut: "fixed", overlap: 2 } }],
    ["sampled, with retries, and cut short", { temperature: 0.8, seed: 3, fallback: {}, maxNewTokens: 12 }],
  ];
  it.each(cases)("give the same results as one at a time: %s", async (_, options) => {
    const alone = await transcribed(options);
    const before = liveTensors();
    expect(withoutSteps(await transcribed({ ...options, parallel: 3 }))).toBe(withoutSteps(alone));
    expect(liveTensors()).toBe(before);
  });

  it("share their steps, and run ahead while others are generated", async () => {
    const joins = vi.spyOn(StepPool.prototype, "join");
    const segments: (number | undefined)[] = [];
    const onProgress: TranscribeOptions["onProgress"] = ({ segment }) => void segments.push(segment);
    await transcribed({ parallel: 3, onProgress });
    expect(joins.mock.calls.length).toBeGreaterThan(2);
    joins.mockRestore();
    const changes = segments.filter((segment, i) => segment !== segments[i - 1]).length;
    expect(changes).toBeGreaterThan(segments.length / 4);
  });

  it("give the same results beside other recordings, and beside one that is aborted", async () => {
    const alone = await transcribed({});
    const controller = new AbortController();
    let steps = 0;
    const aborted = model.transcribe(recording, {
      chunk,
      parallel: 2,
      signal: controller.signal,
      onProgress: ({ stage }) => {
        if (stage === "generate" && ++steps === 9) controller.abort(new Error("aborted"));
      },
    });
    const others = [transcribed({ parallel: 2 }), transcribed({ parallel: 3 }), transcribed({})];
    await expect(aborted).rejects.toThrow("aborted");
    expect((await Promise.all(others)).map(withoutSteps)).toEqual(Array(3).fill(withoutSteps(alone)));
  });

  it("are as many as `auto` finds room for, and draft less where they are many", async () => {
    const alone = await transcribed({});
    const memory = vi.spyOn(process, "availableMemory").mockReturnValue(1e12);
    const many = await transcribed({ parallel: "auto" });
    memory.mockRestore();
    expect(withoutSteps(many)).toBe(withoutSteps(alone));
    expect(many).toBe(await transcribed({ parallel: 8 }));
    expect(many).not.toBe(alone);
  });

  it("fail with the first of them, and leave nothing behind", async () => {
    const before = liveTensors();
    const seen: number[] = [];
    const failing = model.transcribe(recording, {
      chunk,
      parallel: 3,
      onSegment: ({ id }) => void seen.push(id),
      onProgress: ({ stage, segment }) => {
        if (stage === "generate" && segment === 1) throw new Error("broken callback");
      },
    });
    await expect(failing).rejects.toThrow("broken callback");
    expect(liveTensors()).toBe(before);
    expect(seen).toEqual([0]);
  });

  it("can be kept in a store, which another call reads", async () => {
    const windows = new Map<string, Recognition>();
    let setting = 0;
    const store: WindowStore = {
      get: (key) => windows.get(key),
      set: async (key, recognition) => {
        expect(setting++).toBe(0); // one at a time
        for (let round = 0; round < 300; round++) await nextRound(); // other windows end meanwhile
        setting--;
        windows.set(key, recognition);
      },
    };
    const first = await transcribed({ parallel: 3, windows: store });
    expect(windows.size).toBeGreaterThan(2);
    expect(await transcribed({ windows })).toBe(first);
  });
});

describe("the number of windows at once", () => {
  const bytes = 100e6;
  const sharing = { sharedBytes: async () => bytes } as unknown as Recognizer;
  const given = (available: number, options: TranscribeOptions, recognizer = sharing): Promise<number> => {
    const memory = vi.spyOn(process, "availableMemory").mockReturnValue(available);
    return windowsAtOnce(recognizer, 30, options).finally(() => memory.mockRestore());
  };

  it("is what half of the available memory has room for, from 1 to 8", async () => {
    for (const [available, count] of [
      [0, 1],
      [3.9 * bytes, 1],
      [4 * bytes, 2],
      [11 * bytes, 5],
      [1000 * bytes, 8],
    ] as const)
      expect(await given(available, { parallel: "auto" })).toBe(count);
  });

  it("is what is asked for, or 1 where it saves nothing", async () => {
    expect(await given(0, { parallel: 12 })).toBe(12);
    expect(await given(1e12, {})).toBe(1);
    const hook = { wants: () => false, onTensor: () => {} };
    expect(await given(1e12, { parallel: 4, hook })).toBe(1);
    expect(await given(1e12, { parallel: 4 }, {} as Recognizer)).toBe(1);
    const none = { sharedBytes: async () => undefined } as unknown as Recognizer;
    expect(await given(1e12, { parallel: "auto" }, none)).toBe(1);
  });
});
