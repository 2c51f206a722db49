/**
 * Pulls that are killed (kill -9) at random moments: the next one finishes, with the right bytes, and downloads no byte again
 * but those on their way at that moment. FUN_ASR_KILLS sets how often (10); the project was tried with 200.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { platform } from "../../src/platform/current.ts";
import { removeModel } from "../../src/pull/models.ts";
import type { HubRequest } from "../helpers/fakes/hub/hub.ts";
import { distinctBytes, modelsHome } from "../helpers/environment/models-home.ts";

const kills = Number(process.env["FUN_ASR_KILLS"] ?? 10);
const size = 4 * 2 ** 20;
const bytes = distinctBytes(size);
const name = "hf:maker/model/model.gguf";
const again = 2 ** 20;

const program = (root: string): string => `
  const { installNode } = await import(${JSON.stringify(`${root}/adapters/node/install.js`)});
  const { pull } = await import(${JSON.stringify(`${root}/pull/index.js`)});
  installNode();
  await pull(${JSON.stringify(name)});`;

it(
  `finishes after ${kills} kills, and downloads no byte twice but the last`,
  { timeout: 60_000 + kills * 5000 },
  async () => {
    const { hub, env } = await modelsHome({ "hf:maker/model": { files: { "model.gguf": bytes } } });
    // slow, so that little lies between the stand-in and a process that gets no time on a busy machine
    hub.fault({ at: "storage", fault: { kind: "slow", rate: 1_000_000 } });
    const root = new URL("../../dist/src", import.meta.url).href;
    let killed = 0;
    let finished = 0;
    let midway = 0;
    while (killed < kills || finished === 0) {
      const child = spawn(process.execPath, ["--input-type=module", "-e", program(root)], {
        env: { ...process.env, ...env },
        stdio: "inherit",
      });
      const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
      const asked = hub.requests.length;
      // from the first request on, so that most of the moments are within the pull
      while (hub.requests.length === asked && child.exitCode === null) await sleep(2);
      if (killed < kills) await Promise.race([sleep(Math.random() * 1200), ended]);
      if (killed < kills && child.exitCode === null) {
        child.kill("SIGKILL");
        killed += 1;
      }
      if ((await ended) !== 0) {
        midway += 1;
        continue;
      }
      finished += 1;
      const [file] = (await (await platform().openStore()).model(name))?.files ?? [];
      const path = join(env.FUN_ASR_HOME, "blobs", `sha256-${file?.sha256}`);
      const digest = createHash("sha256").update(bytes).digest("hex");
      expect(file?.sha256).toBe(digest);
      expect(
        createHash("sha256")
          .update(await readFile(path))
          .digest("hex"),
      ).toBe(digest);
      expect(repeated(hub.requests)).toBeLessThanOrEqual(again);
      await removeModel(name);
      hub.forget();
    }
    expect(midway).toBeGreaterThan(kills / 4);
  },
);

/** The most bytes that a request got again of what the one before it was sent. */
function repeated(requests: readonly HubRequest[]): number {
  const parts = requests
    .filter(({ server }) => server === "storage")
    .map(({ headers, sent }) => {
      const from = Number(/^bytes=(\d+)-$/u.exec(headers.range ?? "")?.[1] ?? 0);
      return { from, end: from + sent };
    });
  return Math.max(0, ...parts.slice(1).map(({ from }, i) => parts[i]!.end - from));
}
