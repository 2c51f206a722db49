/**
 * `npm run diff:honest`: how far apart sound computations of the same pass are. Prints, for each pair, the largest
 * relative L2 of a stage, in the teacher-forced pass apart for stages whose weights or arithmetic differ, in the raw pass of
 * all. The bounds of `fun-asr diff` (src/diff/tolerances.ts) are made from these figures.
 */
import { workFolder } from "../../src/adapters/node/output/temporary.ts";
import { diff } from "../../src/diff/diff.ts";
import { open, pairs, referenceOf } from "./pairs.ts";

const any = { relativeL2: Infinity, cosine: -1 };
const wanted = process.argv[2] ?? "";
await using work = await workFolder();
console.log("pair; model; clip; ours: raw, its cosine; forced: sums, cosine; weights, cosine; alarms");
for (const pair of pairs) {
  const clip = pair.audio.replace(/^.*\//u, "");
  const name = `${pair.what}; ${pair.model.replace(/^.*\//u, "")}; ${clip}; ${pair.ours.backend}`;
  if (!name.includes(wanted)) continue;
  await using reference = await referenceOf(pair, work.path);
  using model = await open(pair, pair.ours, work.path);
  const { equalWeights, itn } = pair;
  const same = typeof pair.theirs !== "string" && pair.theirs.type === pair.ours.type;
  const weights = same ? pair.model : undefined;
  const given = { ...(itn === undefined ? {} : { itn }), equalWeights, weights };
  const report = await diff(model, reference, pair.audio, {
    ...given,
    tolerances: { raw: any, forced: any },
  });
  const judged = await diff(model, reference, pair.audio, given);
  const formats = new Map(model.stages().map((stage) => [stage.name, stage.format]));
  const worst = (stages: typeof report.raw.stages): string => {
    const found = stages.map(({ comparison }) => comparison!);
    const distance = Math.max(0, ...found.map(({ relativeL2 }) => relativeL2));
    const angle = Math.max(0, ...found.map(({ worstRowCosine: cosine }) => Math.sqrt(2 * (1 - cosine))));
    return `${distance.toExponential(1)}, ${angle.toExponential(1)}`;
  };
  const forced = report.teacherForced!.stages;
  const weighted = forced.filter(({ name: stage }) => (formats.get(stage) ?? "F32") !== "F32");
  const sums = forced.filter((stage) => !weighted.includes(stage));
  const alarms = [judged.raw, judged.teacherForced!].map(
    ({ stages }) => stages.filter(({ problem }) => problem !== undefined).length,
  );
  console.log(
    `${name}: ${worst(report.raw.stages)}; ${worst(sums)}; ${worst(weighted)}; ${alarms.join(" + ")}`,
  );
}
