/** An ONNX model whose external data is missing or short is not taken for complete, whether or not it states the lengths. */
import { copyFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openModel } from "../../src/containers/open-model.ts";
import { bytes, external, modelProto, tensorProto } from "../helpers/builders/protobuf.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

const tiny = fixture("tiny/fsmn-vad");

/** FSMN-VAD's weights in `weights.bin`, in the order of the model but for the last, which comes first. */
async function externalVad(folder: string, statesLengths: boolean): Promise<void> {
  await using model = await openModel(join(tiny, "model.pt"));
  const weights = [...model.tensors.values()].filter(({ name }) => !name.startsWith("cmvn."));
  const initializers: Buffer[] = [];
  const data: Uint8Array[] = [];
  let offset = 0;
  for (const entry of [weights.at(-1)!, ...weights.slice(0, -1)]) {
    const { name, shape, byteLength } = entry;
    const values = new Uint8Array(byteLength);
    await entry.read(values);
    data.push(values);
    const places = [
      ["location", "weights.bin"],
      ["offset", String(offset)],
      ...(statesLengths ? [["length", String(byteLength)] as const] : []),
    ] as const;
    initializers.push(bytes(5, tensorProto({ name, dims: [...shape], extra: external(...places) })));
    offset += byteLength;
  }
  await writeFile(join(folder, "model.onnx"), modelProto(...initializers));
  await writeFile(join(folder, "weights.bin"), Buffer.concat(data));
  for (const name of ["am.mvn", "config.yaml"]) await copyFile(join(tiny, name), join(folder, name));
}

it.each([
  ["that states lengths", true],
  ["that states none", false],
])("a model %s", async (_, statesLengths) => {
  const folder = await temporaryFolder();
  await externalVad(folder, statesLengths);
  const data = join(folder, "weights.bin");
  expect(await cli("inspect", folder)).toMatchObject({ exitCode: 0 });

  const { size } = await stat(data);
  await truncate(data, size - 1);
  const short = await cli("inspect", folder);
  expect(short).toMatchObject({ exitCode: 3, results: [] });
  expect(short.notes.join("\n")).toContain(`bytes up to ${size} of "weights.bin"`);
  await rm(data);
  const missing = await cli("inspect", folder);
  expect(missing).toMatchObject({ exitCode: 3, results: [] });
  expect(missing.notes.join("\n")).toContain('"weights.bin" cannot be opened');
});
