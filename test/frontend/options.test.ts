/** Windows and edges that a model can ask for, against FunASR's front end, and what is refused of the rest. */
import { readFileSync } from "node:fs";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openModel } from "../../src/containers/open-paths.ts";
import { Settings } from "../../src/configs/settings.ts";
import { defaultFrontend, planFrontend } from "../../src/frontend/frontend.ts";
import type { FrontendConfig } from "../../src/frontend/frontend.ts";
import { readFrontend } from "../../src/frontend/read-config.ts";
import { load } from "../../src/index.ts";
import { capture } from "../../src/lab.ts";
import { furthest, tinySamples } from "../helpers/builders/speech.ts";
import { fixture } from "../helpers/environment/fixtures.ts";
import { cli } from "../helpers/environment/screen.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

interface Case {
  readonly window: FrontendConfig["window"];
  readonly snip_edges?: boolean;
  readonly samples: number;
  readonly frames: number;
  readonly rows: Readonly<Record<string, readonly number[]>>;
}

const { cases } = JSON.parse(readFileSync(fixture("reference/frontend-options.json"), "utf8")) as {
  readonly cases: readonly Case[];
};

describe("frames", () => {
  it.each(cases)("are FunASR's: $window, snip_edges $snip_edges, $samples samples", (wanted) => {
    const { window, snip_edges: snipEdges = true, samples, frames, rows } = wanted;
    const { fbank } = planFrontend({ ...defaultFrontend, window, snipEdges });
    const found = fbank(tinySamples().subarray(0, samples));
    expect(found.rows).toBe(frames);
    for (const [row, expected] of Object.entries(rows)) {
      const at = Number(row) * found.cols;
      expect(furthest(found.values.subarray(at, at + found.cols), expected)).toBeLessThan(2e-3);
    }
  });
});

/** A copy of a tiny model's folder, with other text in its config.yaml. */
async function folderWith(model: string, from: string, to: string): Promise<string> {
  const folder = join(await temporaryFolder(), model);
  await cp(fixture(`tiny/${model}`), folder, { recursive: true });
  const path = join(folder, "config.yaml");
  const text = await readFile(path, "utf8");
  expect(text).toContain(from);
  await writeFile(path, text.replace(from, to));
  return folder;
}

describe("a folder", () => {
  const clip = fixture("audio/tiny.wav");

  it.each([
    ["window: hamming", "window: hanning", { window: "hanning" }],
    ["window: hamming", "window: hamming\n  snip_edges: false", { snip_edges: false }],
  ])("with %s is computed as such, and so is the file that is made of it: %s", async (from, to, keys) => {
    const folder = await folderWith("paraformer", from, to);
    await using model = await openModel([folder]);
    for (const [key, value] of Object.entries(keys))
      expect(model.metadata.get(`paraformer.frontend.${key}`)).toBe(value);
    const output = `${folder}.gguf`;
    expect(await cli("convert", folder, "-o", output)).toMatchObject({ exitCode: 0 });
    const [usual, first, second] = await Promise.all(
      [fixture("tiny/paraformer"), folder, output].map(async (path) => {
        using transcriber = await load(path);
        const stages = await capture(transcriber, clip, { capture: ["fbank"], stopAfter: "fbank" });
        return stages[0]!.values;
      }),
    );
    expect(first).toEqual(second);
    expect(first).not.toEqual(usual);
    const other = await cli("convert", folder, "--layout", "crispasr", "-o", `${folder}.crisp.gguf`);
    expect(other).toMatchObject({ exitCode: 2 });
  });

  it.each(["paraformer", "sensevoice", "fun-asr-nano", "fsmn-vad"])(
    "of 8 kHz is refused: %s",
    async (model) => {
      const folder = await folderWith(model, "fs: 16000", "fs: 8000");
      await expect(openModel([folder])).rejects.toMatchObject({
        code: "checkpoint_malformed",
        message: expect.stringMatching(/frontend_conf\.fs.*8000.*16000/u) as unknown,
      });
    },
  );
});

describe("keys of a file", () => {
  const read = (key: string, value: unknown): FrontendConfig =>
    readFrontend(new Settings("m.gguf", new Map([[`frontend.${key}`, value]])).at("frontend"));

  it.each([
    ["sample_rate", 8000],
    ["sample_rate", 48_000],
    ["window", "kaiser"],
    ["window", 7],
    ["snip_edges", "no"],
    ["snip_edges", 0],
  ])("that are not computed are refused: %s %s", (key, value) => {
    expect(() => read(key, value)).toThrow(/frontend\./u);
  });

  it("are used", () => {
    expect(read("window", "povey").window).toBe("povey");
    expect(read("snip_edges", false).snipEdges).toBe(false);
    expect(read("sample_rate", 16_000)).toEqual(defaultFrontend);
  });
});
