/** PyTorch archives that are malicious or broken: what is wrong, the file, and a part of the message. */
import type { HostileBytes } from "./hostile-pickle.ts";
import { entries, state, tensor, zip } from "./pickle.ts";
import type { ZipEntry } from "./pickle.ts";

/** The entries of a valid checkpoint. */
export const validEntries = entries(state(tensor()));
const [dataPkl, byteOrder, storage] = validEntries as [ZipEntry, ZipEntry, ZipEntry];

export const hostileArchives: readonly HostileBytes[] = [
  ["an empty file", new Uint8Array(), "no zip"],
  ["a pickle of PyTorch before 1.6", Buffer.from([0x80, 2, 0x8a, 10]), "before PyTorch 1.6"],
  [
    "a shell script with an archive behind it",
    zip(validEntries, { before: Buffer.from("#!/bin/sh\n") }),
    "no zip",
  ],
  ["an archive without an end", zip(validEntries).subarray(0, -22), "valid zip"],
  ["an archive without a directory", zip(validEntries, { directoryOffset: 0 }), "valid zip"],
  ["a directory beyond the file", zip(validEntries, { directoryOffset: 1_000_000 }), "at most"],
  ["bytes after the end", Buffer.concat([zip(validEntries), Buffer.from("x")]), "valid zip"],
  ["more entries than there are", zip(validEntries, { count: 4 })],
  ["fewer entries than there are: no storage", zip(validEntries, { count: 2 }), "not in the archive"],
  ["several disks", zip(validEntries, { disk: 1 }), "disk"],
  ["no data.pkl", zip([byteOrder, storage]), "data.pkl"],
  ["two of data.pkl", zip([dataPkl, dataPkl, storage]), "twice"],
  ["two archives in one", zip([...validEntries, { ...dataPkl, name: "other/data.pkl" }]), "another folder"],
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
