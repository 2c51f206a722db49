/**
 * The language model of sherpa-onnx's Fun-ASR-Nano: a Qwen3 whose graph takes embeddings and caches (`llm.onnx`), its
 * embedding as a graph of its own beside it, and the tokenizer in a folder. Sizes follow from shapes; what shapes do not
 * show is Qwen3-0.6B's, unless the tokenizer's folder has a config.json.
 */
import type { MetadataValue, TensorEntry } from "../../../src/checkpoints/checkpoint.ts";
import { FileError } from "../../../src/errors.ts";
import type { FileSet } from "../../../src/platform/file-set.ts";
import { Companions } from "../companions.ts";
import { Config, readConfigJson } from "../config.ts";
import { llmKeys, qwen3, withTokenizer } from "../dialects/nano-content.ts";
import { Sizes } from "../dialects/sizes.ts";
import { qwenTokens } from "../tokens/qwen.ts";
import { openOnnx } from "./checkpoint.ts";
import type { OnnxState } from "./checkpoint.ts";
import { expectNotes } from "./exports/notes.ts";

const embedding = "embedding.weight";
/** What the published sets call it, in the precisions that there are. */
const embeddingFiles = ["embedding.onnx", "embedding.int8.onnx", "embedding.fp16.onnx"];
const tokenizerFolder = "Qwen3-0.6B";

export function isLanguageModel({ inputs, metadata }: OnnxState): boolean {
  return inputs[0] === "inputs_embeds" && metadata.get("model_type")?.includes("kv_delta") === true;
}

/** Whether a name is that of an embedding which was exported alone. */
export const isBareEmbedding = (name: string): boolean => name === embedding;

export interface LanguageModel extends AsyncDisposable {
  readonly metadata: readonly [string, MetadataValue][];
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly notes: readonly string[];
  /** The embedding's path. */
  readonly file: string;
}

/** `files` is the folder of the graph. Throws `file_not_found` where it lacks the embedding or the tokenizer. */
export async function readLanguageModel(graph: OnnxState, files: FileSet): Promise<LanguageModel> {
  const companions = new Companions(files);
  const name = await embeddingBeside(graph, companions);
  const state = await openOnnx(await files.open(name), files);
  try {
    const tensors = new Map(
      [...graph.tensors.values(), ...state.tensors.values()].map((entry) => {
        const canonical = canonicalName(entry.name);
        return [canonical, { ...entry, name: canonical }];
      }),
    );
    const sizes = new Sizes(graph.source, tensors);
    checkNotes(graph, state, sizes);
    const folder = companions.at(tokenizerFolder);
    const llm = (await folder.has("config.json"))
      ? await readConfigJson(folder, "config.json")
      : new Config(qwen3, "Qwen3-0.6B's settings");
    const tokenizer = await withTokenizer([folder, companions]);
    const rows = sizes.of("llm.model.embed_tokens.weight", 0);
    return {
      metadata: [
        ...llmKeys(sizes, llm),
        ["fun-asr-nano.llm.tie_word_embeddings", false],
        ...(await qwenTokens(tokenizer, rows)),
      ],
      tensors,
      notes: state.notes,
      file: companions.where(name),
      [Symbol.asyncDispose]: () => state[Symbol.asyncDispose](),
    };
  } catch (error) {
    await state[Symbol.asyncDispose]();
    throw error;
  }
}

/** What both graphs note of the sizes. Throws `checkpoint_malformed` where the shapes are others. */
function checkNotes(graph: OnnxState, state: OnnxState, sizes: Sizes): void {
  const table = "llm.model.embed_tokens.weight";
  const embedded = { vocab_size: sizes.of(table, 0), hidden_size: sizes.of(table, 1) };
  const headDim = sizes.of("llm.model.layers.0.self_attn.q_norm.weight", 0);
  expectNotes(state, embedded);
  expectNotes(graph, {
    ...embedded,
    num_layers: sizes.count("llm.model.layers"),
    num_kv_heads: sizes.of("llm.model.layers.0.self_attn.k_proj.weight", 0) / headDim,
    head_dim: headDim,
  });
}

/** Of the graph's own precision, or else any. */
async function embeddingBeside({ source }: OnnxState, companions: Companions): Promise<string> {
  const own = /\.(int8|fp16)\.onnx$/.exec(source)?.[1];
  const names = embeddingFiles.toSorted(
    (a, b) => Number(b.includes(`.${own}.`)) - Number(a.includes(`.${own}.`)),
  );
  for (const name of names) if (await companions.has(name)) return name;
  throw new FileError("file_not_found", companions.folder, `there is no embedding for ${source}`, {
    wanted: embeddingFiles.join(" or "),
    remedy: "Keep the files of the model in one folder, as they are published",
  });
}

/**
 * Modules of all layers are called from one place, so that their nodes' paths have no layers: the exporter counts those of
 * one name, `q_proj`, `q_proj_1`, in the order of the layers.
 */
function canonicalName(name: string): string {
  const [, module, layer = "0"] = /^((?:[qkvo]|gate|up|down)_proj)(?:_(\d+))?\.weight$/.exec(name) ?? [];
  if (module !== undefined)
    return `llm.model.layers.${layer}.${module.length === 6 ? "self_attn" : "mlp"}.${module}.weight`;
  if (name === embedding) return "llm.model.embed_tokens.weight";
  return name.replace(/^(?:m\.)?(model|lm_head)\./, "llm.$1.");
}
