/** What may be asked of cuts: the ends of each range are taken, what is beyond them is refused by the option's name. */
import { expect, it } from "vitest";
import type { ChunkOptions } from "../../src/index.ts";
import { planChunks } from "../../src/longform/plan.ts";
import type { ChunkPlan } from "../../src/longform/plan.ts";

type Options = Parameters<typeof planChunks>[0];
const plan = (options: Options): ChunkPlan | undefined =>
  planChunks(options, { hasTimes: true, draft: async () => [] });
const cut = (chunk: ChunkOptions): Options => ({ chunk });

it.each<[string, Options, Partial<ChunkPlan>]>([
  ["a second", cut({ seconds: 1 }), { windowSamples: 16_000, overlaps: true }],
  ["ten minutes", cut({ seconds: 600 }), { windowSamples: 9_600_000 }],
  ["no overlap", cut({ overlap: 0 }), { overlaps: false }],
  ["an overlap of half of a window", cut({ seconds: 10, overlap: 5 }), { overlaps: true }],
  ["a pause of 0.1 s", cut({ pause: 0.1 }), { pauseSamples: 1600 }],
  ["any time from the beginning on", { start: 0, duration: 1e-3 }, { windowSamples: 480_000 }],
  ["times of tokens, which cannot be joined", { timestamps: "token" }, { overlaps: false }],
])("takes %s", (_, options, wanted) => {
  expect(plan(options)).toMatchObject(wanted);
});

it("has no plan where nothing is cut, and checks the times all the same", () => {
  expect(plan({ chunk: "off" })).toBeUndefined();
  expect(() => plan({ chunk: "off", start: -1 })).toThrow("start");
});

it.each<[string, Options]>([
  ["chunk.seconds", cut({ seconds: 0.99 })],
  ["chunk.seconds", cut({ seconds: 600.01 })],
  ["chunk.seconds", cut({ seconds: NaN })],
  ["chunk.overlap", cut({ seconds: 10, overlap: 5.01 })],
  ["chunk.overlap", cut({ overlap: -0.01 })],
  ["chunk.pause", cut({ pause: 0.09 })],
  ["chunk.cut", cut({ cut: "loud" as "quiet" })],
  ["chunk.cut", cut({ cut: "vad" })],
  ["start", { start: -0.01 }],
  ["start", { start: Infinity }],
  ["duration", { duration: 0 }],
  ["duration", { duration: NaN }],
])("refuses another %s", (where, options) => {
  expect(() => plan(options)).toThrow(
    expect.objectContaining({ code: "bad_option", message: expect.stringContaining(where) as string }),
  );
});
