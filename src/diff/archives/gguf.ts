/**
 * The stage archives of CrispASR's diff tool (tools/dump_reference.py, examples/cli/crispasr_diff.cpp): a GGUF file of
 * architecture `crispasr.reference`, float32 tensors with NumPy's axes reversed as GGUF has them, text under
 * `crispasr.ref.*`. crispasr-names.ts translates its stage names. Rows are feature vectors, as in our archives.
 */
import { unpackRow } from "../../../kernels/formats/index.ts";
import { encodeHead, openGguf, string } from "../../checkpoints/gguf/index.ts";
import type { TensorDeclaration, TypedMetadata } from "../../checkpoints/gguf/index.ts";
import { limits } from "../../checkpoints/gguf/limits.ts";
import { elementsOf, malformed, stageIn, tooMuch } from "./archive.ts";
import type { ArchiveMetadata, Sink, StageReader } from "./archive.ts";
import { fromCrispasr, toCrispasr } from "./crispasr-names.ts";
import { HeadedFile } from "./headed-file.ts";

const architecture = "crispasr.reference";
const architectureKey = "general.architecture";
const prefix = "crispasr.ref.";

export async function openGgufArchive(path: string): Promise<StageReader> {
  const file = await openGguf(path);
  try {
    const found = file.metadata.get(architectureKey);
    if (found !== architecture)
      throw malformed(file.source, `a GGUF file of architecture ${String(found)}`, architecture);
    const metadata = new Map(
      [...file.metadata]
        .filter(([key, value]) => key.startsWith(prefix) && !Array.isArray(value))
        .map(([key, value]) => [key.slice(prefix.length), String(value)] as const),
    );
    const rename = fromCrispasr({
      backend: metadata.get("backend"),
      architecture: metadata.get("architecture"),
    });
    const stages = new Map([...file.tensors].map(([name, tensor]) => [rename(name), tensor]));
    return {
      source: file.source,
      format: "gguf",
      metadata,
      stages: new Map([...stages].map(([name, { shape }]) => [name, shape])),
      async read(name, signal) {
        const { shape, format, byteLength, read } = stageIn(stages, file.source, name);
        const bytes = new Uint8Array(byteLength);
        await read(bytes, signal);
        const values = new Float32Array(elementsOf(shape));
        unpackRow(format, bytes, 0, values, values.length);
        return { shape, values };
      },
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    };
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

/** `names`: whether the stages get our names or CrispASR's. CrispASR's tool finds only those under its own names. */
export async function ggufSink(path: string, names: "ours" | "crispasr"): Promise<Sink> {
  const file = await HeadedFile.begin(path, limits.alignment.default);
  const stages: TensorDeclaration[] = [];
  return {
    async add(name, shape, values) {
      const stage = { name, shape: shape.length === 0 ? [1] : shape, format: "F32" } as const;
      checkFits(path, name, stage.shape);
      await file.append(values);
      stages.push(stage);
    },
    finish(metadata) {
      const theirs = toCrispasr(
        stages.map(({ name }) => name),
        metadata.get("architecture"),
      );
      const tensors =
        names === "crispasr" ? stages.map((stage) => ({ ...stage, name: theirs(stage.name) })) : stages;
      return file.finish((least) => encodeHead({ metadata: typed(metadata), tensors }, least));
    },
    abort: () => file.abort(),
  };
}

function typed(metadata: ArchiveMetadata): TypedMetadata {
  return new Map([
    [architectureKey, string(architecture)],
    ...[...metadata].map(([key, text]) => [prefix + key, string(text)] as const),
  ]);
}

function checkFits(path: string, name: string, shape: readonly number[]): void {
  const where = `${path}, stage ${JSON.stringify(name)}`;
  const { tensorNameBytes, dimensions } = limits;
  if (Buffer.byteLength(name) > tensorNameBytes)
    throw tooMuch(where, `a name of ${Buffer.byteLength(name)} bytes`, `at most ${tensorNameBytes} in GGUF`);
  if (shape.length > dimensions)
    throw tooMuch(where, `${shape.length} dimensions`, `at most ${dimensions} in GGUF`);
  if (shape.includes(0)) throw tooMuch(where, `no values, [${shape.join(", ")}]`, "at least one in GGUF");
}
