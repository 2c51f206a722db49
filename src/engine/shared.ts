/** Engines of models that were loaded without one: models with equal settings share an engine, which ends with the last. */
import { UsageError } from "../errors.ts";
import { defaultBackend } from "../nn/placement.ts";
import { Engine } from "./engine.ts";
import type { EngineOptions } from "./options.ts";

/** An engine, or the settings of one. */
export interface EngineChoice extends Omit<EngineOptions, "concurrency" | "cpu"> {
  /** The engine that computes; with it, `backend`, `threads` and `tensorflow` are the engine's. */
  readonly engine?: Engine | undefined;
}

/** The use of an engine by one model. */
export interface EngineLease {
  readonly engine: Engine;
  /** Ends the use; the last one disposes a shared engine. */
  release(): void;
}

const shared = new Map<string, { readonly engine: Engine; users: number }>();

/** Throws `bad_option`, also for settings together with an engine. */
export function leaseEngine({ engine, backend, threads, tensorflow }: EngineChoice): EngineLease {
  if (engine !== undefined) {
    for (const [name, value] of Object.entries({ backend, threads, tensorflow })) {
      if (value === undefined) continue;
      const wanted = "settings of the engine itself: new Engine({ … })";
      throw new UsageError("bad_option", name, "given together with an engine", { wanted });
    }
    return { engine, release: () => {} };
  }
  const settings = { backend: backend ?? defaultBackend(), threads, tensorflow };
  const key = keyOf(settings);
  const entry = shared.get(key) ?? { engine: new Engine(settings), users: 0 };
  shared.set(key, entry);
  entry.users++;
  let released = false;
  return {
    engine: entry.engine,
    release: () => {
      if (released) return;
      released = true;
      if (--entry.users > 0) return;
      shared.delete(key);
      entry.engine.dispose();
    },
  };
}

function keyOf({ backend, threads, tensorflow = {} }: EngineOptions): string {
  const options = Object.entries(tensorflow).filter(([, value]) => value !== undefined);
  return JSON.stringify([backend, threads, options.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
