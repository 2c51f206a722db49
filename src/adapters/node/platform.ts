/** The platform that entry points in Node install. */
import type { Platform } from "../../platform/platform.ts";
import { decodeWithFfmpeg } from "./ffmpeg.ts";
import { locate } from "./folder.ts";
import { openFile } from "./open-file.ts";
import { spool } from "./spool.ts";
import { readText } from "./text-file.ts";
import { openFolderStore } from "./store/folder-store.ts";
import { hubSettings } from "./store/hub-settings.ts";
import { nodeHash } from "./store/node-hash.ts";
import { watchText } from "./watch-text.ts";
import { zipEntries } from "./zip/entries.ts";
import { startWorker } from "./worker-thread.ts";

export const nodePlatform: Platform = {
  openFile,
  locate,
  zipEntries,
  readText,
  watchText,
  decodeForeign: decodeWithFfmpeg,
  spool,
  openStore: () => openFolderStore(),
  hubSettings,
  createHash: nodeHash,
  startWorker,
  yieldNow: () =>
    new Promise((resolve) => {
      setImmediate(resolve);
    }),
};
