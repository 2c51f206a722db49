/**
 * Runs before each test file. Makes Node the platform; seeds fast-check from FUN_ASR_SEED, so that a failure can be
 * replayed; no test sees the models and caches of the machine, or reaches a hub.
 */
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { installNode } from "../../../src/adapters/node/install.ts";

installNode();

const nowhere = join(tmpdir(), "fun-asr-no-such-home");
for (const name of ["FUN_ASR_HOME", "HF_HOME", "MODELSCOPE_CACHE"]) process.env[name] = nowhere;
for (const name of ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_TOKEN", "HF_HUB_OFFLINE"])
  delete process.env[name];
for (const name of ["HF_ENDPOINT", "MODELSCOPE_ENDPOINT"]) process.env[name] = "http://127.0.0.1:9";

fc.configureGlobal({ seed: Number(process.env["FUN_ASR_SEED"] ?? 20_260_101) });
