/** A home of models of a test's own, and hubs on this machine in the place of the public ones. */
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { nodePlatform } from "../../../src/adapters/node/platform.ts";
import { installPlatform } from "../../../src/platform/current.ts";
import type { HubSettings } from "../../../src/platform/hubs.ts";
import { startHub } from "../fakes/hub/hub.ts";
import type { FakeHub, HubOptions } from "../fakes/hub/hub.ts";
import { temporaryFolder } from "./temporary.ts";

export interface Home {
  readonly folder: string;
  readonly hub: FakeHub;
  /** The environment of a program that shall have the same home and hubs. */
  readonly env: Readonly<
    Record<"FUN_ASR_HOME" | "HF_HOME" | "MODELSCOPE_CACHE" | "HF_ENDPOINT" | "MODELSCOPE_ENDPOINT", string>
  >;
}

/** Until the test ends. `settings` replace what the environment gives; pauses between tries are short. */
export async function modelsHome(
  repositories: HubOptions["repositories"],
  settings: Partial<HubSettings> = {},
): Promise<Home> {
  const folder = await temporaryFolder();
  const hub = await startHub({ repositories });
  const env = {
    FUN_ASR_HOME: join(folder, "fun-asr"),
    HF_HOME: join(folder, "huggingface"),
    MODELSCOPE_CACHE: join(folder, "modelscope"),
    HF_ENDPOINT: hub.huggingface,
    MODELSCOPE_ENDPOINT: hub.modelscope,
  };
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  installPlatform({
    ...nodePlatform,
    hubSettings: async () => ({ ...(await nodePlatform.hubSettings()), pause: 5, ...settings }),
  });
  onTestFinished(async () => {
    installPlatform(nodePlatform);
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    await hub[Symbol.asyncDispose]();
  });
  return { folder, hub, env };
}

/** Bytes that no two offsets share, so that a file of shifted or repeated parts differs. */
export function distinctBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i + 4 <= length; i += 4) view.setUint32(i, Math.imul(i + 1, 2_654_435_761));
  return bytes;
}
