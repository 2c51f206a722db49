/**
 * Where a model's parts compute: all on one backend, or (`hybrid`) the encoder on `tensorflow`, which multiplies large
 * matrices best, and the language model on `wasm`, which reads 8-bit weights fastest. `auto` measures.
 */
import { backendNames } from "../../kernels/backend.ts";
import type { BackendName } from "../../kernels/backend.ts";
import { UsageError } from "../errors.ts";
import { suggestion } from "../options/nearest.ts";

export type BackendChoice = BackendName | "hybrid" | "auto";

const backendChoices: readonly BackendChoice[] = [...backendNames, "hybrid", "auto"];

export interface Placement {
  readonly backend: BackendName;
  /** Of the language model, if the model has one. */
  readonly llm: BackendName;
}

let chosenDefault: () => BackendChoice = () => "wasm";

/** Sets the backend without an option; for the entry point of a platform. `choose` may throw. */
export function setDefaultBackend(choose: () => BackendChoice): void {
  chosenDefault = choose;
}

/** The backend without an option: `wasm`, or what the platform has set. */
export function defaultBackend(): BackendChoice {
  return chosenDefault();
}

/** Throws `bad_option` for what is not a choice; `name` is where it comes from. */
export function checkBackendChoice(choice: string, name = "backend"): asserts choice is BackendChoice {
  if (backendChoices.some((known) => known === choice)) return;
  throw new UsageError("bad_option", name, choice, {
    wanted: backendChoices.join(", "),
    ...suggestion(choice, backendChoices),
  });
}

/** The placement that a choice stands for. */
export function fixedPlacement(choice: Exclude<BackendChoice, "auto">): Placement {
  return choice === "hybrid" ? { backend: "tensorflow", llm: "wasm" } : { backend: choice, llm: choice };
}
