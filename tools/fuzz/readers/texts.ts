/** The readers of texts, of which the catalog of attacks has a list, each with texts that they read. */
import { textReaders } from "../../attack/texts/readers.ts";
import { validGguf } from "../../../test/helpers/builders/raw-gguf.ts";
import { op, pickle as pickled, state, tensor } from "../../../test/helpers/builders/pickle.ts";
import { json, lines } from "../formats/texts.ts";
import { bytesOf, textOf } from "./reader.ts";
import type { Original, Readers } from "./reader.ts";

const tiny = (file: string): string => textOf(`fixtures/tiny/${file}`);
const config = tiny("sensevoice/config.yaml");
const mvn = tiny("sensevoice/am.mvn");
const tokens = tiny("fun-asr-nano/multilingual.tiktoken");
const qwen = tiny("fun-asr-nano/Qwen3-tiny/tokenizer.json");
const npy = bytesOf("fixtures/archives/ours/stages/lfr.npy").toString("latin1");
const cues =
  "1\n00:00:01,000 --> 00:00:02,500\n你好 <b>世界</b>\n\n2\n00:00:03,000 --> 00:00:04,000\nand more\n";
const speech = "今天天气怎么样 督工 said hello to CapsWriter, 2026年 C++ 撒贝宁。";
const list = "督工\nCapsWriter 20\n# a comment\nC++\n撒贝宁 15 # another\n";
const rules = "aa => b\n/(\\d+)年/ => $1 year\n# a comment\nhello=>hi\n/[ab]+c?/ => x\n";

/** Valid texts of each reader. */
const examples: Readonly<Record<string, readonly string[]>> = {
  "config.yaml": [config, "a: &x [1, 2, {b: c}]\nd: *x\ne: |\n  text\nf: 'q'\ng: !!float 1\n"],
  "config.json": ['{"a":"text","b":{"c":[1,2.5,null,true]}}'],
  "am.mvn": [mvn],
  "multilingual.tiktoken": [tokens],
  "tokens.txt of CTC": [tokens],
  "entries of a CTC table": [tokens.replaceAll(/ \d+/gu, "").trim()],
  "tokens.txt": ["<blank> 0\na 1\n▁b 2\n中 3\n"],
  "tokens.json": ['["<blank>","a","b@@","中","</s>"]'],
  "tokenizer.json": [qwen],
  "merges.txt": ["#version: 0.2\na b\nab c\nĠ a\n"],
  "merges of Qwen's vocabulary": ["ab"],
  "model.safetensors.index.json": [
    '{"metadata":{"total_size":8},"weight_map":{"a.weight":"index","a.bias":"index"}}',
  ],
  "a safetensors header": [
    '{"__metadata__":{"format":"pt"},"a":{"dtype":"F16","shape":[1,1],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}',
  ],
  "metadata of an archive": ['{"metadata":{"model":"a","backend":"cpu"},"order":["lfr","a.b"]}'],
  "a header of NumPy": [npy],
  "a pickle": [
    state(tensor()).toString("latin1"),
    pickled(op.emptyList, op.int1(1), op.append).toString("latin1"),
  ],
  "a value of GGUF": [validGguf().bytes().toString("latin1"), "text"],
  "metadata of ONNX": [`${"-8.1,".repeat(559)}1e3`],
  "stacking in ONNX": ["7"],
  "names of ONNX nodes": ["/encoder/encoders.0/self_attn/linear_q_k_v/MatMul", "encoder.norm.bias"],
  "a pointer of Git LFS": [
    `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 123\n`,
  ],
  "a text that hotwords are searched in": [speech],
  "a text that hotwords correct": [speech],
  "one hotword": ["撒贝宁", "CapsWriter", "C++"],
  "phonemes as spelled": [speech],
  "phonemes as read": [speech],
  "readings of a hotword": ["GPT-4", "2026年", "督工"],
  "a text with a word": ["I like C++ and C+"],
  "a text to align by its labels": [speech],
  "a text to align with a draft": ["字字字 a 字"],
  "digits of a number": ["1,234.5", "2026"],
  "a text for CTC's vocabulary": [speech],
  "a text for Qwen's vocabulary": [`<|im_start|>user\n${speech}<|im_end|>`],
  "a text for an error rate": [speech],
  "tags of SenseVoice": ["<|zh|><|HAPPY|><|Speech|><|withitn|>你好<|BGM|>"],
  "tokens of Paraformer": ["he@@ llo 中 国 wor@@ ld a p p"],
  "a hotword file": [list],
  "a message to a server": ['{"mode":"2pass","chunk_size":[5,10,5],"is_speaking":true}'],
  "hotwords of FunASR's clients": ['{"督工":20,"天气":30}'],
  "a line of hotwords": ["督工 CapsWriter,C++"],
  "weights of hotwords": [list],
  "correction rules": [rules],
  "a text with correction rules": ["aa 1 1 1 x baab"],
  "a text with the user's own rule": ["banana a a"],
  "a plain text to align": [`${speech}\n${speech}\n`],
  "SubRip to align": [cues],
  "WebVTT to align": [`WEBVTT\n\nNOTE a\n\n${cues.replaceAll(",", ".")}`],
  "JSON to align": [
    '{"text":"hello","segments":[{"text":"a","start":0,"end":1.5,"words":[{"text":"a"}]},{"text":"b"}]}',
  ],
  "a text that gets marks": [speech],
  "a text that gets no marks": [speech],
  "a text that comes in segments": [speech],
  "a text whose marks get times": [speech],
  "a text for a dictionary": [speech],
  "a dictionary": ["中国 12 ns\n中 3\nhello 7 eng\n"],
  "words of a user's dictionary": ["中国 12 ns\n撒贝宁\nhello world 3\n"],
  "hotwords as Paraformer's tokens": ["中 a\nA中中\n12 a"],
  seg_dict: ["a 中 a\n中 中\nhello a a 中\n"],
  "a pattern of stages": ["encoder.encoders.*.self_attn.**", "a?b*c"],
  "a pattern of files": ["a*.wav", "[ab]?"],
  "a rule of convert": ["encoder.*weight=q8_0", "(a|b)+=f16"],
  "a name of a model": [
    "hf:owner/name@main/file.gguf",
    "sensevoice-small:q8",
    "https://huggingface.co/a/b/tree/main",
  ],
  "a language": ["zh", "Mandarin Chinese"],
  "words of a flag": ["a, b,c"],
  "ranges of a flag": ["3-8", "1..5"],
  "indices of a flag": ["0,2,5-9", "each"],
};

/** What is JSON by its first letter is damaged as JSON. */
function originalsOf(texts: readonly string[]): Original[] {
  return texts.flatMap((text) => {
    const asLines = { name: text.slice(0, 40), tree: lines(text) };
    return /^[[{]["{[]/u.test(text)
      ? [{ name: `${asLines.name} as JSON`, tree: json(text) }, asLines]
      : [asLines];
  });
}

/** A pattern that left its folder would search this machine. */
const confined = (bytes: Buffer): string => bytes.toString().replaceAll(/\.\.+/gu, ".");

export const textsWithoutExample = Object.keys(textReaders).filter((name) => !Object.hasOwn(examples, name));

export const damagedTexts: Readers = Object.fromEntries(
  Object.entries(textReaders).map(([name, reader]) => [
    name,
    {
      originals: originalsOf(examples[name] ?? []),
      isText: true,
      read: (bytes: Buffer) =>
        reader.read(name === "a pattern of files" ? confined(bytes) : bytes.toString()),
    },
  ]),
);
