/** A file in the store that is no record counts as none, whichever part it lacks. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { Records } from "../../../src/adapters/node/store/records.ts";
import { temporaryFolder } from "../../helpers/environment/temporary.ts";

const stamp = { size: 3, changed: 1000, inode: 5 };
const file = { name: "a.gguf", sha256: "00", size: 3, stamp };
const record = { name: "demo", source: "hf:maker/demo", files: [file], installed: "2026-01-01T00:00:00Z" };

/** Each object without one of its parts, and with that part of another type. */
const faulty = (whole: object): object[] =>
  Object.keys(whole).flatMap((key) => [
    { ...whole, [key]: undefined },
    { ...whole, [key]: {} },
  ]);

test("of the model, of a file, or of a file's stamp", async () => {
  const records = new Records(await temporaryFolder());
  const path = `${records.view("demo")}.json`;
  await mkdir(dirname(path), { recursive: true });
  const read = async (value: unknown): Promise<unknown> => {
    await writeFile(path, JSON.stringify(value));
    return await records.get("demo");
  };
  for (const whole of [record, { ...record, files: [] }, { ...record, files: [{ ...file, cachedAt: "/a" }] }])
    expect(await read(whole)).toEqual(whole);
  const wrong = [
    null,
    [],
    ...faulty(record),
    ...faulty(file).map((one) => ({ ...record, files: [file, one] })),
    ...faulty(stamp).map((one) => ({ ...record, files: [{ ...file, stamp: one }] })),
    { ...record, files: [{ ...file, cachedAt: 1 }] },
  ];
  for (const one of wrong) expect(await read(one), JSON.stringify(one)).toBeUndefined();
});
