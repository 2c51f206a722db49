/**
 * Where a model's parts compute: all on one backend, or (`hybrid`) the encoder on `tensorflow`, which multiplies large
 * matrices best, and the language model on `wasm`, which reads 8-bit weights fastest. `auto` measures.
 */
import { UsageError } from "../errors.ts";
import { backendNames, setUpProof } from "./backend.ts";
import type { BackendName } from "./backend.ts";
import { probe } from "./benchmark.ts";

export type BackendChoice = BackendName | "hybrid" | "auto";

export const backendChoices: readonly BackendChoice[] = [...backendNames, "hybrid", "auto"];

export interface Placement {
  readonly backend: BackendName;
  /** Of the language model, if the model has one. */
  readonly llm: BackendName;
}

/** What computes unless the caller says: `wasm`, or what the environment variable FUN_ASR_BACKEND names. */
export function defaultBackend(): BackendChoice {
  const named = process.env["FUN_ASR_BACKEND"] ?? "wasm";
  const known = backendChoices.find((choice) => choice === named);
  if (known === undefined) {
    throw new UsageError("bad_option", "FUN_ASR_BACKEND", named, { wanted: backendChoices.join(", ") });
  }
  return known;
}

/** Measures for `auto` only, under a second. */
export async function placementOf(choice: BackendChoice): Promise<Placement> {
  if (!backendChoices.includes(choice))
    throw new UsageError("bad_option", "backend", choice, { wanted: backendChoices.join(", ") });
  if (choice === "auto") return measured();
  if (choice === "hybrid") return { backend: "tensorflow", llm: "wasm" };
  return { backend: choice, llm: choice };
}

async function measured(): Promise<Placement> {
  const onGpu = await setUpProof().then(
    ({ gpu }) => gpu,
    () => undefined, // TensorFlow is not set up
  );
  if (onGpu === undefined) return placementOf("wasm");
  if (onGpu) return placementOf("tensorflow");
  const [wasm, tensorflow] = [await probe("wasm"), await probe("tensorflow")];
  return {
    backend: tensorflow.encoder > wasm.encoder ? "tensorflow" : "wasm",
    llm: tensorflow.decoder < wasm.decoder ? "tensorflow" : "wasm",
  };
}
