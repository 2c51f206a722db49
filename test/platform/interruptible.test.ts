/** What an abort leaves behind: nobody waits for it, and it is closed. */
import { expect, it, vi } from "vitest";
import type { ByteSource } from "../../src/platform/bytes.ts";
import { interruptible, openOrAborted } from "../../src/platform/interruptible.ts";

const reason = new Error("enough");

/** A promise, and what resolves it. */
function later<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void;
  const promise = new Promise<Value>((set) => (resolve = set));
  return { promise, resolve: (value) => resolve(value) };
}

/** A source whose reads end by `answer`; closing waits for them, as a file of Node does. */
function slowSource(): { source: ByteSource; answer: () => void; closed: () => boolean } {
  const { promise, resolve } = later<void>();
  let isClosed = false;
  const source: ByteSource = {
    name: "slow",
    size: 8,
    remote: false,
    read: () => promise,
    async [Symbol.asyncDispose]() {
      await promise;
      isClosed = true;
    },
  };
  return { source, answer: resolve, closed: () => isClosed };
}

it.each(["the signal of the source", "the signal of the read"])("a read is left by %s", async (which) => {
  const { source, answer, closed } = slowSource();
  const controller = new AbortController();
  const { signal } = controller;
  const ofRead = which === "the signal of the read";
  const file = interruptible(source, ofRead ? undefined : signal);
  const read = file.read(0, new Uint8Array(8), ofRead ? signal : undefined);
  setImmediate(() => controller.abort(reason));
  await expect(read).rejects.toBe(reason);
  await file[Symbol.asyncDispose](); // the disk has not answered
  expect(closed()).toBe(false);
  answer();
  await vi.waitFor(() => expect(closed()).toBe(true));
});

it("closing waits where nothing was left", async () => {
  const { source, answer, closed } = slowSource();
  const file = interruptible(source, undefined);
  answer();
  await file.read(0, new Uint8Array(8));
  await file[Symbol.asyncDispose]();
  expect(closed()).toBe(true);
});

it("what is opened behind an abort is closed", async () => {
  const { source, answer, closed } = slowSource();
  const controller = new AbortController();
  const { promise, resolve } = later<ByteSource>();
  const opened = openOrAborted(() => promise, controller.signal);
  controller.abort(reason);
  await expect(opened).rejects.toBe(reason);
  answer();
  resolve(source);
  await vi.waitFor(() => expect(closed()).toBe(true));
});
