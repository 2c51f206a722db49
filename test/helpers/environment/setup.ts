/** Runs before each test file. Makes Node the platform; seeds fast-check from FUN_ASR_SEED, so that a failure can be replayed. */
import fc from "fast-check";
import { installNode } from "../../../src/adapters/node/install.ts";

installNode();

fc.configureGlobal({ seed: Number(process.env["FUN_ASR_SEED"] ?? 20_260_101) });
