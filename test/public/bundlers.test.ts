/**
 * An application that uses the package, bundled by each bundler as docs/bundlers.md says, does what it does unbundled:
 * alone in a folder, without `node_modules`. The bundlers are fetched from npm's registry.
 */
import { execFileSync, spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fixture } from "../helpers/environment/fixtures.ts";
import { packed } from "../helpers/environment/packed.ts";

const root = resolve(import.meta.dirname, "../..");
const versions = [
  "esbuild@0.28.2",
  "rollup@4.68.8",
  "@rollup/plugin-commonjs@29.0.3",
  "@rollup/plugin-json@6.1.0",
  "@rollup/plugin-node-resolve@16.0.3",
  "webpack@5.113.0",
];
const work = mkdtempSync(join(tmpdir(), "fun-asr-bundlers-"));
const project = join(work, "project");
/** Why the bundlers are not here, if they are not. */
let missing: string | undefined;
/** What the application prints unbundled. */
let expected: unknown;

/** Recognizes here and in a worker; decodes what other packages decode; says which threads started, or failed. */
const app = `
import { subscribe } from "node:diagnostics_channel";
import { detectSpeech, Hotwords, load, loadInWorker } from "fun-asr";

const threads = [];
subscribe("worker_threads", ({ worker }) => {
  worker.on("online", () => threads.push("online"));
  worker.on("error", (error) => threads.push(String(error)));
});

async function main([demo, clip, flac, python]) {
  const options = { threads: 2, backend: "wasm" };
  const model = await load(demo, options);
  const texts = [await model.transcribe(clip), await model.transcribe(flac)].map(({ text }) => text);
  while (threads.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const own = [...threads];
  const worker = await loadInWorker(demo, options);
  texts.push((await worker.transcribe(clip)).text);
  await worker.dispose();
  const { info } = await load(python, { backend: "cpu" });
  const words = new Hotwords(["天气"]).match("天汽");
  console.log(JSON.stringify({ texts, own, architecture: info.architecture, words, spans: await detectSpeech(clip) }));
  process.exit(0);
}
void main(process.argv.slice(2));
`;

const inputs = [
  "../models/demo/fun-asr-demo-q8_0.gguf",
  "audio/demo/zh-weather.wav",
  "demo-model/test/test-00011.flac",
  "tiny/fun-asr-nano/model.pt",
].map((name) => fixture(name));

function run(folder: string): unknown {
  const argv = ["app.js", ...inputs];
  const { stdout, stderr } = spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8" });
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

/** Runs what is in `out`, in a folder of its own. */
function runAlone(type: "module" | "commonjs"): unknown {
  const folder = mkdtempSync(join(work, "alone-"));
  cpSync(join(project, "out"), folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type }));
  return run(folder);
}

/** The configuration that the page gives for a bundler: the block that imports a package of it. */
function configuration(bundler: string): string {
  const page = readFileSync(join(root, "docs/bundlers.md"), "utf8");
  const blocks = [...page.matchAll(/```ts\n(.*?)```/gsu)].map(([, text]) => text!);
  const found = blocks.filter((text) => text.includes(`from "${bundler}"`));
  expect(found).toHaveLength(1);
  return found[0]!;
}

/** Runs a program in the project. */
function node(program: string, text?: string, argv: readonly string[] = []): void {
  rmSync(join(project, "out"), { recursive: true, force: true });
  if (text !== undefined) writeFileSync(join(project, program), text);
  execFileSync(process.execPath, [program, ...argv], { cwd: project, stdio: ["ignore", "pipe", "pipe"] });
}

/** The package as it is installed, with its dependencies beside it, and the bundlers. */
beforeAll(async () => {
  const modules = join(project, "node_modules");
  mkdirSync(modules, { recursive: true });
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "project", type: "module" }));
  writeFileSync(join(project, "app.js"), app);
  const argv = ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"];
  const { status, stderr } = spawnSync("npm", [...argv, ...versions], { cwd: project, encoding: "utf8" });
  if (status !== 0) missing = `the bundlers cannot be fetched: ${stderr.split("\n")[0]}`;
  for (const name of readdirSync(join(root, "node_modules"))) {
    if (!name.startsWith(".") && !readdirSync(modules).includes(name))
      symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  const { folder } = await packed();
  cpSync(folder, join(modules, "fun-asr"), { recursive: true });
  expected = run(project);
}, 300_000);
afterAll(() => rmSync(work, { recursive: true, force: true }));

it("runs unbundled", () => {
  const text = "天气预报说今天会有大雨。";
  expect(expected).toMatchObject({
    texts: [text, expect.stringMatching(/./u), text],
    own: ["online"],
    architecture: "fun-asr-nano",
    words: ["天气"],
    spans: [expect.anything()],
  });
});

it("is bundled by esbuild as an ES module", { timeout: 300_000 }, ({ skip }) => {
  skip(missing !== undefined, missing);
  node("esbuild.js", configuration("esbuild"));
  expect(runAlone("module")).toEqual(expected);
});

it("is bundled by esbuild in CommonJS, minified", { timeout: 300_000 }, ({ skip }) => {
  skip(missing !== undefined, missing);
  const text = configuration("esbuild").replace(/^ {2}banner: .*\n/mu, "  minify: true,\n");
  node("esbuild.js", text.replace('"esm"', '"cjs"'));
  expect(runAlone("commonjs")).toEqual(expected);
});

it("is bundled by Rollup", { timeout: 300_000 }, ({ skip }) => {
  skip(missing !== undefined, missing);
  writeFileSync(join(project, "rollup.config.js"), configuration("@rollup/plugin-commonjs"));
  node("node_modules/rollup/dist/bin/rollup", undefined, ["-c", "--silent"]);
  expect(runAlone("module")).toEqual(expected);
});

it("is bundled by webpack without configuration", { timeout: 300_000 }, ({ skip }) => {
  skip(missing !== undefined, missing);
  const text = `
    import webpack from "webpack";
    const options = { target: "node", mode: "none", entry: "./app.js" };
    webpack({ ...options, output: { path: import.meta.dirname + "/out", filename: "app.js" } }, (error, stats) => {
      if (error ?? stats.hasErrors()) throw error ?? new Error(stats.toString());
    });`;
  node("webpack.js", text);
  expect(runAlone("commonjs")).toEqual(expected);
});

it("is bundled by Vite for a server without configuration", { timeout: 300_000 }, () => {
  node("node_modules/vite/bin/vite.js", undefined, ["build", "--ssr", "app.js", "--outDir", "server"]);
  expect(run(join(project, "server"))).toEqual(expected);
});

it("is bundled by Vite with all packages", { timeout: 300_000 }, () => {
  writeFileSync(join(project, "vite.config.js"), configuration("vite"));
  node("node_modules/vite/bin/vite.js", undefined, ["build"]);
  expect(runAlone("module")).toEqual(expected);
});
