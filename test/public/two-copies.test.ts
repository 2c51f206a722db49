/** Programs that import TensorFlow.js themselves: it and the copy inside the package share engine, backends and tensors. */
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { describeOn } from "../helpers/environment/backends.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

const library = pathToFileURL(fixture("../dist/src/node.js")).href;
const [model, clip] = [
  fixture("../models/demo/fun-asr-demo-q8_0.gguf"),
  fixture("audio/demo/zh-weather.wav"),
];

/** Doubles and halves what the adaptor computes with the program's own copy, and prints the text. */
const program = (backend: string): string => `
  const transcriber = await load(${JSON.stringify(model)}, { backend: "${backend}", threads: 1 });
  const classes = new Set();
  const hook = {
    wants: (path) => path.includes("adaptor"),
    onTensor: (path, value) => {
      classes.add(value instanceof tf.Tensor);
      return tf.tidy(() => tf.mul(tf.mul(value, 2), 0.5));
    },
  };
  const { transcription } = await transcriber.run(${JSON.stringify(clip)}, { hook });
  console.log(transcription.text, ...classes, tf.memory().numTensors > 0);
  process.exit(0);
`;
const ours = `const { load } = await import(${JSON.stringify(library)});`;
const theirs = 'const tf = (await import("@tensorflow/tfjs-core")).default;';

it.each([
  ["after the library", "cpu", ours + theirs],
  ["before the library", "cpu", theirs + ours],
  ["after the library", "wasm", ours + theirs],
])("may be imported %s: tensors on %s belong to both, and neither prints anything", (_, backend, imports) => {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", imports + program(backend)],
    { encoding: "utf8", cwd: fixture("..") },
  );
  expect(stderr).toBe("");
  expect(stdout).toBe("天气预报说今天会有大雨。 true true\n");
});

/**
 * The same with the native package, which brings TensorFlow.js's own copy: what a run has made is freed, the engine is one,
 * and the program's tensors of that copy are taken in hooks.
 */
const nativeProgram = (backend: string): string => `
  const transcriber = await load(${JSON.stringify(model)}, { backend: "${backend}" });
  const { createRequire } = await import("node:module");
  const native = Object.keys(createRequire(import.meta.url).cache).find((path) => path.includes("tfjs-node"));
  const tf = createRequire(native)("@tensorflow/tfjs-core");
  const seen = new Set();
  const hook = {
    wants: (path) => path.includes("adaptor"),
    onTensor: (path, value) => {
      seen.add(value instanceof tf.Tensor);
      return tf.tidy(() => tf.mul(tf.mul(value, 2), 0.5));
    },
  };
  await transcriber.run(${JSON.stringify(clip)}, { hook });
  const before = tf.memory().numTensors;
  const { transcription } = await transcriber.run(${JSON.stringify(clip)}, { hook });
  const kept = tf.memory().numTensors - before;
  console.log(transcription.text, ...seen, before > 0, kept);
  transcriber.dispose();
  process.exit(0);
`;

/** Lines that TensorFlow's own library in C++ writes when it starts. */
const ofTheNativeLibrary =
  /^(?:WARNING: All log messages before absl|I0000 |\S+ \S+ I ).*\n|^To enable the following instructions.*\n/gmu;

describeOn("tensorflow", "beside the copy of the native package", () => {
  it.each(["tensorflow", "hybrid"])("the built library works on %s, and prints nothing", (backend) => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ["--input-type=module", "-e", ours + nativeProgram(backend)],
      { encoding: "utf8", cwd: fixture("..") },
    );
    expect(stderr.replaceAll(ofTheNativeLibrary, "")).toBe("");
    expect(stdout).toBe("天气预报说今天会有大雨。 true true 0\n");
  });
});
