/**
 * The layouts of others against what their own converters write for models of the real sizes: every key with its type,
 * every tensor with its shape and type (fixtures/reference/make_layouts.py ran them), and the bytes of whole files.
 */
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareModels } from "../../../../converters/compare.ts";
import { convert } from "../../../../converters/writers/convert.ts";
import { parseRule } from "../../../../converters/writers/formats.ts";
import type { LayoutFile } from "../../../../converters/writers/layouts/layout.ts";
import { layoutOf } from "../../../../converters/writers/layouts/index.ts";
import type { LayoutName } from "../../../../converters/writers/layouts/index.ts";
import type { OpenModel } from "../../../../converters/readers/open-model.ts";
import { byteLength } from "../../../../kernels/formats/table.ts";
import type { Format } from "../../../../kernels/formats/table.ts";
import { openCheckpoint } from "../../../../src/architectures/open.ts";
import { openGguf } from "../../../../src/checkpoints/gguf/index.ts";
import type { TypedValue } from "../../../../src/checkpoints/gguf/index.ts";
import { realNano, realParaformer, realSenseVoice } from "../../../helpers/builders/real-size.ts";

interface Listing {
  readonly keys: readonly (readonly [name: string, ...types: string[]])[];
  readonly count: number;
  readonly tensors: readonly (readonly [name: string, shape: readonly number[], type: string])[];
}

const fixtures = new URL("../../../../fixtures/", import.meta.url).pathname;
const upstream = JSON.parse(readFileSync(`${fixtures}reference/layouts.json`, "utf8")) as Readonly<
  Record<string, Listing>
>;

const models: Readonly<Record<string, () => OpenModel>> = {
  "fun-asr-nano": realNano,
  paraformer: realParaformer,
  sensevoice: realSenseVoice,
};

async function layOut(model: OpenModel, layout: LayoutName, type: Format): Promise<LayoutFile> {
  const [file] = await layoutOf(model, layout).files(model, "out.gguf", { type });
  return file!;
}

const keptBlocks = new Set([0, 1, 15, 48, 49, 50, 69]);
const isKept = (name: string): boolean =>
  keptBlocks.has(Number(/(?:blk|encoders0?|tp_encoders|decoders|blocks)\.(\d+)\./.exec(name)?.[1] ?? 0));

/** As gguf-py lists a key: types, and the value unless it is a long list. */
function asListed(name: string, { type, array, value }: TypedValue): unknown[] {
  const types = array ? ["ARRAY", type.toUpperCase()] : [type.toUpperCase()];
  const isLong = array && type === "string";
  return [name, ...types, isLong ? null : value];
}

/** What CrispASR's converter writes for SenseVoice since 0.8.45; the listing is of an older one. */
const newConstants: ReadonlySet<string> = new Set(["sensevoice.cmvn_shift", "sensevoice.cmvn_scale"]);

/** The format in which the official program reads a tensor, where its exporter writes another one. */
const asRead = (title: string, name: string): Format | undefined =>
  title.startsWith("official sensevoice") && name === "embed.weight" ? "F32" : undefined;

describe.each(Object.keys(upstream).filter((name) => name.includes(" ")))("%s", (title) => {
  const [layout, architecture, type] = title.split(" ") as [LayoutName, string, string];
  const listing = upstream[title]!;

  test("names, shapes and types", async () => {
    const { tensors } = await layOut(models[architecture]!(), layout, type.toUpperCase() as Format);
    const rows = tensors.map(({ entry, format }) => [entry.name, entry.shape.toReversed(), format]);
    const listed = rows.filter(([name]) => !newConstants.has(name as string));
    const kept = listed.filter(([name]) => isKept(name as string));
    expect(listed).toHaveLength(listing.count);
    const expected = listing.tensors.map(([name, shape, format]) => [
      name,
      shape,
      asRead(title, name) ?? format,
    ]);
    // CrispASR's order is its converter's, the official one is the checkpoint's.
    if (layout === "crispasr") expect(kept).toEqual(expected);
    else expect(sorted(kept)).toEqual(sorted(expected));
  });

  test("keys, in order", async () => {
    const { metadata } = await layOut(models[architecture]!(), layout, type.toUpperCase() as Format);
    const rows = [...metadata].map(([name, value]) => asListed(name, value));
    // the listing's converters were given a small vocabulary
    const same = (row: readonly unknown[]): boolean => !String(row[0]).endsWith(".vocab_size");
    expect(rows.filter(same)).toEqual(listing.keys.filter(same));
    expect(rows.map(([name]) => name)).toEqual(listing.keys.map(([name]) => name));
  });
});

function sorted(rows: readonly (readonly unknown[])[]): unknown[] {
  return rows.toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

describe("whole files have the specified size", () => {
  const constants = 2 * 4 * 560; // of the listed sizes, only those of SenseVoice are without them
  test.each([
    ["crispasr", "paraformer", "F16", 441_236_096],
    ["crispasr", "paraformer", "Q8_0", 237_297_536],
    ["crispasr", "paraformer", "Q4_K", 128_530_304],
    ["crispasr", "sensevoice", "F16", 468_984_576 + constants],
    ["crispasr", "sensevoice", "Q8_0", 251_257_056 + constants],
    ["crispasr", "sensevoice", "Q4_K", 135_135_712 + constants],
    ["official", "paraformer", "F32", 863_131_264],
    ["official", "paraformer", "F16", 434_947_712],
    ["official", "paraformer", "Q8_0", 236_763_392],
  ] as const)("%s %s %s", async (layout, architecture, type, bytes) => {
    const { tensors } = await layOut(models[architecture]!(), layout, type);
    const padded = (size: number): number => Math.ceil(size / 32) * 32;
    const sizes = tensors.map(({ entry: { shape }, format }) =>
      padded(
        byteLength(
          format,
          shape.reduce((product, size) => product * size, 1),
        ),
      ),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(bytes);
  });
});

test("a quantized file of CrispASR's states ggml's type numbers, and drops outer dimensions of 1", async () => {
  const { metadata, tensors } = await layOut(realParaformer(), "crispasr", "Q4_K");
  expect([...metadata].slice(-2)).toEqual([
    ["general.quantization_version", { type: "uint32", array: false, value: 2 }],
    ["general.file_type", { type: "uint32", array: false, value: 12 }],
  ]);
  const head = tensors.find(({ entry }) => entry.name === "paraformer.cif.out.w");
  expect(head).toMatchObject({ entry: { shape: [512] }, format: "F16" });
});

describe("converted and converted back", () => {
  let folder: string;
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "layouts-"))));
  afterAll(() => rm(folder, { recursive: true }));

  const there = (architecture: string, layout: LayoutName): string =>
    join(folder, `${architecture}-${layout}.gguf`);

  test.each([
    ["paraformer", "crispasr", []],
    ["paraformer", "official", []],
    ["sensevoice", "crispasr", []],
    // this layout has no place for the normalizing constants
    ["sensevoice", "official", ["cmvn.shift", "cmvn.scale"]],
  ] as const)("%s in %s is the model again", async (architecture, layout, lost) => {
    const source = `${fixtures}tiny/${architecture}`;
    const [ours, theirs, back] = ["ours.gguf", there(architecture, layout), "back.gguf"].map((name) =>
      name.includes("/") ? name : join(folder, `${architecture}-${layout}-${name}`),
    ) as [string, string, string];
    await convert(source, ours, { type: "F16" });
    const { notes } = await convert(ours, theirs, { layout, type: "F16" });
    expect(notes).toHaveLength(lost.length === 0 ? 0 : 1);
    await convert(theirs, back);
    await using a = await openCheckpoint(ours);
    await using b = await openCheckpoint(back);
    const { tensors, keys } = await compareModels(a, b);
    const isApart = ({ relativeL2, formats: [from, to] }: (typeof tensors)[number]): boolean =>
      relativeL2 !== 0 || (layout === "crispasr" && from !== to);
    const apart = tensors.filter(isApart);
    expect(apart.map(({ name }) => name)).toEqual(lost);
    const canonical = keys.filter(({ key }) => !key.includes(".source.") && !key.startsWith("general."));
    expect(canonical).toEqual([]);
    if (layout === "crispasr" && lost.length === 0) {
      await using first = await openGguf(ours);
      await using second = await openGguf(back);
      const contents = (file: typeof first) =>
        [...file.typedMetadata].filter(([key]) => !key.includes(".source."));
      expect(new Map(contents(second))).toEqual(new Map(contents(first)));
    }
  });

  test("the embedding that only training needs comes from model.pt", async () => {
    const path = join(folder, "from-pt.gguf");
    await convert(`${fixtures}tiny/paraformer`, path, { layout: "crispasr" });
    await using file = await openGguf(path);
    expect([...file.tensors.keys()].at(-1)).toBe("paraformer.dec.embed.w");
  });

  const formatsOf = async (path: string): Promise<ReadonlyMap<string, Format>> => {
    await using file = await openCheckpoint(path);
    return new Map([...file.tensors].map(([name, { format, shape }]) => [`${name} ${shape.length}`, format]));
  };
  /** Matrices by name, without those that the official programs read as F32. */
  const matrices = (formats: ReadonlyMap<string, Format>) =>
    [...formats].filter(
      ([name]) => name.endsWith(" 2") && !/fsmn_block|^predictor|^embed\.|^decoder\.embed/u.test(name),
    );

  test.each(
    (["paraformer", "sensevoice"] as const).flatMap((architecture) =>
      (["crispasr", "official"] as const).flatMap((layout) =>
        (["F32", "BF16", "F16", "Q8_0", "Q4_0"] as const).map(
          (type) => [architecture, layout, type] as const,
        ),
      ),
    ),
  )("%s in %s without a type keeps %s", async (architecture, layout, type) => {
    const [ours, theirs] = ["kept.gguf", `kept-${layout}.gguf`].map((name) =>
      join(folder, `${architecture}-${type}-${name}`),
    ) as [string, string];
    await convert(`${fixtures}tiny/${architecture}`, ours, { type });
    await convert(ours, theirs, { layout });
    const [before, after] = [await formatsOf(ours), await formatsOf(theirs)];
    expect(matrices(after).length).toBeGreaterThan(10);
    for (const [name, format] of matrices(after)) expect([name, format]).toEqual([name, before.get(name)]);
    await using a = await openCheckpoint(ours);
    await using b = await openCheckpoint(theirs);
    const { tensors } = await compareModels(b, a);
    const lost = layout === "official" && architecture === "sensevoice" ? ["cmvn.shift", "cmvn.scale"] : [];
    expect(tensors.filter(({ maxAbs }) => maxAbs !== 0).map(({ name }) => name)).toEqual(lost);
  });

  test("the queries of the official SenseVoice are F32, as its program reads them", async () => {
    for (const type of ["F16", "BF16", "Q8_0", undefined] as const) {
      const path = join(folder, `queries-${type}.gguf`);
      await convert(`${fixtures}tiny/sensevoice`, path, { layout: "official", type });
      await using file = await openGguf(path);
      expect(file.tensors.get("embed.weight")?.format).toBe("F32");
    }
  });

  test("rules by canonical names; rows that they do not allow get 16 bits", async () => {
    const path = join(folder, "ruled.gguf");
    const rules = [parseRule(String.raw`encoder\..*=q8_0`)];
    await convert(`${fixtures}tiny/paraformer`, path, { layout: "crispasr", type: "F32", rules });
    await using file = await openGguf(path);
    const formats = ["ffn.l1.w", "ffn.l1.b", "attn.qkv.w"].map(
      (name) => file.tensors.get(`paraformer.enc0.blk.0.${name}`)?.format,
    );
    expect(formats).toEqual(["Q8_0", "F32", "BF16"]);
    expect(file.tensors.get("paraformer.dec.output.w")?.format).toBe("F32");
  });
});
