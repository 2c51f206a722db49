/** Speech by its level, while the audio comes: where the cuts of the whole recording are. */
import { describe, expect, it } from "vitest";
import { concatenate } from "../../src/audio/decoder.ts";
import { LevelStream } from "../../src/live/level-stream.ts";
import { cutQuiet } from "../../src/longform/cuts.ts";
import type { SampleSpan } from "../../src/longform/cutter.ts";
import { coded } from "../helpers/builders/coded-speech.ts";
import { normals } from "../helpers/builders/random.ts";

const RATE = 16_000;

interface Found {
  readonly spans: readonly SampleSpan[];
  /** Seconds at which a span was first known to be open. */
  readonly opened: readonly number[];
}

async function spansOf(samples: Float32Array, pause = 0.8): Promise<Found> {
  const stream = new LevelStream(pause);
  const spans: SampleSpan[] = [];
  const opened: number[] = [];
  for (let at = 0; at < samples.length; at += 2560) {
    const before = stream.open;
    spans.push(...(await stream.push(samples.subarray(at, at + 2560))));
    if (stream.open !== undefined && before === undefined) opened.push((at + 2560) / RATE);
  }
  return { spans: [...spans, ...(await stream.end(samples.length))], opened };
}

const noise = (seconds: number, level: number): Float32Array => normals(5, seconds * RATE, level);

describe("speech by its level", () => {
  it.each([0.4, 0.8])("is where a recording is cut, with pauses of %f s", async (pause) => {
    const samples = coded("3abcdef5ghi9klmnopq99rs9");
    const { spans } = await spansOf(samples, pause);
    const { windows } = await cutQuiet({ overlap: 0, pause })(samples, true, 0);
    expect(spans).toHaveLength(windows.length);
    expect(windows.length).toBeGreaterThan(1);
    for (const [i, { from, to }] of windows.entries()) {
      expect(Math.abs(spans[i]!.start - from)).toBeLessThanOrEqual(0.1 * RATE);
      expect(Math.abs(spans[i]!.end - to)).toBeLessThanOrEqual(0.1 * RATE);
    }
  });

  it("is found while it goes on, and ends within a step behind the pause", async () => {
    const { spans, opened } = await spansOf(coded("99abcdefghi999"), 0.5);
    expect(opened).toHaveLength(1);
    expect(opened[0]).toBeGreaterThan(1.8);
    expect(opened[0]).toBeLessThan(2.2);
    expect(spans).toHaveLength(1);
  });

  it("is nothing else: no silence, no noise, no click, and no noise that begins after digital silence", async () => {
    const click = coded("9999");
    click.fill(0.5, 1.5 * RATE, 1.55 * RATE);
    const begins = concatenate([new Float32Array(2 * RATE), noise(40, 0.01)]);
    for (const samples of [new Float32Array(3 * RATE), noise(30, 0.01), noise(3, 0.0001), click, begins])
      expect((await spansOf(samples)).spans).toEqual([]);
  });

  it("is not ended by the louder speech that follows a soft beginning", async () => {
    const soft = concatenate([noise(0.2, 0.0005), noise(0.3, 0.0018)]);
    const { spans } = await spansOf(concatenate([soft, coded("abcdefgh"), noise(1, 0.0005)]), 0.4);
    expect(spans).toHaveLength(1);
    expect(spans[0]!.start).toBeLessThan(0.5 * RATE);
    expect(spans[0]!.end).toBeGreaterThan(2.8 * RATE);
  });

  it("is no background between digital silences", async () => {
    const speech = concatenate([noise(0.5, 0.001), coded("abcdefgh"), noise(0.5, 0.001), noise(0.01, 5e-5)]);
    const parts = [new Float32Array(RATE), speech, new Float32Array(RATE), speech, new Float32Array(RATE)];
    expect((await spansOf(concatenate(parts), 0.4)).spans).toHaveLength(2);
  });

  it("ends where a noise begins that does not end", async () => {
    const { spans } = await spansOf(concatenate([coded("9abcdefg9"), noise(60, 0.05)]), 0.8);
    const last = spans.at(-1)!;
    expect(last.end).toBeLessThan(25 * RATE);
  });

  it("begins with the stream where that begins with speech", async () => {
    const { spans } = await spansOf(coded("abcdefghi99"));
    expect(spans.map(({ start }) => start)).toEqual([0]);
  });
});
