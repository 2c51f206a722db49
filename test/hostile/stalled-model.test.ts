/**
 * An abort ends the opening of a model whatever it waits for: a server that falls silent in any of its answers. The call
 * ends with the signal's reason within 100 ms, and with its requests.
 */
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { convert, openModel } from "../../converters/index.ts";
import { openGguf } from "../../src/checkpoints/gguf/index.ts";
import { detectSpeech, load } from "../../src/index.ts";
import type * as library from "../../src/node.ts";
import { RawGguf, type } from "../helpers/builders/raw-gguf.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import { silences, stallingServer } from "../helpers/fakes/stalling-server.ts";
import type { StallingServer } from "../helpers/fakes/stalling-server.ts";

const reason = new Error("changed my mind");

/** Ten timers one behind the other: 100 ms, or more where other programs keep the processor from this one. */
async function tenTimers(): Promise<string> {
  for (let i = 0; i < 10; i++) await pause(10);
  return "100 ms have passed";
}

const names = {
  nano: "tiny/fun-asr-nano/fun-asr-nano-bf16.gguf",
  paraformer: "tiny/paraformer/paraformer-bf16.gguf",
  vad: "tiny/fsmn-vad/fsmn-vad.gguf",
  amMvn: "tiny/paraformer/am.mvn",
} as const;
/** A model in two files. */
const split = (number: number): string => `split-0000${number}-of-00002.gguf`;
const files = new Map<string, Uint8Array>([
  ...Object.values(names).map((name) => [name, new Uint8Array(readFileSync(fixture(name)))] as const),
  ...[1, 2].map((number) => [split(number), part(number)] as const),
]);

function part(number: number): Uint8Array {
  return new RawGguf({ keys: 2n })
    .key("split.no", type.u32)
    .u32(number - 1)
    .key("split.count", type.u32)
    .u32(2)
    .bytes();
}

const clip = fixture("audio/tiny.wav");
const { nano, paraformer, vad, amMvn } = names;

/** A thread runs compiled code. */
let built: typeof library;
beforeAll(async () => {
  built = (await import(pathToFileURL(fixture("../dist/src/node.js")).href)) as typeof library;
});

type Call = (server: StallingServer, signal?: AbortSignal) => Promise<Partial<Disposable & AsyncDisposable>>;

/** Every call that opens a model at an address. */
const calls: readonly (readonly [name: string, call: Call])[] = [
  ["load", ({ address }, signal) => load(address(nano), { signal })],
  ["load with the address as a URL", ({ address }, signal) => load(new URL(address(paraformer)), { signal })],
  ["load with am.mvn", ({ address }, signal) => load(fixture(paraformer), { amMvn: address(amMvn), signal })],
  ["load with speech detection", ({ address }, signal) => load(fixture(nano), { vad: address(vad), signal })],
  ["loadInWorker", ({ address }, signal) => built.loadInWorker(address(nano), { signal })],
  ["openModel", ({ address }, signal) => openModel([address(nano)], { signal })],
  ["openGguf of a split model", ({ address }, signal) => openGguf(address(split(2)), signal)],
  [
    "convert",
    async ({ address }, signal) => {
      const folder = await temporaryFolder();
      try {
        await convert(address(vad), join(folder, "out.gguf"), { signal });
      } catch (error) {
        expect(await readdir(folder)).toEqual([]);
        throw error;
      }
      return {};
    },
  ],
  [
    "detectSpeech",
    async ({ address }, signal) => {
      await detectSpeech(clip, { vad: address(vad), signal });
      return {};
    },
  ],
];

/** The first ones, which open the model, the last, and one between, which read its weights. */
const sampled = (requests: number): number[] =>
  Array.from({ length: requests }, (_, i) => i).filter(
    (i) => i < 3 || i === requests - 1 || i === Math.floor(requests / 2),
  );

describe.each(calls)("%s from a server that falls silent", (_, call) => {
  it("ends at once by an abort", async () => {
    const lively = await stallingServer(files);
    const result = await call(lively);
    await result[Symbol.asyncDispose]?.();
    result[Symbol.dispose]?.();
    expect(lively.requests).toBeGreaterThan(1);

    for (const at of sampled(lively.requests)) {
      for (const silence of silences) {
        const where = `${silence} to request ${at} of ${lively.requests}`;
        const server = await stallingServer(files, at, silence);
        const controller = new AbortController();
        const ended = call(server, controller.signal).then(
          () => "a result",
          (error: unknown) => error,
        );
        await Promise.race([server.silent, ended]);
        await pause(50);
        controller.abort(reason);
        expect(await Promise.race([ended, tenTimers()]), where).toBe(reason);
        await vi.waitFor(() => expect(server.open, where).toBe(0));
      }
    }
  });
});
