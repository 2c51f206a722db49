/** A FunASR folder: weights in model.pt, safetensors or an ONNX export, with config.yaml and its companions beside them. */
import type { MetadataValue, TensorEntry } from "../checkpoints/checkpoint.ts";
import { FileError, ModelFormatError } from "../errors.ts";
import type { ByteSource } from "../platform/bytes.ts";
import type { FileSet, Location } from "../platform/file-set.ts";
import { architectures } from "../architectures/index.ts";
import { canonicalShape } from "../checkpoints/gguf/shapes.ts";
import { Companions } from "../../converters/readers/companions.ts";
import { Config, readYaml } from "../../converters/readers/config.ts";
import { checkConfigurationJson } from "../../converters/readers/configuration-json.ts";
import type { OpenModel, StateDict } from "../../converters/readers/open-model.ts";
import { recommendedKeys } from "../../converters/readers/families/family.ts";
import type { FolderContent, UpstreamModel } from "../../converters/readers/families/family.ts";
import { openOnnx } from "../../converters/readers/onnx/checkpoint.ts";
import type { OnnxState } from "../../converters/readers/onnx/checkpoint.ts";
import { canonicalTensors, exportOf } from "../../converters/readers/onnx/exports/index.ts";
import { openSafetensors } from "../../converters/readers/safetensors.ts";
import { openTorch } from "../../converters/readers/torch/checkpoint.ts";
import { containerOfName, headOf, headText, isSafetensors, kindOfHead } from "./kind.ts";

/** What a folder is searched for, in this order. */
const stateFiles = ["model.pt", "model.safetensors", "model.onnx", "model_quant.onnx", "model.int8.onnx"];

/** Opens a folder, or the file of weights in one. */
export async function openFolder({ files, file }: Location): Promise<OpenModel> {
  if (file !== undefined) await expectState(files, file);
  const stateFile = file ?? (await findState(files));
  const companions = new Companions(files);
  const hasConfig = await companions.has("config.yaml");
  const state = await openState(await files.open(stateFile), files);
  try {
    await checkConfigurationJson(companions, file === undefined ? stateFile : undefined);
    const config = hasConfig ? await readYaml(companions, "config.yaml") : undefined;
    const { architecture, title, naming, content } = await readState(state, stateFile, companions, config);
    const metadata = new Map<string, MetadataValue>([
      ["general.architecture", architecture],
      ["general.name", title],
      ...content.metadata,
      ...(config === undefined ? [] : recommendedKeys(config)),
    ]);
    const { notes, tensors: kept, extraTensors = new Map<string, TensorEntry>() } = content;
    return {
      source: state.source,
      naming,
      metadata,
      tensors: kept,
      extraTensors,
      notes: [...state.notes, ...notes],
      files: [companions.where(stateFile)],
      [Symbol.asyncDispose]: () => state[Symbol.asyncDispose](),
    };
  } catch (error) {
    await state[Symbol.asyncDispose]();
    throw error;
  }
}

interface Read {
  readonly architecture: string;
  readonly title: string;
  readonly naming: string;
  readonly content: FolderContent;
}

/** A graph that is recognized as a whole, or a state dict and the settings beside it. */
async function readState(
  state: NotedState,
  stateFile: string,
  companions: Companions,
  config: Config | undefined,
): Promise<Read> {
  const known = state.graph === undefined ? undefined : exportOf(state.graph);
  if (known !== undefined && state.graph !== undefined) {
    const tensors = canonicalTensors(known, state.tensors);
    const { metadata } = state.graph;
    const content = await known.read({ source: state.source, tensors, metadata, config, companions });
    return { ...known, naming: `ONNX (${known.name})`, content };
  }
  const tensors = new Map([...state.tensors].map(([name, entry]) => [name, canonicalShape(entry)]));
  const upstream = recognized(tensors) ?? named(config, companions);
  const content = await upstream.readFolder({ config: configOf(upstream, config), companions, tensors });
  return { ...upstream, naming: `FunASR (${stateFile})`, content };
}

/** Whether an ONNX file holds the weights of a whole model. */
export async function isWholeOnnx({ files, file = "" }: Location): Promise<boolean> {
  await using state = await openOnnx(await files.open(file), files);
  return exportOf(state) !== undefined || recognized(state.tensors) !== undefined;
}

type KnownModel = UpstreamModel & { readonly architecture: string };

const known: readonly KnownModel[] = architectures.flatMap(({ name, upstream }) =>
  upstream === undefined ? [] : [{ ...upstream, architecture: name }],
);

/** The model that has these tensors, whatever the folder names. */
function recognized(tensors: ReadonlyMap<string, TensorEntry>): KnownModel | undefined {
  return known.find(({ landmarks }) => landmarks?.every((name) => tensors.has(name)) === true);
}

/** The model that config.yaml names. */
function named(config: Config | undefined, companions: Companions): KnownModel {
  if (config === undefined) throw noConfig(companions);
  const model = config.text("model");
  const found = known.find((upstream) => namesOf(upstream).includes(model));
  if (found !== undefined) return found;
  const where = companions.where("config.yaml");
  const wanted = `one of ${known.flatMap(namesOf).join(", ")}`;
  throw new ModelFormatError("unknown_architecture", where, `model ${JSON.stringify(model)}`, { wanted });
}

/** The configuration, if it is this model's: the weights of a model can lie beside the files of another. */
function configOf(upstream: KnownModel, config: Config | undefined): Config {
  const isIts = namesOf(upstream).some((model) => config?.value("model") === model);
  return isIts && config !== undefined ? config : new Config({}, "the published configuration");
}

/** What config.yaml may call a model. */
const namesOf = ({ model, variants = [] }: KnownModel): readonly string[] => [model, ...variants];

function noConfig(companions: Companions): FileError {
  return new FileError("file_not_found", companions.where("config.yaml"), "the configuration is not there", {
    remedy: "Keep the weights in the folder in which they were published, with config.yaml and the tokenizer",
  });
}

/** Throws `checkpoint_malformed` for a file that is no container of tensors, whatever else the folder holds. */
async function expectState(files: FileSet, name: string): Promise<void> {
  await using file = await files.open(name);
  const head = await headOf(file);
  if (["state dict", "onnx"].includes(kindOfHead(head))) return;
  throw new ModelFormatError("checkpoint_malformed", file.path ?? file.name, headText(head), {
    wanted: containerOfName(name) ?? "GGUF, ONNX, or the model.pt or model.safetensors of a FunASR folder",
  });
}

interface NotedState extends StateDict, Pick<OpenModel, "notes"> {
  /** Of an ONNX file. */
  readonly graph?: OnnxState;
}

/** Zip archives are PyTorch's; the other format that begins with a length and a brace is safetensors. */
async function openState(file: ByteSource, files: FileSet): Promise<NotedState> {
  try {
    const head = await headOf(file);
    if (kindOfHead(head) === "onnx") {
      const graph = await openOnnx(file, files);
      return { ...graph, graph };
    }
    return { ...(await (isSafetensors(head) ? openSafetensors(file) : openTorch(file))), notes: [] };
  } catch (error) {
    await file[Symbol.asyncDispose]();
    throw error;
  }
}

async function findState(files: FileSet): Promise<string> {
  const found = await stateOf(files);
  if (found !== undefined) return found;
  const ggufs = await ggufsOf(files);
  throw new FileError("file_not_found", files.name, "no checkpoint in this folder", {
    wanted: stateFiles.join(" or "),
    ...(ggufs.length === 0 ? {} : { remedy: `Name one of its GGUF files: ${ggufs.join(", ")}` }),
  });
}

async function stateOf(files: FileSet): Promise<string | undefined> {
  for (const name of stateFiles) if (await files.has(name)) return name;
  return undefined;
}

async function ggufsOf(files: FileSet): Promise<readonly string[]> {
  return (await files.names()).filter((name) => name.endsWith(".gguf"));
}

/** The only GGUF file of a folder without other weights. */
export async function onlyGguf(files: FileSet): Promise<string | undefined> {
  if ((await stateOf(files)) !== undefined) return undefined;
  const [first, second] = await ggufsOf(files);
  return second === undefined && first !== undefined ? `${files.name}/${first}` : undefined;
}
