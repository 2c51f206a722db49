/** The platform that entry points in Node install. */
import type { Platform } from "../../platform/platform.ts";
import { locate } from "./folder.ts";
import { openFile } from "./open-file.ts";
import { readText } from "./text-file.ts";
import { nodeHash } from "./store/node-hash.ts";
import { startWorker } from "./worker-thread.ts";

export const nodePlatform: Platform = {
  openFile,
  locate,
  readText,
  // loaded when they are called: few programs need them
  zipEntries: async (...given) => (await import("./zip/entries.ts")).zipEntries(...given),
  watchText: async (...given) => (await import("./watch-text.ts")).watchText(...given),
  async *decodeForeign(...given) {
    const { decodeWithFfmpeg } = await import("./ffmpeg.ts");
    return yield* decodeWithFfmpeg(...given);
  },
  spool: async (source) => (await import("./spool.ts")).spool(source),
  openStore: async () => (await import("./store/folder-store.ts")).openFolderStore(),
  hubSettings: async () => (await import("./store/hub-settings.ts")).hubSettings(),
  isPrivateHost: async (host) => (await import("./private-host.ts")).isPrivateHost(host),
  availableMemory: () => process.availableMemory(),
  createHash: nodeHash,
  startWorker,
  yieldNow: () =>
    new Promise((resolve) => {
      setImmediate(resolve);
    }),
};
