/**
 * A process of its own with a warm Vitest in the copy of the project: runs one test file for each message. It is killed
 * where a mutant does not come to an end.
 */
import { join } from "node:path";
import { createVitest } from "vitest/node";
import { serve } from "../child/serve.ts";

/** A question: after these files changed, does the test file pass? */
export interface Question {
  readonly changed: readonly string[];
  readonly test: string;
}
export interface Verdict {
  readonly passed: boolean;
  /** The test that failed, or what else went wrong. */
  readonly failure: string;
}

const root = process.argv[2]!;
process.chdir(root);
const vitest = await createVitest(
  "test",
  {
    root,
    config: join(root, "vitest.config.ts"),
    watch: false,
    globalSetup: [],
    maxWorkers: 1,
    bail: 1,
    reporters: [{}],
    cache: false,
  },
  { cacheDir: join(root, ".vite") },
);
await vitest.standalone();

async function answer({ changed, test }: Question): Promise<Verdict> {
  for (const file of changed) vitest.invalidateFile(join(root, file));
  vitest.state.filesMap.clear();
  vitest.state.errorsSet.clear();
  const specification = vitest.getRootProject().createSpecification(join(root, test));
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specification]);
  const [failed] = testModules.flatMap((module) => [...module.children.allTests("failed")]);
  const errors = [...testModules.flatMap((module) => module.errors()), ...unhandledErrors];
  const passed = errors.length === 0 && testModules.length > 0 && testModules.every((module) => module.ok());
  const first = errors[0] as { readonly message?: string } | undefined;
  return { passed, failure: passed ? "" : (failed?.fullName ?? first?.message ?? "no test ran") };
}

serve((question: Question) =>
  answer(question).catch((error: unknown): Verdict => ({ passed: false, failure: String(error) })),
);
