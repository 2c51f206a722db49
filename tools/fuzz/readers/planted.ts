/** Readers with one fault each, which the fuzzer must find: they are in no list of readers. */
import { block, data, number, readNumber } from "../structure/part.ts";
import type { Readers } from "./reader.ts";

const original = {
  name: "a count and what it counts",
  tree: block([number(4, "le", 4), data(Buffer.alloc(4))]),
};

/** A reader that calls `fault` where the count is larger than the file. */
const faulty = (fault: (count: number) => unknown): Readers[string] => ({
  originals: [original],
  read(bytes) {
    const count = Number(readNumber(bytes, 0, "le", 4));
    return count > bytes.length ? fault(count) : undefined;
  },
});

function busy(until: () => boolean): void {
  while (!until());
}

export const planted = {
  "planted: a bare error": faulty((count) => (undefined as unknown as number[])[count]),
  "planted: a rejection that nothing handles": faulty(async () => {
    void Promise.reject(new Error("nothing handles this"));
    await new Promise(setImmediate);
  }),
  "planted: a loop without an end": faulty(() => busy(() => false)),
  "planted: a wait without an end": faulty(() => new Promise(() => {})),
  "planted: memory of a claimed size": faulty((count) => new Uint8Array(Math.min(count, 2 ** 30))),
  "planted: a turn that takes too long": faulty(() => {
    const start = process.cpuUsage();
    busy(() => process.cpuUsage(start).user > 150_000);
  }),
  "planted: a crash": faulty(() => process.abort()),
} satisfies Readers;
