/**
 * Recognized windows outlive a transcription that is broken off: the next one gets their recognitions from a store, and
 * recognizes the others. All else is done again, so that both give the same result.
 */
import { platform } from "../platform/current.ts";
import type { Recognition } from "../recognizers/result.ts";
import type { Stopwatch } from "../recognizers/stopwatch.ts";

/** Keeps recognitions by the keys of their windows, for one model and one set of options. A `Map` is one in memory. */
export interface WindowStore {
  get(key: string): Recognition | undefined;
  /** Called for one window at a time. The window counts as recognized once the result, if it is a promise, has settled. */
  set(key: string, recognition: Recognition): unknown;
}

/** The store with one `set` at a time, whatever is recognized at once; after one that fails, none. */
export function setInTurn(store: WindowStore): WindowStore {
  let last: Promise<unknown> = Promise.resolve();
  return {
    get: (key) => store.get(key),
    set: (key, recognition) => (last = last.then(() => store.set(key, recognition))),
  };
}

/**
 * The store's recognition of the window, whose times are added to `watch.earlier`; else that of `recognize`, which is
 * stored. `purpose` is what recognitions of the same samples differ in: the times that are wanted, or that it is a draft.
 */
export async function fromStore(
  store: WindowStore | undefined,
  samples: Float32Array,
  purpose: string,
  watch: Stopwatch,
  recognize: () => Promise<Recognition>,
): Promise<Recognition> {
  if (store === undefined) return recognize();
  const key = keyOf(samples, purpose);
  const known = store.get(key);
  if (known !== undefined) {
    watch.earlier += Object.values(known.timings).reduce((sum, time) => sum + time, 0);
    return known;
  }
  const recognition = await recognize();
  await store.set(key, recognition);
  return recognition;
}

/** Windows of the same samples have the same recognition, wherever they are. */
function keyOf(samples: Float32Array, purpose: string): string {
  const hash = platform().createHash("sha256");
  hash.update(new TextEncoder().encode(`${purpose} `));
  hash.update(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  return hash.hex();
}
