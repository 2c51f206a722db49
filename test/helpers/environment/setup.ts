/** Runs before each test file. Seeds fast-check from FUN_ASR_SEED, so that a failure can be replayed. */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env["FUN_ASR_SEED"] ?? 20_260_101) });
