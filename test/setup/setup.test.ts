/** The setup of TensorFlow names what is missing, and leaves no partial files. These tests download nothing. */
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findPackage, readInstallation } from "../../kernels/runtime/tensorflow/hosts/node-home.ts";
import { findCompiler } from "../../src/setup/addon.ts";
import { takeLibrary } from "../../src/setup/library.ts";
import { tensorflowWheels } from "../../src/setup/pins.ts";
import { output } from "../../src/setup/shell.ts";
import { setUpTensorflow } from "../../src/setup/tensorflow.ts";
import { downloadWheel, unpack } from "../../src/setup/wheels.ts";
import { temporaryFolder } from "../helpers/environment/temporary.ts";

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => vi.unstubAllEnvs());

/** A program on an otherwise empty PATH. */
async function program(name: string, script: string): Promise<void> {
  const bin = join(folder, "bin");
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
  await chmod(join(bin, name), 0o755);
  vi.stubEnv("PATH", bin);
}

describe("a wheel", () => {
  it("is refused if its SHA-256 is not the pinned one", async () => {
    await program(
      "python3",
      'case "$3" in download) while [ "$1" != -d ]; do shift; done; echo other > "$2/x.whl";; esac',
    );
    await expect(downloadWheel(tensorflowWheels.cpu, folder)).rejects.toMatchObject({
      code: "setup_failed",
      message: expect.stringContaining(`wanted ${tensorflowWheels.cpu.sha256}`) as string,
    });
  });

  it("needs pip", async () => {
    await program("python3", "exit 1");
    await expect(downloadWheel(tensorflowWheels.cpu, folder)).rejects.toThrow(/pip.*--libtensorflow/su);
  });

  it("must be an archive", async () => {
    await writeFile(join(folder, "no.whl"), "no archive");
    await expect(unpack(join(folder, "no.whl"), folder, (name) => name)).rejects.toThrow(
      /not a readable wheel/u,
    );
  });
});

describe("a library from the user", () => {
  const fetching = () => ({ deps: join(folder, "deps"), scratch: folder, note: () => {} });

  it("is refused with the list of missing files", async () => {
    await mkdir(join(folder, "tf"));
    await writeFile(join(folder, "tf/libtensorflow_cc.so.2"), "");
    await expect(takeLibrary(join(folder, "tf"), fetching())).rejects.toThrow(
      /lacks c_api\.h.*libtensorflow_framework/su,
    );
  });

  it("must exist", async () => {
    await expect(takeLibrary(join(folder, "nowhere"), fetching())).rejects.toThrow(/no such file/u);
  });
});

it("names the missing compiler before any download", async () => {
  await program("nothing", "");
  vi.stubEnv("CXX", "");
  await expect(findCompiler()).rejects.toThrow(/C\+\+ compiler.*apt install g\+\+/su);
  const home = join(folder, "home");
  await expect(setUpTensorflow({ variant: "cpu", home, note: () => {} })).rejects.toThrow(/C\+\+ compiler/u);
  expect(await readdir(folder)).toEqual(["bin"]);
});

it("names the missing driver", async () => {
  await program("nothing", "");
  await expect(setUpTensorflow({ variant: "cuda", home: folder, note: () => {} })).rejects.toThrow(
    /nvidia-smi.*--cpu/su,
  );
});

it("shows the last lines of a program that fails", async () => {
  await expect(output("sh", ["-c", "echo first; echo second >&2; exit 3"])).rejects.toThrow(
    /first\n.*second/su,
  );
});

it("treats a folder without manifest as empty, and names the setup command", () => {
  expect(readInstallation(folder)).toBeUndefined();
  expect(() => findPackage(folder)).toThrow(/not set up.*npm run setup:tensorflow/su);
});
