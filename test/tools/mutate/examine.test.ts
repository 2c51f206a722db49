/** Mutants of a small project: killed by its tests, by the time limit, or not at all. */
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Copy } from "../../../tools/mutate/copy.ts";
import { Examiner } from "../../../tools/mutate/examine.ts";
import { mutantsOf } from "../../../tools/mutate/mutants.ts";
import { fixture } from "../../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

const source = "export const isSmall = (n: number): boolean => n < 3;\n";
const tests = `import { expect, it } from "vitest";
import { isSmall } from "../src/small.ts";
it("is small", () => { expect(isSmall(1)).toBe(true); expect(isSmall(9)).toBe(false); });
`;

const compilerOptions = { module: "nodenext", target: "es2023", rootDir: ".", outDir: "dist", types: [] };
const compiled = `import { expect, it } from "vitest";
import { isLarge } from "../dist/src/large.js";
it("is large", () => { expect([isLarge(3), isLarge(2)]).toEqual([true, false]); });
`;

/** A project with one source file, and no tests yet. */
async function smallProject(): Promise<string> {
  const project = await temporaryFolder();
  for (const folder of ["src", "test"]) await mkdir(join(project, folder));
  await symlink(fixture("../node_modules"), join(project, "node_modules"));
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
  await writeFile(join(project, "vitest.config.ts"), "export default {};");
  await writeFile(join(project, "src/small.ts"), source);
  return project;
}

it("reaches what is compiled, and builds that anew", async () => {
  const project = await temporaryFolder();
  for (const folder of ["src", "test", "dist/src"]) await mkdir(join(project, folder), { recursive: true });
  await symlink(fixture("../node_modules"), join(project, "node_modules"));
  await writeFile(join(project, "package.json"), '{ "type": "module" }');
  await writeFile(join(project, "vitest.config.ts"), "export default {};");
  await writeFile(
    join(project, "tsconfig.build.json"),
    JSON.stringify({ compilerOptions, include: ["src"] }),
  );
  await writeFile(join(project, "src/large.ts"), "export const isLarge = (n: number): boolean => n > 2;\n");
  await writeFile(join(project, "dist/src/large.js"), "export { isLarge } from './joined.js';\n");
  await writeFile(join(project, "test/large.test.ts"), compiled);

  await using copy = new Copy(project);
  const examiner = new Examiner(copy, 60);
  const [mutant] = mutantsOf("src/large.ts", copy.read("src/large.ts"));
  expect(await examiner.examine(mutant!)).toMatchObject({ status: "killed", test: "test/large.test.ts" });
});

it("kills what a test notices, and keeps the project as it is", async () => {
  const project = await smallProject();
  await writeFile(join(project, "test/small.test.ts"), tests);
  await writeFile(join(project, "test/endless.test.ts"), "for (;;);");
  await writeFile(join(project, "test/broken.test.ts"), tests.replace("toBe(true)", "toBe(false)"));

  await using copy = new Copy(project);
  const examiner = new Examiner(copy, 60);
  const outcomes: Record<string, string> = {};
  for (const mutant of mutantsOf("src/small.ts", source)) {
    const { status, passed, test } = await examiner.examine(mutant);
    outcomes[`${mutant.before} ${mutant.after}`] = `${status} ${passed} ${test}`.trim();
  }
  expect(outcomes).toEqual({
    "< <=": "survived 1",
    "< >=": "killed 0 test/small.test.ts",
    "3 4": "survived 1",
    "3 2": "survived 1",
  });
  expect(await readFile(join(project, "src/small.ts"), "utf8")).toBe(source);
  expect(await readFile(join(copy.root, "src/small.ts"), "utf8")).toBe(source);
  expect((await copy.run("test/endless.test.ts", 1)).failure).toBe("no end in 1 s");
  expect(await copy.run("test/small.test.ts", 60)).toEqual({ passed: true, failure: "" });
});

it("counts the usual times of passing tests, whatever they take on a busy machine", async () => {
  const project = await smallProject();
  const slow = `import "../src/small.ts";
import { it } from "vitest";
it("waits", () => new Promise((fulfil) => setTimeout(fulfil, 300)));
`;
  const names = ["a", "b", "c"].map((name) => `test/${name}.test.ts`);
  for (const name of names) await writeFile(join(project, name), slow);

  await using copy = new Copy(project);
  const examiner = new Examiner(copy, 0.15, new Map(names.map((name) => [name, 0.1])));
  const [mutant] = mutantsOf("src/small.ts", source);
  expect(await examiner.examine(mutant!)).toMatchObject({ status: "survived", passed: 2 });
});
