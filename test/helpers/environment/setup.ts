/** Runs before each test file. Makes Node the platform; seeds fast-check from FUN_ASR_SEED, so that a failure can be replayed. */
import fc from "fast-check";
import { nodePlatform } from "../../../src/adapters/node/platform.ts";
import { installPlatform } from "../../../src/platform/current.ts";

installPlatform(nodePlatform);

fc.configureGlobal({ seed: Number(process.env["FUN_ASR_SEED"] ?? 20_260_101) });
