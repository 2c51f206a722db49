/** Live recognition in a worker: the events of the same model in this thread, aborts, errors, and the end of the stream. */
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as here from "../../src/index.ts";
import type { Transcriber, WorkerTranscriber } from "../../src/index.ts";
import type { LiveEvent } from "../../src/live/events.ts";
import { tinySamples } from "../helpers/builders/speech.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { untimed } from "../helpers/environment/untimed.ts";

const file = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const options = { decoder: "ctc", tick: 0.5 } as const;

let model: Transcriber;
let worker: WorkerTranscriber;
beforeAll(async () => {
  // a thread runs compiled code
  const built = (await import(pathToFileURL(fixture("../dist/src/node.js")).href)) as typeof here;
  model = await here.load(file);
  worker = await built.loadInWorker(file);
}, 120_000);
afterAll(async () => {
  model.dispose();
  await worker.dispose();
});

/** The stream of a clip that is repeated with silences; `onEnd` is called when it is closed. */
function stream(repeats: number, onEnd: () => void = () => {}) {
  async function* blocks(): AsyncGenerator<Float32Array> {
    try {
      for (let i = 0; i < repeats; i++) {
        yield tinySamples();
        yield new Float32Array(16_000);
      }
    } finally {
      onEnd();
    }
  }
  return { samples: blocks(), sampleRate: 16_000 };
}

async function read(
  events: AsyncGenerator<LiveEvent, object>,
): Promise<{ readonly events: LiveEvent[]; readonly end: object }> {
  const seen: LiveEvent[] = [];
  for (;;) {
    const next = await events.next();
    if (next.done === true) return { events: seen, end: next.value };
    seen.push(next.value);
  }
}

/** Without partials: which of them are left out depends on the machine. */
const settled = (events: readonly LiveEvent[]): unknown =>
  untimed(events.filter(({ event }) => event !== "partial"));

it("gives the events of this thread", async () => {
  const ours = await read(model.listen(stream(2), options));
  const theirs = await read(worker.listen(stream(2), options));
  expect(settled(theirs.events)).toEqual(settled(ours.events));
  expect(theirs.end).toEqual(ours.end);
  expect(ours.events.length).toBeGreaterThan(5);
  expect(theirs.events.some(({ event }) => event === "partial")).toBe(true);
});

it("ends the stream when the loop is left, and when it is aborted", async () => {
  let ended = 0;
  for await (const event of worker.listen(
    stream(Infinity, () => ended++),
    options,
  ))
    if (event.event === "final") break;
  await expect.poll(() => ended).toBe(1);
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = (async () => {
    for await (const event of worker.listen(
      stream(Infinity, () => ended++),
      { ...options, signal },
    ))
      if (event.event === "final") controller.abort();
  })();
  await expect(aborted).rejects.toHaveProperty("name", "AbortError");
  await expect.poll(() => ended).toBe(2);
});

it("passes errors of the stream on, and refuses unknown options", async () => {
  async function* failing(): AsyncGenerator<Float32Array> {
    yield tinySamples();
    throw new RangeError("unplugged");
  }
  await expect(read(worker.listen({ samples: failing(), sampleRate: 16_000 }, options))).rejects.toThrow(
    RangeError,
  );
  expect(() => worker.listen(stream(1), { ticks: 1 } as never)).toThrow(/tick/u);
});
