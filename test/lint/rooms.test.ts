/**
 * Arrows between rooms run one way: a file imports from its own room and from rooms below it (ARCHITECTURE.md), types and
 * lazy imports included. The list below is the order, from the bottom to the top; rooms of one line do not know each other.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

const floors: readonly (readonly string[])[] = [
  ["src/errors.ts", "src/warnings.ts", "src/version.ts", "src/edit-distance.ts"],
  ["kernels/formats", "src/platform", "src/options", "src/registry"],
  ["src/hub"],
  ["src/installed"],
  ["kernels/shape.ts", "kernels/weight-store.ts", "kernels/tensorflow-js.ts", "kernels/tensorflow-js-cpu.ts"],
  ["kernels/kernel.ts", "kernels/backend.ts"],
  ["kernels/runtime/angles.ts"],
  ["kernels/runtime"],
  ["kernels/ops"],
  ["kernels/backends"],
  ["src/configs"],
  ["src/checkpoints", "src/decoding", "src/audio"],
  ["src/text"],
  ["src/nn"],
  ["src/frontend", "src/engine", "src/models", "src/activations", "src/adapters"],
  ["converters/readers", "src/recognizers"],
  ["src/architectures"],
  ["src/containers", "src/longform"],
  ["src/vad", "src/punctuation", "converters/writers"],
  ["src/live"],
  ["src/transcriber"],
  ["src/worker", "src/diff", "src/pull"],
  ["src/index.ts", "src/report", "src/doctor", "src/verify"],
  ["src/node.ts", "src/fun-asr-worker.ts", "src/lab.ts"],
  ["converters", "src/setup", "src/compat", "src/punctuate.ts", "src/server"],
  ["src/cli"],
];

/** The floor of a path: of the longest entry of the list that it begins with. */
function floorOf(path: string): { readonly floor: number; readonly room: string } {
  const rooms = floors.flatMap((names, floor) => names.map((room) => ({ floor, room })));
  const own = rooms
    .filter(({ room }) => path === room || path.startsWith(`${room}/`))
    .toSorted((a, b) => b.room.length - a.room.length)[0];
  if (own === undefined) throw new Error(`${path} is in no room of the list`);
  return own;
}

function isAllowed(from: string, to: string): boolean {
  const [above, below] = [floorOf(from), floorOf(to)];
  return above.room === below.room || above.floor > below.floor;
}

const files = execFileSync("git", ["ls-files", "src", "kernels", "converters"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path.endsWith(".ts") && !path.includes("/assembly/") && !path.endsWith(".d.ts"));

const imports = files.flatMap((path) =>
  [...readFileSync(join(root, path), "utf8").matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/gu)]
    .map(([, target]) => normalize(join(dirname(path), target!)))
    .filter((target) => target.endsWith(".ts") && !target.includes("/assembly/"))
    .map((target) => [path, target] as const),
);

describe("imports between rooms", () => {
  it("point to the same room or downwards", () => {
    expect(imports.length).toBeGreaterThan(1000);
    expect(imports.filter(([from, to]) => !isAllowed(from, to))).toEqual([]);
  });

  it("are refused upwards and sideways", () => {
    expect(isAllowed("src/nn/ops.ts", "src/models/qwen3.ts")).toBe(false);
    expect(isAllowed("src/audio/wav.ts", "src/checkpoints/checkpoint.ts")).toBe(false);
    expect(isAllowed("src/models/qwen3.ts", "src/nn/ops.ts")).toBe(true);
  });
});
