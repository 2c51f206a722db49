/** `inspect --values`: values that are no numbers, by the tensor that holds them. Without it, no value is read. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openModel } from "../../src/containers/open-model.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const sound = fixture("tiny/sensevoice/sensevoice-bf16.gguf");
const name = "encoder.after_norm.weight";

/** The file with two values of one tensor replaced. */
async function broken(): Promise<string> {
  await using model = await openModel(sound);
  const entry = model.tensors.get(name)!;
  const values = new Uint8Array(entry.byteLength);
  await entry.read(values);
  const bytes = await readFile(sound);
  const at = bytes.indexOf(values);
  expect([entry.format, at > 0]).toEqual(["F32", true]);
  bytes.writeFloatLE(NaN, at);
  bytes.writeFloatLE(-Infinity, at + 8);
  const path = join(await temporaryFolder(), "broken.gguf");
  await writeFile(path, bytes);
  return path;
}

it("names the tensor, in text and JSON", async () => {
  const path = await broken();
  expect(await cli("inspect", path)).toMatchObject({ exitCode: 0 });
  const problem = `${name}: 2 of 32 values are NaN or infinite`;
  const text = await cli("inspect", "--values", path);
  expect(text.exitCode).toBe(3);
  expect(text.results.join("\n").split("\n")).toContain(problem);
  const json = await cli("inspect", "--values", "--json", path);
  expect(json.exitCode).toBe(3);
  expect((JSON.parse(json.results.join("\n")) as { problems: string[] }).problems).toEqual([problem]);
});

it("finds nothing in a sound model", async () => {
  const { exitCode, results } = await cli("inspect", "--values", sound);
  expect(exitCode).toBe(0);
  expect(results.join("\n")).toContain("complete: ");
});
