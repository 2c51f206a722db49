/** Decides whether the tests kill a mutant. */
import type { Copy } from "./copy.ts";
import { apply } from "./mutants.ts";
import type { Mutant } from "./mutants.ts";
import { Relation, sourcesIn } from "./related.ts";

export interface Outcome {
  /** `invalid`: it does not compile. */
  readonly status: "killed" | "survived" | "invalid";
  /** The test file that killed it, and what failed there. */
  readonly test: string;
  readonly failure: string;
  /** How many test files passed. */
  readonly passed: number;
  readonly seconds: number;
  /** Seconds that each passing test file took. */
  readonly times: Readonly<Record<string, number>>;
}

/** Seconds that a test file may take whose usual time is not known. */
const unknownLimit = 90;

export class Examiner {
  readonly #copy: Copy;
  readonly #budget: number;
  readonly #relation: Relation;
  /** Seconds that test files take where the machine has time for them. */
  readonly #times: Map<string, number>;
  /** Test files that passed here; a failure of another one is not believed yet. */
  readonly #green = new Set<string>();
  /** Test files that fail without a mutant. */
  readonly #broken = new Set<string>();
  /** Test files that did not come to an end once without a mutant. */
  readonly #slow = new Set<string>();
  /** How much longer test files take than they usually do, on a busy machine. */
  #slowness = 1;

  /**
   * A mutant survives after passing tests of `budget` seconds, in the shortest times that are known of them: the result is the
   * same on a busy machine. `times` are seconds of test files that are known.
   */
  constructor(copy: Copy, budget: number, times: ReadonlyMap<string, number> = new Map()) {
    this.#times = new Map(times);
    this.#copy = copy;
    this.#budget = budget;
    const folders = ["src", "kernels", "converters", "tools", "test"];
    this.#relation = new Relation(copy.root, sourcesIn(copy.root, folders));
  }

  /** Test files in the order in which they run: near ones first, slow ones later. */
  testsOf({ file, line }: Mutant): string[] {
    const lines = this.#copy.read(file).split("\n");
    const names = lines.join("\n").match(/(?<=^export (?:async )?(?:function\*?|class|const) )\w+/gmu) ?? [];
    const around = [file, ...names, ...lines.slice(Math.max(0, line - 3), line + 4)].join("\n");
    return [...this.#relation.testsOf(file, around)]
      .map(([test, distance]) => ({ test, rank: distance + (this.#times.get(test) ?? 4) / 4 }))
      .toSorted((a, b) => a.rank - b.rank || (a.test < b.test ? -1 : 1))
      .map(({ test }) => test)
      .filter((test) => !this.#broken.has(test));
  }

  async examine(mutant: Mutant): Promise<Outcome> {
    const started = performance.now();
    const source = this.#copy.read(mutant.file);
    const times: Record<string, number> = {};
    const end = (status: Outcome["status"], test = "", failure = ""): Outcome => {
      const seconds = Math.round((performance.now() - started) / 100) / 10;
      return { status, test, failure, passed: Object.keys(times).length, seconds, times };
    };
    try {
      const tests = this.testsOf(mutant);
      if (!this.#copy.place(mutant.file, apply(source, mutant))) return end("invalid");
      let spent = 0;
      for (const test of tests) {
        if (spent > this.#budget) break;
        const failure = await this.#run(test, times);
        if (failure === undefined) {
          spent += this.#times.get(test)!;
          continue;
        }
        const believed = this.#green.has(test) && !failure.startsWith("no end");
        if (believed) return end("killed", test, failure);
        this.#copy.restore();
        const without = await this.#run(test, {});
        if (without === undefined) return end("killed", test, failure);
        this.#leaveOut(test, without);
        this.#copy.place(mutant.file, apply(source, mutant));
      }
      return end("survived");
    } finally {
      this.#copy.restore();
    }
  }

  /** The machine may only have been busy: a test file that does not come to an end is tried again for another mutant. */
  #leaveOut(test: string, failure: string): void {
    console.error(`${test} fails without a mutant and is left out: ${failure}`);
    if (!failure.startsWith("no end") || this.#slow.has(test)) this.#broken.add(test);
    else this.#slowness *= 2;
    this.#slow.add(test);
  }

  /** Undefined where the test file passes, else what failed. */
  async #run(test: string, times: Record<string, number>): Promise<string | undefined> {
    const known = this.#times.get(test);
    const started = performance.now();
    const limit = known === undefined ? unknownLimit : 30 + 6 * known;
    const { passed, failure } = await this.#copy.run(test, Math.ceil(limit * this.#slowness));
    if (!passed) return failure;
    const seconds = Math.round((performance.now() - started) / 100) / 10;
    if (known !== undefined) this.#slowness = Math.max(1, (this.#slowness + seconds / (known + 3)) / 2);
    times[test] = seconds;
    this.#times.set(test, Math.min(seconds, known ?? Infinity));
    this.#green.add(test);
    return undefined;
  }
}
