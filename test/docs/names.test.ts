/** What the two documents for developers name exists: files and folders, functions and types. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");
const files = execFileSync("git", ["ls-files"], { cwd: root, encoding: "utf8" }).trim().split("\n");
const folders = files.flatMap((path) =>
  path.split("/").map((_, depth, parts) => parts.slice(0, depth).join("/")),
);
const paths = new Set([...files, ...folders].map((path) => `/${path}`));

/** The words of all code. */
const words = new Set(
  files
    .filter((path) => /^(?:src|kernels|converters|test\/helpers)\/.*\.ts$/u.test(path))
    .flatMap((path) => readFileSync(join(root, path), "utf8").match(/\w+/gu) ?? []),
);

/** Documents name a file by its path from the root, or from a folder that the sentence is about. */
const isPath = (name: string): boolean => [...paths].some((path) => path.endsWith(`/${name}`));

describe.each(["ARCHITECTURE.md", "kernels/README.md"])("%s", (page) => {
  const text = readFileSync(join(root, page), "utf8").replaceAll(/^```[\s\S]*?^```/gmu, "");
  const names = [...text.matchAll(/`([^`\n]+)`/gu)].map(([, name]) => name!);

  it("names files and folders that exist", () => {
    const named = names.filter((name) => /^[\w./-]+(?:\/|\.(?:ts|md|json|mjs))$/u.test(name));
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !isPath(name.replace(/\/$/u, "")))).toEqual([]);
  });

  it("names functions and types that exist", () => {
    const named = names.filter((name) => /^(?:[A-Z]\w+\.)?[a-z]+[A-Z]\w*$|^[A-Z][a-z]+[A-Z]\w*$/u.test(name));
    expect(named.length).toBeGreaterThan(2);
    expect(named.filter((name) => !name.split(".").every((word) => words.has(word)))).toEqual([]);
  });
});
