/**
 * Which backends tests run on: those that need nothing but npm, or the one that FUN_ASR_BACKEND names. A backend that is
 * not set up has its tests skipped, with the reason, and counted.
 */
import { describe } from "vitest";
import { findPackage } from "../../../kernels/runtime/tensorflow/hosts/node-home.ts";
import { backendNames } from "../../../src/nn/backend.ts";
import type { BackendName } from "../../../src/index.ts";

/** Why a backend cannot run here, if so. */
function missing(backend: BackendName): string | undefined {
  if (backend !== "tensorflow") return undefined;
  try {
    findPackage();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

const named = process.env["FUN_ASR_BACKEND"];

export const testedBackends: readonly BackendName[] = backendNames.filter((name) =>
  named === undefined ? name !== "tensorflow" : name === named,
);

/** `describe` for tests that need a backend. */
export function describeOn(backend: BackendName, name: string, tests: () => void): void {
  const reason = missing(backend);
  if (reason !== undefined) console.warn(`skipped: ${name}: ${reason}`);
  describe.skipIf(reason !== undefined).each([name])("%s", () => {
    tests();
  });
}

/** The same for each backend that tests run on, whose name stands for `%s` in the title. */
export function describeOnEach(title: string, tests: (backend: BackendName) => void): void {
  for (const backend of testedBackends)
    describeOn(backend, title.replace("%s", backend), () => tests(backend));
}
