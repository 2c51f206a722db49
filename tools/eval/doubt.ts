/**
 * How well the agreement of a text with the CTC draft shows that the text is wrong: on the test set, on the same clips
 * with noise, at another speed and reversed, on sounds that are no speech, and with the draft of another clip. A text is
 * wrong where more than half of its characters (Chinese) or words (English) are, or where it is no speech.
 */
import { distance } from "../../src/edit-distance.ts";
import { loadAudio } from "../../src/audio/container.ts";
import type { Transcriber } from "../../src/node.ts";
import { agreement } from "../../src/text/agreement.ts";
import { units } from "./metrics.ts";
import { atSpeed, reversed, soundsOf, withNoise } from "./sounds.ts";
import { clipOf } from "./test-set.ts";
import type { Utterance } from "./test-set.ts";

interface Case {
  readonly kind: string;
  readonly wrong: boolean;
  readonly agreement: number;
}

/** Sounds of each kind. */
const SOUNDS = 40;
const BOUNDS = [0.1, 0.2, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9];

/** Percent of the wrong texts, of all and of each kind, and of the other ones, whose agreement is below each bound. */
export async function measureDoubt(
  model: Transcriber,
  utterances: readonly Utterance[],
  onProgress: (done: number) => void = () => {},
): Promise<ReadonlyMap<string, Readonly<Record<string, number>>>> {
  const cases: Case[] = [];
  const add = async (kind: string, samples: Float32Array, utterance?: Utterance): Promise<string> => {
    const { text, ctcText = "" } = await model.transcribe(samples, { chunk: "off", maxNewTokens: "auto" });
    if (text.trim() !== "") {
      const wrong = utterance === undefined || errorsOf(utterance, text) > 0.5;
      cases.push({ kind, wrong, agreement: agreement(text, ctcText) });
    }
    return ctcText;
  };

  let other: { readonly language: string; readonly draft: string } | undefined;
  for (const [i, utterance] of utterances.entries()) {
    const { samples } = await loadAudio(clipOf(utterance));
    const draft = await add("clean", samples, utterance);
    for (const decibels of [-10, 0, 5]) await add("noise added", withNoise(samples, decibels, i), utterance);
    for (const speed of [0.7, 1.4]) await add("other speed", atSpeed(samples, speed), utterance);
    await add("reversed", reversed(samples));
    if (other !== undefined)
      cases.push({ kind: "other text", wrong: true, agreement: agreement(utterance.written, other.draft) });
    other = { language: utterance.language, draft };
    onProgress(i + 1);
  }
  for (let seed = 0; seed < SOUNDS; seed++)
    for (const [kind, samples] of soundsOf(seed)) await add(kind, samples);
  return curve(cases);
}

/** Errors per reference unit. */
function errorsOf({ language, written }: Utterance, text: string): number {
  const wanted = units(language, written);
  return distance(wanted, units(language, text)) / wanted.length;
}

function curve(cases: readonly Case[]): Map<string, Record<string, number>> {
  const wrong = cases.filter((one) => one.wrong);
  const right = cases.filter((one) => !one.wrong);
  const groups: [string, Case[]][] = [
    ["wrong: all", wrong],
    ...[...new Set(wrong.map(({ kind }) => kind))].map((kind): [string, Case[]] => [
      `wrong: ${kind}`,
      wrong.filter((one) => one.kind === kind),
    ]),
    ["right: all", right],
    ...[...new Set(right.map(({ kind }) => kind))].map((kind): [string, Case[]] => [
      `right: ${kind}`,
      right.filter((one) => one.kind === kind),
    ]),
  ];
  return new Map(
    groups.map(([name, some]) => [
      name,
      {
        texts: some.length,
        ...Object.fromEntries(
          BOUNDS.map((bound) => [
            `below ${bound.toFixed(2)}`,
            Math.round((1000 * some.filter((one) => one.agreement < bound).length) / some.length) / 10,
          ]),
        ),
      },
    ]),
  );
}
