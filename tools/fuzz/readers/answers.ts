/** The readers of what hubs answer and of the records of installed models, and the checks of options that come as JSON. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listHuggingFace } from "../../../src/hub/huggingface.ts";
import { listModelScope } from "../../../src/hub/modelscope.ts";
import type { HubSettings } from "../../../src/platform/hubs.ts";
import { openFolderStore } from "../../../src/adapters/node/store/folder-store.ts";
import { models } from "../../../src/pull/models.ts";
import { checkMethodOptions } from "../../../src/transcriber/check-options.ts";
import { json } from "../formats/texts.ts";
import type { Readers } from "./reader.ts";

const sha1 = "0123456789abcdef0123456789abcdef01234567";
const sha256 = sha1 + sha1.slice(0, 24);

/** A hub that answers everything with these bytes. */
function answering(bytes: Buffer): HubSettings {
  const access = { endpoint: "http://127.0.0.1" };
  return {
    huggingface: access,
    modelscope: access,
    offline: false,
    request: async () => new Response(new Uint8Array(bytes)),
    patience: 60_000,
    pause: 0,
  };
}

/** A store of models with one record. */
const home = mkdtempSync(join(tmpdir(), "fun-asr-fuzz-"));
mkdirSync(join(home, "models"));
process.on("exit", () => rmSync(home, { recursive: true, force: true }));

const jsonOf = (value: unknown): Readers[string]["originals"] => [
  { name: "an answer", tree: json(JSON.stringify(value)) },
];

export const answerReaders: Readers = {
  "a list of Hugging Face": {
    originals: jsonOf({
      sha: sha1,
      siblings: [
        { rfilename: "model.gguf", size: 123, blobId: sha1, lfs: { sha256, size: 123 } },
        { rfilename: "config.json", size: 12, blobId: sha1 },
      ],
    }),
    read: (bytes) => listHuggingFace({ repository: "a/b" }, answering(bytes)),
  },
  "a list of ModelScope": {
    originals: jsonOf({
      Code: 200,
      Message: "success",
      Data: {
        Files: [
          { Path: "a/model.gguf", Type: "blob", Size: 123, Sha256: sha256 },
          { Path: "a", Type: "tree" },
        ],
      },
    }),
    read: (bytes) => listModelScope({ repository: "a/b" }, answering(bytes)),
  },
  "a record of an installed model": {
    originals: jsonOf({
      name: "fun-asr-nano:q8_0",
      source: "a/b",
      files: [
        { name: "model.gguf", size: 5, sha256, stamp: { size: 5, changed: 1, inode: 2 } },
        {
          name: "am.mvn",
          cmvn: true,
          size: 5,
          sha256,
          cachedAt: "/dev/null",
          stamp: { size: 5, changed: 1, inode: 2 },
        },
      ],
      installed: "2026-01-01T00:00:00.000Z",
    }),
    async read(bytes) {
      writeFileSync(join(home, "models", "a.json"), bytes);
      await models({ store: openFolderStore(home) });
    },
  },
  "options of transcribe": {
    originals: jsonOf({
      language: "zh",
      itn: true,
      hotwords: ["a", "b"],
      temperature: 0.5,
      seed: 1,
      start: 1,
      duration: 30,
      chunk: { seconds: 30 },
      frontend: "kaldi",
    }),
    read: (bytes) => {
      checkMethodOptions("transcribe", JSON.parse(orNothing(bytes)) as object);
    },
  },
};

/** What is no JSON is refused before. */
function orNothing(bytes: Buffer): string {
  try {
    JSON.parse(bytes.toString());
    return bytes.toString();
  } catch {
    return "{}";
  }
}
