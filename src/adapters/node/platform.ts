/** The platform that entry points in Node install. */
import type { Platform } from "../../platform/platform.ts";
import { decodeWithFfmpeg } from "./ffmpeg.ts";
import { locate } from "./folder.ts";
import { openFile } from "./open-file.ts";
import { readText } from "./text-file.ts";
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
  // loaded when they are called: few programs need them
  spool: async (source) => (await import("./spool.ts")).spool(source),
  openStore: async () => (await import("./store/folder-store.ts")).openFolderStore(),
  hubSettings: async () => (await import("./store/hub-settings.ts")).hubSettings(),
  isPrivateHost: async (host) => (await import("./private-host.ts")).isPrivateHost(host),
  createHash: nodeHash,
  startWorker,
  yieldNow: () =>
    new Promise((resolve) => {
      setImmediate(resolve);
    }),
};
