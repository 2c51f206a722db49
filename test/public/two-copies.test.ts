/** Programs that import TensorFlow.js themselves: it and the copy inside the package share engine, backends and tensors. */
import { spawnSync } from "node:child_process";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
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
