/** Many transcriptions in a row hold no more than a few did. The long version is `npm run soak`. */
import { expect, it } from "vitest";
import { transcribeMany } from "../../tools/soak/soak.ts";
import type { Holdings } from "../../tools/soak/soak.ts";
import { fixture } from "../helpers/environment/fixtures.ts";

it("keeps tensors and memory flat over 60 clips of many lengths", async () => {
  const held: Omit<Holdings, "residentBytes">[] = [];
  await transcribeMany(fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf"), 60, (_, holdings) => {
    const { tensors, wasmUsed, wasmEnd } = holdings();
    held.push({ tensors, wasmUsed, wasmEnd });
  });
  // After 36 clips every length has been seen, and there is a place for all that any of them needs.
  for (const later of held.slice(36)) expect(later).toEqual(held[35]);
});

it("keeps tensors and memory flat with four clips at a time, in windows at once, with drafts", async () => {
  const held: Omit<Holdings, "residentBytes" | "wasmEnd">[] = [];
  const seen = (_: number, holdings: () => Holdings): void => {
    const { tensors, wasmUsed } = holdings();
    held.push({ tensors, wasmUsed });
  };
  await transcribeMany(fixture("tiny/fun-asr-nano/fun-asr-nano-q8_0.gguf"), 60, seen, 4);
  expect(held).toHaveLength(15);
  for (const later of held.slice(9)) expect(later).toEqual(held[8]);
});
