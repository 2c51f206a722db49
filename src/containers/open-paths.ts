/**
 * Opens whatever holds a model as one checkpoint under canonical names and keys: GGUF of any naming, a FunASR folder
 * with its model.pt or safetensors, the parts of one in ONNX and GGUF. Files are recognized by their first bytes, never by
 * their names.
 */
import type { MetadataValue, TensorEntry } from "../checkpoints/checkpoint.ts";
import { FileError, ModelFormatError, UsageError } from "../errors.ts";
import type { ByteSource } from "../platform/bytes.ts";
import { platform } from "../platform/current.ts";
import type { FileSet, Location } from "../platform/file-set.ts";
import type { NamingOptions } from "../checkpoints/gguf/namings/naming.ts";
import { openCheckpoint } from "../architectures/open.ts";
import { architectures } from "../architectures/index.ts";
import { canonicalShape } from "../checkpoints/gguf/shapes.ts";
import { Companions } from "../../converters/readers/companions.ts";
import { readYaml } from "../../converters/readers/config.ts";
import type { OpenModel } from "../../converters/readers/open-model.ts";
import type { UpstreamModel } from "../../converters/readers/families/family.ts";
import { headOf, isSafetensors, kindOf } from "./kind.ts";
import { openParts } from "./parts.ts";
import type { PartFile, PartName } from "./parts.ts";
import { openSafetensors } from "../../converters/readers/safetensors.ts";
import type { StateDict } from "../../converters/readers/open-model.ts";
import { openTorch } from "../../converters/readers/torch/checkpoint.ts";

/** What a folder is searched for, in this order. */
const stateFiles = ["model.pt", "model.safetensors"];

/** Opens one file or folder, or the files that make up one model. */
export async function openModel(paths: readonly string[], options: NamingOptions = {}): Promise<OpenModel> {
  const [path] = paths;
  if (path === undefined)
    throw new UsageError("bad_option", "input", "no file", { wanted: "a file or a folder" });
  if (paths.some((name) => /^https?:/i.test(name))) return openGgufs(paths, options);
  const location = await platform().locate(path);
  if (paths.length === 1 && location.file === undefined) return openFolder(location);
  const kinds = await Promise.all(paths.map(kindOf));
  if (kinds.includes("onnx"))
    return openFiles(
      paths.map((name) => ({ path: name })),
      options,
    );
  return paths.length === 1 && kinds[0] !== "gguf" ? openFolder(location) : openGgufs(paths, options);
}

/** A file, and the part of the model that is to be taken from it. */
export interface NamedFile {
  readonly path: string;
  readonly take?: PartName;
}

/** Opens the parts of one Fun-ASR-Nano, with the tokens of its CTC branch among the files. */
export async function openFiles(
  files: readonly NamedFile[],
  options: NamingOptions = {},
): Promise<OpenModel> {
  const parts: PartFile[] = [];
  const texts: string[] = [];
  for (const file of files) {
    const kind = await kindOf(file.path);
    if (kind === "onnx" || kind === "gguf") parts.push({ ...file, kind });
    else if (kind === "text") texts.push(file.path);
    else
      throw new UsageError("bad_option", file.path, "no part of a model", {
        wanted: "ONNX, GGUF or tokens.txt",
      });
  }
  const [tokens, second] = texts;
  if (second !== undefined)
    throw new UsageError("bad_option", second, "a second list of tokens", { wanted: "one tokens.txt" });
  return openParts(parts, { ...options, tokens });
}

async function openGgufs(paths: readonly string[], options: NamingOptions): Promise<OpenModel> {
  return { ...(await openCheckpoint(paths, options)), notes: [], files: paths };
}

/** A state dict with config.yaml and its companions in the same folder. */
async function openFolder({ files, file }: Location): Promise<OpenModel> {
  if (file !== undefined) await expectState(files, file);
  const stateFile = file ?? (await findState(files));
  const companions = new Companions(files);
  if (!(await companions.has("config.yaml"))) {
    throw new FileError("file_not_found", companions.where("config.yaml"), "the configuration is not there", {
      remedy: "Keep model.pt in the folder in which it was published, with config.yaml and the tokenizer",
    });
  }
  const config = await readYaml(companions, "config.yaml");
  const upstream = upstreamOf(config.text("model"), companions.where("config.yaml"));
  const state = await openState(await files.open(stateFile));
  try {
    const tensors = new Map([...state.tensors].map(([name, entry]) => [name, canonicalShape(entry)]));
    const content = await upstream.readFolder({ config, companions, tensors });
    const metadata = new Map<string, MetadataValue>([
      ["general.architecture", upstream.architecture],
      ["general.name", upstream.title],
      ...content.metadata,
    ]);
    const { notes, tensors: kept, extraTensors = new Map<string, TensorEntry>() } = content;
    const naming = `FunASR (${stateFile})`;
    const dispose = (): PromiseLike<void> => state[Symbol.asyncDispose]();
    return {
      source: state.source,
      naming,
      metadata,
      tensors: kept,
      extraTensors,
      notes,
      files: [companions.where(stateFile)],
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await state[Symbol.asyncDispose]();
    throw error;
  }
}

/** The architecture of a folder, by the `model` of its config.yaml. */
function upstreamOf(model: string, where: string): UpstreamModel & { readonly architecture: string } {
  const known = architectures.flatMap(({ name, upstream }) =>
    upstream === undefined ? [] : [{ ...upstream, architecture: name }],
  );
  const found = known.find((upstream) => upstream.model === model);
  if (found !== undefined) return found;
  const wanted = `one of ${known.map((upstream) => upstream.model).join(", ")}`;
  throw new ModelFormatError("unknown_architecture", where, `model ${JSON.stringify(model)}`, { wanted });
}

/** Throws `checkpoint_malformed` for a file that is no container of tensors, whatever else the folder holds. */
async function expectState(files: FileSet, name: string): Promise<void> {
  await using file = await files.open(name);
  const head = await headOf(file);
  if ((head[0] === 0x50 && head[1] === 0x4b) || head[0] === 0x80 || head[8] === 0x7b) return;
  const found = file.size === 0 ? "the file is empty" : "the first bytes are no model file's";
  throw new ModelFormatError("checkpoint_malformed", file.path ?? file.name, found, {
    wanted: "GGUF, ONNX, or the model.pt or model.safetensors of a FunASR folder",
  });
}

/** Zip archives are PyTorch's; the other format that begins with a length and a brace is safetensors. */
async function openState(file: ByteSource): Promise<StateDict> {
  try {
    return await (isSafetensors(await headOf(file)) ? openSafetensors(file) : openTorch(file));
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

async function findState(files: FileSet): Promise<string> {
  for (const name of stateFiles) if (await files.has(name)) return name;
  throw new FileError("file_not_found", files.name, "no checkpoint in this folder", {
    wanted: stateFiles.join(" or "),
  });
}
