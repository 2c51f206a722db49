/** What mutants there are of a source, and which tests concern it. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { apply, mutantsOf, shuffled } from "../../../tools/mutate/mutants.ts";
import { Relation, sourcesIn } from "../../../tools/mutate/related.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

const changes = (source: string): string[] =>
  mutantsOf("a.ts", source).map(({ before, after }) => `${before} to ${after || "nothing"}`);

it("changes operators, literals, codes and calls, and removes awaits and checks", () => {
  expect(changes("a < b;")).toEqual(["< to <=", "< to >="]);
  expect(changes("a * 3;")).toEqual(["* to /", "3 to 4", "3 to 2"]);
  expect(changes("a === b && !c;")).toEqual(["&& to ||", "=== to !==", "! to nothing"]);
  expect(changes('throw fault("not_gguf", "not a file");')).toEqual(['"not_gguf" to "other"']);
  expect(changes("Math.min(a, b);")).toEqual(["min to max"]);
  expect(changes("a.toString();")).toEqual([]); // a method of every object is no entry of the table
  expect(changes("async () => { await a(); };")).toEqual(["await  to nothing"]);
  expect(changes("() => { if (a) return b; };")).toEqual(["if (a) return b; to ;"]);
});

it("leaves types, comments, imports, messages and joined texts as they are", () => {
  const source = `import { a } from "./some_name.ts"; // 1 < 2
    type T = 1 | 2; interface I { readonly x: 3 }
    const text: 4 | string = "1 < 2" + a + \`of \${a}\`;`;
  expect(changes(source)).toEqual([]);
});

it("knows the checks that throw", () => {
  const source = `function f(a: number) {
    if (a > 1) throw new Error(String(a - 2));
    if (a < 3) return a;
    throw new Error();
  }
  const b = 4;`;
  const guards = mutantsOf("a.ts", source).filter(({ guard }) => guard);
  const found = guards.map(({ before }) => before.slice(0, 10));
  expect(found).toEqual(["if (a > 1)", ">", ">", "1", "1", "<", "<", "3", "3"]);
});

it("knows the checks that call what never returns", () => {
  const source = `const refuse = (why: string): never => { throw new Error(why); };
  class C {
    #fail(): never { throw new Error(); }
    f(a: number) {
      if (a > 1) refuse("large");
      if (a < 3) { this.#fail(); }
      return a === 5 ? a : this.#fail();
    }
    other = (a: number) => (a >= 4 ? other.refuse() : this.other(a));
  }`;
  const guards = mutantsOf("a.ts", source).filter(({ guard }) => guard);
  expect(new Set(guards.map(({ before }) => before.slice(0, 10)))).toEqual(
    new Set(["if (a > 1)", ">", "1", "if (a < 3)", "<", "3", "===", "5"]),
  );
});

it("replaces one token, and chooses one mutant of each by the seed", () => {
  const source = "const a = b < 10 ? c : d + 1;";
  const mutants = mutantsOf("a.ts", source);
  const chosen = shuffled(mutants, "1");
  expect(chosen).toHaveLength(4);
  expect(shuffled(mutants.toReversed(), "1")).toEqual(chosen);
  expect(
    new Set(["1", "2", "3", "4", "5", "6"].map((seed) => shuffled(mutants, seed)[0]!.after)).size,
  ).toBeGreaterThan(1);
  const boundary = mutants.find(({ after }) => after === "<=")!;
  expect(apply(source, boundary)).toBe("const a = b <= 10 ? c : d + 1;");
});

it("finds tests by what they refer to, the mirrored one first", async () => {
  const root = await temporaryFolder();
  const files = {
    "src/read/a.ts": "",
    "src/main.ts": 'const a = () => import("./read/a.ts");',
    "test/read/a.test.ts": 'import "../../src/read/a.ts";',
    "test/other.test.ts": 'import "../src/main.ts";',
    "test/whole.test.ts": 'const program = "../dist/src/main.js"; // aRareWord',
    "test/none.test.ts": "",
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  const relation = new Relation(root, sourcesIn(root, ["src", "test"]));
  const order = (around: string): string[] =>
    [...relation.testsOf("src/read/a.ts", around)].toSorted(([, a], [, b]) => a - b).map(([test]) => test);
  expect(order("")).toEqual(["test/read/a.test.ts", "test/other.test.ts", "test/whole.test.ts"]);
  expect(order("aRareWord")).toEqual(["test/read/a.test.ts", "test/whole.test.ts", "test/other.test.ts"]);
});
