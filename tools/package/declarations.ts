/**
 * The declarations of the package, after the compiler has written them: those that an entry point needs, with the few types
 * of TensorFlow.js that they use, so that they compile in any project, also where libraries are checked. Part of
 * `npm run build`.
 */
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const foreign = "@tensorflow/tfjs-core";
/** A default that the compiler writes out in types that it infers; the shim's Tensor has no parameter. */
const defaultRank = `<import("${foreign}").Rank>`;
const shim = "kernels/tensorflow-types.d.ts";
const rooms = ["src", "kernels", "converters"];
/** `using` is younger than the libraries that a project may have chosen. */
const reference = '/// <reference lib="esnext.disposable" />\n';

/** Changes the declarations below `dist`. Repeated calls change nothing. */
export function finishDeclarations(root: string): void {
  const dist = join(root, "dist");
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
  };
  const entries = Object.values(exports).flatMap((target) =>
    typeof target === "string" ? [] : [resolve(root, target.types)],
  );
  const kept = new Set<string>();
  for (const entry of entries) visit(entry, kept);
  for (const path of declarations(dist)) if (!kept.has(path)) rmSync(path);
  copyFileSync(join(root, shim), join(dist, shim));
  for (const path of kept) {
    const text = readFileSync(path, "utf8");
    const place = relative(dirname(path), join(dist, shim.replace(/\.d\.ts$/u, ".js"))).replaceAll("\\", "/");
    const shimmed = `"${place.startsWith(".") ? place : `./${place}`}"`;
    const local = text.replaceAll(defaultRank, "").replaceAll(`"${foreign}"`, shimmed);
    const head = entries.includes(path) && !local.startsWith(reference) ? reference : "";
    if (head + local !== text) writeFileSync(path, head + local);
  }
}

/** Adds the declarations that one needs. */
function visit(path: string, kept: Set<string>): void {
  if (kept.has(path)) return;
  kept.add(path);
  const text = readFileSync(path, "utf8");
  for (const [, name = ""] of text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/gu)) {
    const next = resolve(dirname(path), name.replace(/\.(?:ts|js)$/u, ".d.ts"));
    if (existsSync(next)) visit(next, kept);
  }
}

function declarations(dist: string): string[] {
  return rooms.flatMap((room) =>
    readdirSync(join(dist, room), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".d.ts"))
      .map((name) => join(dist, room, name)),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  finishDeclarations(resolve(import.meta.dirname, "../../.."));
}
