/** PyTorch checkpoints whose archive is malicious or broken: each is refused as malformed, in its place, at once. */
import { describe, expect, test } from "vitest";
import { expectRefused, openHostile, refusal } from "../../../helpers/environment/torch-refusal.ts";
import { survey } from "../../../../tools/fuzz/survey.ts";
import { hostileArchives, validEntries } from "../../../helpers/builders/hostile-torch.ts";
import { zip } from "../../../helpers/builders/pickle.ts";

test("the valid checkpoint is read", async () => {
  const { tensors } = await openHostile(zip(validEntries));
  const bytes = new Uint8Array(8);
  await tensors.get("w")?.read(bytes);
  expect([...new Float32Array(bytes.buffer)]).toEqual([1, 2]);
});

describe("archives", () => {
  test.each(hostileArchives)("%s", (_, bytes, reason) => expectRefused(bytes, reason));
});

test("a pickle of 64 MiB is run, one of a byte more is refused before it is read", async () => {
  const [dataPkl, ...others] = validEntries as [(typeof validEntries)[0], ...typeof validEntries];
  const most = 64 * 2 ** 20;
  const of = (size: number) => refusal(zip([{ ...dataPkl, data: Buffer.alloc(size) }, ...others]));
  expect((await of(most)).error.message).toContain("wanted pickle protocol 2");
  expect((await of(most + 1)).error.message).toContain(
    `data.pkl of ${most + 1} bytes; wanted at most ${most}`,
  );
});

test("every truncation of a valid checkpoint is refused", async () => {
  const whole = zip(validEntries);
  for (let length = 0; length < whole.length; length++) {
    const { error } = await refusal(whole.subarray(0, length));
    expect(error.code).toBe("checkpoint_malformed");
  }
});

test("2,000 mutants are read or refused, never anything else", async () => {
  const { read, refused } = await survey("torch", 0, 2_000);
  expect(read).toBeGreaterThan(20);
  expect(refused).toBeGreaterThan(200);
});
