/** All readers of untrusted bytes, by name. */
import { nodePlatform } from "../../../src/adapters/node/platform.ts";
import { installPlatform } from "../../../src/platform/current.ts";
import { answerReaders } from "./answers.ts";
import { audioReaders } from "./audio.ts";
import { modelReaders } from "./models.ts";
import { planted } from "./planted.ts";
import type { Reader, Readers } from "./reader.ts";
import { remoteReaders } from "./remote.ts";
import { requestReaders } from "./requests.ts";
import { damagedTexts } from "./texts.ts";

installPlatform(nodePlatform);

export const readers: Readers = {
  ...modelReaders,
  ...audioReaders,
  ...remoteReaders,
  ...answerReaders,
  ...requestReaders,
  ...damagedTexts,
};

/** A reader by its name, with those that have a fault. */
export function readerOf(name: string): Reader {
  const all: Readers = { ...readers, ...planted };
  return all[name]!;
}
