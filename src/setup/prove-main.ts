/** The program behind `prove`: loads the backend, multiplies two matrices, prints what it found as a line of JSON. */
import { stdout } from "node:process";
import { setUpProof } from "../nn/backend.ts";

stdout.write(`${JSON.stringify(await setUpProof())}\n`);
