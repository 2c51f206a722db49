/**
 * The registry as it is, with tiny files of the right shape in the place of the published ones: the same names, hubs,
 * repositories, commits and paths, and the sizes and hashes of the tiny files wherever the registry has one.
 */
import { createHash } from "node:crypto";
import { readFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { convert } from "../../../converters/writers/convert.ts";
import { writeGguf } from "../../../converters/writers/node.ts";
import type { RepositoryOptions } from "../fakes/hub/repositories.ts";
import { fixture } from "../environment/fixtures.ts";
import { transcribeCppNano } from "./namings-others.ts";
import { readModel } from "./namings.ts";
import type { Model } from "./namings.ts";

interface WrittenFile {
  readonly role: string;
  readonly from: readonly string[];
  readonly size?: number;
  readonly sha256?: string;
}

interface WrittenModel {
  readonly name: string;
  readonly original?: readonly WrittenFile[];
  readonly variants: readonly { readonly format: string; readonly files?: readonly WrittenFile[] }[];
  readonly samples?: readonly { readonly file: WrittenFile }[];
}

interface Written {
  readonly models: readonly WrittenModel[];
}

interface TinyRegistry {
  readonly registry: unknown;
  readonly repositories: Readonly<Record<string, RepositoryOptions>>;
}

/** `written` is models/registry.json. Entries that this version cannot use get files that nobody shall download. */
export async function tinyRegistry(written: Written): Promise<TinyRegistry> {
  const tiny = await tinyFiles();
  const repositories = new Map<string, { commit?: string; files: Record<string, Uint8Array> }>();
  const place = (model: WrittenModel, file: WrittenFile): WrittenFile => {
    const from = file.from.filter((text) => !text.startsWith("https://"));
    const path = pathOf(from[0] ?? "");
    const bytes = tiny(model.name, file.role, path);
    for (const text of from) {
      const [, id = "", commit] = /^((?:hf|ms):[^/]+\/[^@/]+)(?:@([0-9a-f]{40}))?\//u.exec(text) ?? [];
      const repository = repositories.get(id) ?? { files: {} };
      repository.files[pathOf(text)] = bytes;
      repositories.set(id, commit === undefined ? repository : { ...repository, commit });
    }
    const { size, sha256, ...rest } = file;
    return {
      ...rest,
      from,
      ...(size === undefined ? {} : { size: bytes.length }),
      ...(sha256 === undefined ? {} : { sha256: createHash("sha256").update(bytes).digest("hex") }),
    };
  };
  const models = written.models.map((model) => ({
    ...model,
    ...(model.original === undefined ? {} : { original: model.original.map((file) => place(model, file)) }),
    variants: model.variants.map(({ files, ...variant }) =>
      files === undefined ? variant : { ...variant, files: files.map((file) => place(model, file)) },
    ),
    samples: [],
  }));
  return { registry: { ...written, models }, repositories: Object.fromEntries(repositories) };
}

const pathOf = (text: string): string => text.replace(/^(?:hf|ms):[^/]+\/[^/]+\//u, "");

type TinyFiles = (model: string, role: string, path: string) => Uint8Array;

async function tinyFiles(): Promise<TinyFiles> {
  const folder = await mkdtemp(join(tmpdir(), "tiny-registry-"));
  try {
    const at = (name: string): string => join(folder, name);
    const nano = fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf");
    await convert(nano, at("nano.gguf"), { layout: "official", type: "F16" });
    await convert(fixture("tiny/sensevoice"), at("sensevoice.gguf"), { layout: "official", type: "F16" });
    await convert(fixture("tiny/paraformer"), at("paraformer.gguf"), { layout: "official", type: "Q8_0" });
    const model = await readModel(nano);
    await writeGguf(at("mlt.gguf"), transcribeCppNano(model));
    const files = new Map<string, Uint8Array>([["fun-asr-mlt-nano weights", safetensors(model, /^ctc/u)]]);
    const add = async (name: string, path: string): Promise<unknown> => files.set(name, await readFile(path));
    await add("fun-asr-nano-gguf encoder", at("nano.gguf"));
    await add("fun-asr-nano-gguf llm", at("nano-qwen3.gguf"));
    await add("fun-asr-mlt-nano model", at("mlt.gguf"));
    await add("sensevoice-small model", at("sensevoice.gguf"));
    await add("sensevoice-small cmvn", fixture("tiny/sensevoice/am.mvn"));
    await add("paraformer-zh model", at("paraformer.gguf"));
    await add("fsmn-vad model", fixture("tiny/fsmn-vad/fsmn-vad.gguf"));
    await add("fun-asr-nano weights", fixture("tiny/fun-asr-nano/model.pt"));
    for (const name of [
      "config.yaml",
      "multilingual.tiktoken",
      "Qwen3-tiny/config.json",
      "Qwen3-tiny/tokenizer.json",
    ])
      await add(name.replace("tiny/", "0.6B/"), fixture(`tiny/fun-asr-nano/${name}`));
    const config = new TextDecoder().decode(files.get("config.yaml"));
    files.set("config.yaml", new TextEncoder().encode(config.replaceAll("Qwen3-tiny", "Qwen3-0.6B")));
    const nothing = new TextEncoder().encode("nobody shall download this");
    return (model, role, path) => files.get(`${model} ${role}`) ?? files.get(path) ?? nothing;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The tensors whose names do not match, in float32. */
function safetensors({ tensors }: Model, left: RegExp): Uint8Array {
  const kept = [...tensors].filter(([name]) => !left.test(name));
  let at = 0;
  const header = kept.map(([name, { shape, values }]) => {
    const entry = { dtype: "F32", shape, data_offsets: [at, (at += values.byteLength)] };
    return [name, entry] as const;
  });
  const text = Buffer.from(JSON.stringify(Object.fromEntries(header)));
  const padded = Buffer.concat([text, Buffer.alloc(-text.length & 7, " ")]);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(padded.length));
  const data = kept.map(([, { values }]) => Buffer.from(values.buffer, values.byteOffset, values.byteLength));
  return Buffer.concat([length, padded, ...data]);
}
