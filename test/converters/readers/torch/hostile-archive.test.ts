/** PyTorch checkpoints whose archive is malicious or broken: each is refused as malformed, in its place, at once. */
import { describe, expect, test } from "vitest";
import { expectRefused, openHostile, refusal } from "../../../helpers/environment/torch-refusal.ts";
import type { RefusedCheckpoint } from "../../../helpers/environment/torch-refusal.ts";
import { readers } from "../../../../tools/fuzz/readers.ts";
import { survey } from "../../../../tools/fuzz/survey.ts";
import { entries, state, tensor, zip } from "../../../helpers/builders/pickle.ts";
import type { ZipEntry } from "../../../helpers/builders/pickle.ts";

const good = entries(state(tensor()));
const [dataPkl, byteOrder, storage] = good as [ZipEntry, ZipEntry, ZipEntry];

test("the valid checkpoint is read", async () => {
  const { tensors } = await openHostile(zip(good));
  const bytes = new Uint8Array(8);
  await tensors.get("w")?.read(bytes);
  expect([...new Float32Array(bytes.buffer)]).toEqual([1, 2]);
});

const archives: RefusedCheckpoint[] = [
  ["an empty file", new Uint8Array(), "no zip"],
  ["a pickle of PyTorch before 1.6", Buffer.from([0x80, 2, 0x8a, 10]), "before PyTorch 1.6"],
  ["a shell script with an archive behind it", zip(good, { before: Buffer.from("#!/bin/sh\n") }), "no zip"],
  ["an archive without an end", zip(good).subarray(0, -22), "valid zip"],
  ["an archive without a directory", zip(good, { directoryOffset: 0 }), "valid zip"],
  ["a directory beyond the file", zip(good, { directoryOffset: 1_000_000 }), "at most"],
  ["bytes after the end", Buffer.concat([zip(good), Buffer.from("x")]), "valid zip"],
  ["more entries than there are", zip(good, { count: 4 })],
  ["fewer entries than there are: no storage", zip(good, { count: 2 }), "not in the archive"],
  ["several disks", zip(good, { disk: 1 }), "disk"],
  ["no data.pkl", zip([byteOrder, storage]), "data.pkl"],
  ["two of data.pkl", zip([dataPkl, dataPkl, storage]), "twice"],
  ["two archives in one", zip([...good, { ...dataPkl, name: "other/data.pkl" }]), "another folder"],
  ["an entry outside the folder", zip([{ name: "data.pkl", data: dataPkl.data }]), "another folder"],
  ["a name that climbs", zip([{ ...dataPkl, name: "model/../data.pkl" }])],
  ["an absolute name", zip([{ ...dataPkl, name: "/model/data.pkl" }])],
  ["a name with a drive", zip([{ ...dataPkl, name: "C:/data.pkl" }])],
  ["a compressed pickle", zip([{ ...dataPkl, method: 8 }, byteOrder, storage]), "compression method 8"],
  ["a compressed storage", zip([dataPkl, byteOrder, { ...storage, method: 8 }]), "compression method 8"],
  ["an encrypted entry", zip([{ ...dataPkl, flags: 1 }, byteOrder, storage]), /encrypted|mismatch/],
  ["strong encryption", zip([{ ...dataPkl, flags: 0x40 }, byteOrder, storage]), "encryption"],
  [
    "another name in front of the data",
    zip([{ ...dataPkl, localName: "model/evil.pkl" }, byteOrder, storage]),
    "contradicts",
  ],
  [
    "another method in front of the data",
    zip([{ ...dataPkl, localMethod: 8 }, byteOrder, storage]),
    "contradicts",
  ],
  [
    "another size in front of the data",
    zip([{ ...dataPkl, localSize: 1 }, byteOrder, storage]),
    "contradicts",
  ],
  ["an entry beyond the file", zip([dataPkl, byteOrder, { ...storage, size: 1_000_000 }])],
  [
    "entries in one place",
    zip([
      dataPkl,
      byteOrder,
      storage,
      { ...storage, name: "model/data/1", localName: "model/data/1", offset: 0 },
    ]),
  ],
  [
    "entries that overlap",
    zip([{ ...dataPkl, size: dataPkl.data.length + 60 }, byteOrder, storage]),
    "overlaps",
  ],
  ["an offset that points nowhere", zip([dataPkl, byteOrder, { ...storage, offset: 5 }])],
  ["big-endian numbers", zip([dataPkl, { ...byteOrder, data: Buffer.from("big") }, storage]), "little"],
];

describe("archives", () => {
  test.each(archives)("%s", (_, bytes, reason) => expectRefused(bytes, reason));
});

test("every truncation of a valid checkpoint is refused", async () => {
  const whole = zip(good);
  for (let length = 0; length < whole.length; length++) {
    const { error } = await refusal(whole.subarray(0, length));
    expect(error.code).toBe("checkpoint_malformed");
  }
});

test("2,000 mutants are read or refused, never anything else", async () => {
  const { read, refused } = await survey(readers.torch, 0, 2_000);
  expect(read).toBeGreaterThan(20);
  expect(refused).toBeGreaterThan(200);
});
