/** The readers of texts that come with a model: settings, constants, vocabularies, headers, names. */
import { readConfigJson, readYaml } from "../../../converters/readers/config.ts";
import type { ExportFile } from "../../../converters/readers/onnx/exports/export.ts";
import { notedCmvn, notedFrontend } from "../../../converters/readers/onnx/exports/notes.ts";
import { moduleAt, moduleBehind } from "../../../converters/readers/onnx/paths.ts";
import { openShards } from "../../../converters/readers/shards.ts";
import { qwenTokens } from "../../../converters/readers/tokens/qwen.ts";
import { tokenList } from "../../../converters/readers/tokens/token-list.ts";
import { unpickle } from "../../../converters/readers/torch/unpickle.ts";
import { parseHeader } from "../../../src/checkpoints/safetensors/header.ts";
import { openGguf } from "../../../src/checkpoints/gguf/index.ts";
import { decodeMetadata } from "../../../src/diff/archives/metadata.ts";
import { parseNpyHeader } from "../../../src/diff/archives/npy.ts";
import { parseAmMvn } from "../../../src/frontend/cmvn.ts";
import { refusePointer } from "../../../src/platform/lfs-pointer.ts";
import { parseTiktoken, parseTokensTxt } from "../../../src/text/ctc-token-files.ts";
import { CtcTokens } from "../../../src/text/ctc-tokens.ts";
import { tokenizeHotwords } from "../../../src/text/paraformer-hotwords.ts";
import { ParaformerTokens } from "../../../src/text/paraformer-tokens.ts";
import { QwenTokenizer } from "../../../src/text/qwen-tokenizer.ts";
import { RawGguf, type } from "../../../test/helpers/builders/raw-gguf.ts";
import { companionsOf, folderOf } from "./reader.ts";
import type { TextReaders } from "./reader.ts";

const numbers = "1 ".repeat(560);
const nnet = (shift: string, scale: string): string =>
  `<Nnet>\n<Splice> 560 560\n[ 0 ]\n<AddShift> 560 560\n[ ${shift} ]\n<Rescale> 560 560\n[ ${scale} ]\n</Nnet>\n`;
const inJson = (shape: string): string => JSON.stringify(shape);
const latin1 = (text: string): Uint8Array => Buffer.from(text, "latin1");

const characters = new ParaformerTokens(["<blank>", "<s>", "</s>", "<unk>", "a", "中"], 6, "tokens.json");

const exportWith = (metadata: readonly (readonly [string, string])[]): ExportFile => ({
  source: "a.onnx",
  tensors: new Map(),
  metadata: new Map(metadata),
  config: undefined,
  companions: companionsOf({}),
});

export const ofModels: TextReaders = {
  "config.yaml": {
    codes: ["checkpoint_malformed"],
    frames: {
      "a value": (shape) => `a: ${shape}`,
      "a quoted value": (shape) => `a: "${shape}"`,
      "a key": (shape) => `? ${shape}\n: 1`,
      "a list": (shape) => `- ${shape}`,
      "a block": (shape) => `a: |\n ${shape}`,
      "a tag": (shape) => `!${shape} a`,
      "an anchor": (shape) => `&${shape} a`,
    },
    read: (text) => readYaml(companionsOf({ "config.yaml": text }), "config.yaml"),
  },
  "config.json": {
    codes: ["checkpoint_malformed"],
    frames: { "a text": (shape) => `{"a":${inJson(shape)}}`, "a value": (shape) => `{"a":${shape}}` },
    read: async (text) => (await readConfigJson(companionsOf({ json: text }), "json")).text("a"),
  },
  "am.mvn": {
    codes: ["checkpoint_malformed"],
    frames: {
      "the shift": (shape) => nnet(shape, numbers),
      "a number": (shape) => nnet(`${"1 ".repeat(559)}${shape}`, numbers),
      "before the tags": (shape) => `${shape}<Nnet>`,
    },
    read: (text) => parseAmMvn(text, 560),
  },
  "multilingual.tiktoken": {
    codes: ["bad_tokenizer"],
    frames: { "a token": (shape) => `IQ== 0\n${shape} 1` },
    read: (text) => new CtcTokens({ table: parseTiktoken(text) }),
  },
  "tokens.txt of CTC": {
    codes: ["bad_tokenizer"],
    frames: { "an id": (shape) => `IQ== ${shape}` },
    read: parseTokensTxt,
  },
  "entries of a CTC table": {
    codes: ["bad_tokenizer"],
    read: (text) => new CtcTokens({ table: text.split("\n") }),
  },
  "tokens.txt": {
    codes: ["bad_tokenizer"],
    frames: {
      "a token": (shape) => `${shape} 0`,
      "before an id that is none": (shape) => `a${shape}0x`,
      "an id": (shape) => `a ${shape}`,
    },
    read: (text) => tokenList(companionsOf({ "tokens.txt": text })),
  },
  "tokens.json": {
    codes: ["bad_tokenizer", "checkpoint_malformed"],
    frames: { tokens: (shape) => JSON.stringify(Array.from(shape)) },
    read: (text) => tokenList(companionsOf({ "tokens.json": text })),
  },
  "tokenizer.json": {
    codes: ["bad_tokenizer", "checkpoint_malformed"],
    frames: {
      "a merge": (shape) =>
        JSON.stringify({ model: { type: "BPE", vocab: { a: 0 }, merges: [shape] }, added_tokens: [] }),
      "a token": (shape) =>
        JSON.stringify({ model: { type: "BPE", vocab: { [shape]: 0 }, merges: [] }, added_tokens: [] }),
    },
    read: (text) => qwenTokens(companionsOf({ "tokenizer.json": text }), 400),
  },
  "merges.txt": {
    codes: ["bad_tokenizer"],
    read: (text) =>
      qwenTokens(
        companionsOf({ "merges.txt": text, "vocab.json": '{"a":0}', "tokenizer_config.json": "{}" }),
        8,
      ),
  },
  "merges of Qwen's vocabulary": {
    codes: ["bad_tokenizer"],
    frames: { "a token": (shape) => `<|${shape}` },
    read: (text) => new QwenTokenizer({ tokens: [text, "a"], merges: [`a ${text}`] }),
  },
  "model.safetensors.index.json": {
    codes: ["checkpoint_malformed"],
    frames: {
      "a file": (shape) => JSON.stringify({ weight_map: { a: shape } }),
      tensors: (shape) =>
        JSON.stringify({ weight_map: Object.fromEntries(shape.split("\n").map((name) => [name, "a"])) }),
    },
    read: (text) => openShards(folderOf({ index: text }), "index"),
  },
  "a safetensors header": {
    codes: ["checkpoint_malformed", "unsupported_format"],
    frames: {
      "an object": (shape) => `{${shape}`,
      metadata: (shape) => `{"__metadata__":{"a":${inJson(shape)}}}`,
      "a key": (shape) => `{${inJson(shape)}:{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`,
      "a size": (shape) => `{"a":{"dtype":"F32","shape":[${shape}],"data_offsets":[0,4]}}`,
    },
    read: (text) => parseHeader("model.safetensors", Buffer.from(text), Buffer.byteLength(text) + 12),
  },
  "metadata of an archive": {
    codes: ["archive_malformed"],
    frames: { "a value": (shape) => `{"metadata":{"a":${inJson(shape)}}}` },
    read: (text) => decodeMetadata("metadata.json", Buffer.from(text)),
  },
  "a header of NumPy": {
    codes: ["archive_malformed"],
    frames: {
      "a dictionary": (shape) => `\u0093NUMPY\u0001\0\u00ff\u00ff${shape}`,
      "a shape": (shape) =>
        `\u0093NUMPY\u0001\0\u00ff\u00ff{'descr': '<f4', 'fortran_order': False, 'shape': (${shape}`,
    },
    read: (text) => parseNpyHeader("a.npy", latin1(text), text.length),
  },
  "a pickle": {
    codes: ["checkpoint_malformed"],
    frames: {
      opcodes: (shape) => `\u0080\u0002${shape}`,
      "a name": (shape) => `\u0080\u0002c${shape}\n`,
    },
    read: (text) => unpickle(latin1(text), "data.pkl"),
  },
  "a value of GGUF": {
    codes: ["gguf_malformed", "gguf_limit", "gguf_truncated"],
    read: (text) => openGguf(new RawGguf({ keys: 1n }).key("a.key", type.string).string(text).bytes()),
  },
  "metadata of ONNX": {
    codes: ["checkpoint_malformed"],
    read: (text) =>
      notedCmvn(
        exportWith([
          ["neg_mean", text],
          ["inv_stddev", text],
        ]),
        560,
      ),
  },
  "stacking in ONNX": {
    codes: ["checkpoint_malformed"],
    read: (text) => notedFrontend(exportWith([["lfr_window_size", text]])),
  },
  "names of ONNX nodes": {
    codes: [],
    frames: { "a path": (shape) => `/${shape}/MatMul`, "a bias": (shape) => `${shape}.norm.bias` },
    read: (text) => [moduleAt(text), moduleBehind(text)],
  },
  "a pointer of Git LFS": {
    codes: ["file_unreadable"],
    frames: { "its size": (shape) => `version https://git-lfs.github.com/spec/v1\n${shape}` },
    read: (text) => refusePointer(text, "a.gguf"),
  },
  "hotwords as Paraformer's tokens": {
    codes: ["bad_option"],
    read: (text) => tokenizeHotwords(text.split("\n"), characters, undefined),
  },
  seg_dict: {
    codes: ["bad_option"],
    frames: { "tokens of a word": (shape) => `a ${shape}`, "a word": (shape) => `${shape} a` },
    read: (text) => tokenizeHotwords(["a", "中", text.slice(0, 100)], characters, text),
  },
};
