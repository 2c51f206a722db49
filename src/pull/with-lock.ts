/** Work that only one process does at a time. */
import type { LockOptions, Store } from "../platform/store.ts";

export async function withLock<Result>(
  store: Store,
  key: string,
  options: LockOptions,
  work: () => Promise<Result>,
): Promise<Result> {
  const lock = await store.lock(key, options);
  try {
    return await work();
  } finally {
    await lock[Symbol.asyncDispose]();
  }
}
