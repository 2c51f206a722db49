/**
 * Long recordings at full size, synthetic weights: windows of 30 s, 128 tokens each, one at a time and several at once, with
 * drafts that are right as often as in real texts and without. A part of the hour is measured, as many windows as make the
 * ends small; the figures are seconds of audio per second.
 */
import { load } from "../../src/node.ts";
import type { Segment, TranscribeOptions } from "../../src/node.ts";
import { normals } from "../../test/helpers/builders/random.ts";
import { draftFrom } from "./known-drafts.ts";
import { interleaved, timed } from "./peers.ts";
import type { Figures } from "./sections.ts";
import { syntheticNano } from "./synthetic.ts";
import { untilTheLimit, workload } from "./workload.ts";

const windowSeconds = 30;
const windows = 16;
const atOnce = 8;
const rounds = 3;

export async function benchHour(): Promise<Figures> {
  using model = await load(await syntheticNano("Q8_0"), { backend: "wasm" });
  const samples = normals(1, windows * windowSeconds * 16_000, 0.1);
  const run = async (options: TranscribeOptions): Promise<readonly Segment[]> => {
    const { segments } = await model.transcribe(samples, {
      ...untilTheLimit,
      chunk: { seconds: windowSeconds, overlap: 0, cut: "fixed" },
      maxNewTokens: Math.round((workload.tokens / workload.seconds) * windowSeconds),
      ...options,
    });
    return segments;
  };
  const peakBytes = (): number => process.resourceUsage().maxRSS * 1024;
  const known = await run({ draft: "off" });
  const alonePeakBytes = peakBytes();
  draftFrom(
    known.map(({ tokens }) => tokens),
    workload.rightDrafts,
  );
  const measured = (options: TranscribeOptions) => () =>
    timed(async () => {
      const found = await run(options);
      const text = ({ tokens }: Segment): string => tokens.join();
      if (found.map(text).join("\n") !== known.map(text).join("\n")) throw new Error("other tokens");
    });
  const seconds = await interleaved(rounds, {
    alone: measured({ draft: "off" }),
    atOnce: measured({ draft: "off", parallel: atOnce }),
    drafts: measured({}),
    draftsAtOnce: measured({ parallel: atOnce }),
  });
  const audio = windows * windowSeconds;
  return {
    "hour.measuredSeconds": audio,
    "hour.atOnce": atOnce,
    "alone.audioPerSecond": audio / seconds.alone,
    "atOnce.audioPerSecond": audio / seconds.atOnce,
    "atOnce.ratio": seconds.alone / seconds.atOnce,
    "drafts.audioPerSecond": audio / seconds.drafts,
    "draftsAtOnce.audioPerSecond": audio / seconds.draftsAtOnce,
    "draftsAtOnce.ratio": seconds.drafts / seconds.draftsAtOnce,
    "memory.alonePeakBytes": alonePeakBytes,
    "memory.peakBytes": peakBytes(),
  };
}
