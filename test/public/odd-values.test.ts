/** Whatever is given to a method by mistake, the error is one of ours, with a code and a place; in a worker, too. */
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as here from "../../src/node.ts";
import type { Transcriber, WorkerTranscriber } from "../../src/node.ts";
import { oddValues } from "../helpers/builders/odd-values.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const file = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
const clip = fixture("audio/tiny.wav");
const short = { maxNewTokens: 1 };

type Call = (value: never) => unknown;

/** The methods that a model has in this thread and in a worker. */
const methods = (model: () => Transcriber | WorkerTranscriber): Readonly<Record<string, Call>> => {
  const all = async (stream: AsyncIterable<unknown>): Promise<void> => {
    for await (const _ of stream);
  };
  return {
    transcribe: (value) => model().transcribe(value, short),
    "transcribe (options)": (value) => model().transcribe(clip, value),
    transcribeStream: (value) => all(model().transcribeStream(value, short)),
    "transcribeStream (options)": (value) => all(model().transcribeStream(clip, value)),
    align: (value) => model().align(value, "a"),
    "align (text)": (value) => model().align(clip, value),
    "align (options)": (value) => model().align(clip, "a", value),
    ctc: (value) => model().ctc(value),
    "ctc (options)": (value) => model().ctc(clip, value),
    run: (value) => model().run(value, short),
    "run (options)": (value) => model().run(clip, value),
    signal: (value) => model().transcribe(clip, { ...short, signal: value }),
    onToken: (value) => model().transcribe(clip, { ...short, onToken: value }),
    hotwords: (value) => model().transcribe(clip, { ...short, hotwords: value }),
    patch: (value) => model().run(clip, { ...short, patch: value }),
    capture: (value) => model().run(clip, { ...short, capture: value }),
    hook: (value) => model().run(clip, { ...short, hook: value } as never),
  };
};

let model: Transcriber;
let worker: WorkerTranscriber;
let built: typeof here;
beforeAll(async () => {
  built = (await import(pathToFileURL(fixture("../dist/src/node.js")).href)) as typeof here;
  model = await here.load(file);
  worker = await built.loadInWorker(file);
});
afterAll(async () => {
  model.dispose();
  await worker.dispose();
});

const loaders: Readonly<Record<string, Call>> = {
  load: (value) => here.load(value),
  "load (options)": (value) => here.load(file, value),
  "load (vad)": (value) => here.load(file, { vad: value }),
  "load (amMvn)": (value) => here.load(file, { amMvn: value }),
  detectSpeech: (value) => here.detectSpeech(value),
  "detectSpeech (options)": (value) => here.detectSpeech(clip, value),
  "detectSpeech (vad)": (value) => here.detectSpeech(clip, { vad: value }),
};

const tables = {
  "this thread": { ...loaders, ...methods(() => model) },
  "a worker": {
    loadInWorker: (value: never) => built.loadInWorker(value),
    "loadInWorker (options)": (value: never) => built.loadInWorker(file, value),
    ...methods(() => worker),
  },
};

describe.each(Object.entries(tables))("in %s", (_, calls) => {
  it.each(Object.entries(calls))(
    "%s refuses odd values, or takes them",
    async (_, call) => {
      let refused = 0;
      for (const [name, value] of Object.entries(oddValues())) {
        try {
          const result = (await call(value as never)) as { readonly dispose?: () => unknown } | undefined;
          await result?.dispose?.();
        } catch (error) {
          refused++;
          // class and code, since errors of the compiled package have classes of their own
          expect(error, name).toMatchObject({ code: expect.stringMatching(/^(?!internal)[a-z_]+$/u) });
          expect(error, name).toHaveProperty("where", expect.any(String));
        }
      }
      expect(refused).toBeGreaterThan(5);
    },
    120_000,
  );
});
