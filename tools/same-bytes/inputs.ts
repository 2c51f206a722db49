/** What both checkouts read: the old one's fixtures and conversions, so that a moved fixture is no difference. */
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface Inputs {
  /** Absolute path of a fixture. */
  readonly fixture: (path: string) => string;
  /** Absolute path of a file that an earlier case of the old checkout wrote. */
  readonly made: (file: string) => string;
  readonly demoModel: string;
  /**
   * The short demo recordings, copied into both folders since outputs are written beside them: relative paths. The long
   * one is a case of its own for each way to cut it.
   */
  readonly recordings: readonly string[];
  /** tokens.txt of the CTC branches in ONNX. */
  readonly tokens: string;
  /** Texts to align with demo recordings. */
  readonly texts: readonly { readonly name: string; readonly audio: string; readonly text: string }[];
  readonly tiny: { readonly model: string; readonly text: string };
}

/** Special tokens after the base tokens of Fun-ASR-Nano's CTC branch. */
const ctcSpecials = 1679;

/** Writes what has to be written into `shared`, `oldFolder` and `newFolder`, which exist. */
export async function prepareInputs(
  oldCheckout: string,
  folders: { readonly shared: string; readonly old: string; readonly new: string },
): Promise<Inputs> {
  const fixture = (path: string): string => join(oldCheckout, "fixtures", path);
  const clips = (await readdir(fixture("audio/demo"))).filter(
    (name) => name.endsWith(".wav") && name !== "zh-long.wav",
  );
  for (const folder of [folders.old, folders.new]) {
    await mkdir(join(folder, "audio"));
    for (const clip of clips) await copyFile(fixture(`audio/demo/${clip}`), join(folder, "audio", clip));
  }
  const tokens = join(folders.shared, "tokens.txt");
  await writeFile(tokens, await ctcTokens(fixture("tiny/fun-asr-nano/multilingual.tiktoken")));
  const given = {
    "en-name": "Do you know Catherine Moore from Seattle?",
    "zh-weather": "天气预报说今天会有大雨。",
  };
  const texts = [];
  for (const [name, text] of Object.entries(given)) {
    const path = join(folders.shared, `${name}.txt`);
    await writeFile(path, `${text}\n`);
    texts.push({ name, audio: fixture(`audio/demo/${name}.wav`), text: path });
  }
  const tinyText = join(folders.shared, "tiny.txt");
  await writeFile(tinyText, "You ist\n");
  return {
    fixture,
    made: (file) => join(folders.old, file),
    demoModel: join(oldCheckout, "models/demo/fun-asr-demo-q8_0.gguf"),
    recordings: clips.map((clip) => `audio/${clip}`),
    tokens,
    texts,
    tiny: { model: fixture("tiny/fun-asr-nano/fun-asr-nano-bf16.gguf"), text: tinyText },
  };
}

/** The base tokens, then the special ones: `BASE64 ID` a line. */
async function ctcTokens(path: string): Promise<string> {
  const base = (await readFile(path, "utf8")).trimEnd().split("\n");
  const special = Array.from(
    { length: ctcSpecials },
    (_, i) => `${Buffer.from(`<|${i}|>`).toString("base64")} ${base.length + i}`,
  );
  return `${[...base, ...special].join("\n")}\n`;
}
