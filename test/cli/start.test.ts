/** What the command line loads: neither models nor kernels before a command needs them. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";

const root = resolve(import.meta.dirname, "../..");

/** The files that are loaded with a file: its imports of values, and theirs. `import()` is not one. */
function loadedWith(path: string, seen = new Set<string>()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  const text = readFileSync(path, "utf8");
  for (const [, target = ""] of text.matchAll(
    /^(?:import|export)(?! type\b)(?: [^;"]*?\bfrom)? "([^"]+)";$/gmu,
  )) {
    if (target.startsWith(".")) loadedWith(join(dirname(path), target), seen);
    else seen.add(target);
  }
  return seen;
}

it("is little for --version and --help", () => {
  const text = readFileSync(join(root, "src/cli/main.ts"), "utf8");
  const parts = [...text.matchAll(/import\("\.\/([\w-]+\.ts)"\)/gu)].map(([, name]) => name!);
  const loaded = [...new Set(parts.flatMap((name) => [...loadedWith(join(root, "src/cli", name))]))];
  const own = loaded.filter((path) => existsSync(path)).map((path) => relative(root, path));
  expect(own).toContain("src/cli/program.ts");
  expect(
    own.filter(
      (path) =>
        !/^src\/(?:cli|options|errors|version|edit-distance|text\/columns|platform\/(?:bytes|lfs-pointer)|adapters\/node\/(?:output|open-file))/u.test(
          path,
        ),
    ),
  ).toEqual([]);
  expect(own.length).toBeLessThan(25);
  expect(loaded.filter((name) => !existsSync(name) && !name.startsWith("node:"))).toEqual([]);
});

it("is one module for a command", async () => {
  const text = readFileSync(join(root, "src/cli/commands.ts"), "utf8");
  expect([...text.matchAll(/^import (?!type)/gmu)]).toEqual([]);
  const names = [...text.matchAll(/import\("\.\/([\w-]+)\.ts"\)/gu)].map(([, name]) => name);
  expect(names).toHaveLength(commands.length);
  for (const { load } of commands)
    expect(await load()).toMatchObject({ flags: expect.any(Object), run: expect.any(Function) });
});
