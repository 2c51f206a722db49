/**
 * Every note (`metadata_props`) of the ONNX exports that have some, changed: the model is refused when it is opened, or its
 * keys and tensors show the change, or the note is listed with the reason why nothing is computed from it.
 */
import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readOnnx } from "../../converters/readers/onnx/model.ts";
import { checkTensors } from "../../src/architectures/build.ts";
import { openFiles, openModel } from "../../src/containers/open-paths.ts";
import { FunAsrError } from "../../src/errors.ts";
import { openBytes } from "../../src/platform/bytes.ts";
import { isListed } from "../helpers/builders/changed-keys.ts";
import type { Listed } from "../helpers/builders/changed-keys.ts";
import { bytes } from "../helpers/builders/protobuf.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";
import "../../src/node.ts";

const unused: Listed = [
  [/^(?:version|model_author|maintainer|comment|url|onnx\.infer)$/u, "where it comes from"],
  [/^(?:max_total_len|io_dtype|quantization_type)$/u, "how the graph is run"],
];

/** Of single files. */
const unusedIn: Readonly<Record<string, Listed>> = {
  "encoder_adaptor.onnx": [
    [/^(?:encoder_output_size|llm_dim)$/u, "the published sizes, whatever the model has"],
    [/^model_type$/u, "the names of the weights show it"],
  ],
  "embedding.onnx": [[/^model_type$/u, "its file's name shows it"]],
  "sherpa-onnx-nano-ctc/model.onnx": [[/^model_type$/u, "the names of the weights show it"]],
};

const nano = "dialects/sherpa-onnx-nano";
const files: readonly (readonly [folder: string, file: string])[] = [
  ["dialects/sherpa-onnx-paraformer", "model.int8.onnx"],
  ["dialects/sherpa-onnx-sensevoice", "model.onnx"],
  [nano, "encoder_adaptor.onnx"],
  [nano, "llm.onnx"],
  [nano, "embedding.onnx"],
  ["dialects/sherpa-onnx-nano-ctc", "model.onnx"],
];

const changesOf = (text: string): readonly string[] =>
  /^\d+$/u.test(text) ? [String(Number(text) + 1), ""] : [text.replace(/^[^,]*,?/u, "")];

/** All that is opened, as text; the error where it is refused. */
async function opened(folder: string, file: string): Promise<string | FunAsrError> {
  try {
    const isBranch = folder.endsWith("nano-ctc");
    const parts = [
      ...["encoder_adaptor.onnx", "llm.onnx"].map((name) => ({ path: fixture(`${nano}/${name}`) })),
      ...[file, "tokens.txt"].map((name) => ({ path: join(folder, name) })),
    ];
    await using model = isBranch ? await openFiles(parts) : await openModel([folder]);
    checkTensors(model);
    const small: string[] = [];
    for (const name of ["cmvn.shift", "cmvn.scale"]) {
      const entry = model.tensors.get(name);
      const target = new Uint8Array(entry?.byteLength ?? 0);
      await entry?.read(target);
      small.push(target.join());
    }
    return JSON.stringify([[...model.metadata], small]);
  } catch (error) {
    if (error instanceof FunAsrError) return error;
    throw error;
  }
}

it.each(files)(
  "%s, %s",
  async (source, file) => {
    const folder = join(await temporaryFolder(), source.replace(/^.*\//u, ""));
    await cp(fixture(source), folder, { recursive: true }); // external data may be no link
    const whole = await readFile(fixture(`${source}/${file}`));
    const { metadata } = await readOnnx(openBytes(whole, file));
    const note = (key: string, value: string): Buffer => bytes(14, bytes(1, key), bytes(2, value));
    /** With another value of a note. */
    const open = async (key = "", value = ""): Promise<string | FunAsrError> => {
      const old = key === "" ? Buffer.alloc(0) : note(key, metadata.get(key)!);
      const at = whole.indexOf(old);
      expect(at).toBeGreaterThanOrEqual(0);
      const changed = key === "" ? old : note(key, value);
      await writeFile(
        join(folder, file),
        Buffer.concat([whole.subarray(0, at), changed, whole.subarray(at + old.length)]),
      );
      return opened(folder, file);
    };
    const sound = await open();
    if (sound instanceof FunAsrError) throw sound;
    const lists = [
      ...unused,
      ...Object.entries(unusedIn).flatMap(([name, list]) => (`${source}/${file}`.endsWith(name) ? list : [])),
    ];
    const unlisted: string[] = [];
    let refused = 0;
    for (const [key, text] of metadata) {
      for (const change of changesOf(text)) {
        const found = await open(key, change);
        if (found instanceof FunAsrError) refused++;
        else if (found === sound && !isListed(lists, key))
          unlisted.push(`${key} = ${JSON.stringify(change.slice(0, 40))}: the same`);
      }
    }
    expect(unlisted).toEqual([]);
    expect(refused).toBeGreaterThan(0);
  },
  300_000,
);

it("half of a normalization is refused", async () => {
  const folder = await temporaryFolder();
  const whole = await readFile(fixture("dialects/sherpa-onnx-sensevoice/model.onnx"));
  await symlink(fixture("dialects/sherpa-onnx-sensevoice/tokens.txt"), join(folder, "tokens.txt"));
  for (const [from, to] of [
    ["neg_mean", "neg_meax"],
    ["inv_stddev", "inv_stddex"],
  ] as const) {
    const at = whole.indexOf(from);
    const broken = Buffer.concat([whole.subarray(0, at), Buffer.from(to), whole.subarray(at + to.length)]);
    await writeFile(join(folder, "model.onnx"), broken);
    await expect(openModel([folder])).rejects.toMatchObject({ code: "checkpoint_malformed" });
  }
});
