/**
 * One pass of the full-size synthetic Fun-ASR-Nano in a new process, for its peak memory: `plain`, or with
 * every stage written to disk. `node dist/tools/bench/stages-pass.js plain|capture SECONDS` prints the figures as JSON.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createArchive } from "../../src/diff/archives/index.ts";
import { load } from "../../src/node.ts";
import { normals } from "../../test/helpers/builders/random.ts";
import { syntheticNano } from "./synthetic.ts";

const [kind, seconds = "60"] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "fun-asr-stages-"));
try {
  using model = await load(await syntheticNano("Q8_0"), { backend: "wasm" });
  const samples = normals(1, Number(seconds) * 16_000, 0.1);
  const options = { maxNewTokens: 2, timestamps: "token" } as const;
  const start = performance.now();
  let bytes = 0;
  if (kind === "capture") {
    await using archive = await createArchive(join(folder, "stages.safetensors"));
    await model.run(samples, {
      ...options,
      capture: ["*"],
      sink: async ({ name, shape, values }) => {
        bytes += values.byteLength;
        await archive.add(name, shape, values);
      },
    });
    await archive.finish();
  } else {
    await model.run(samples, options);
  }
  const passSeconds = (performance.now() - start) / 1000;
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ seconds: passSeconds, peakBytes, stageBytes: bytes }));
} finally {
  await rm(folder, { recursive: true });
}
