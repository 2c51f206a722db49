/** The program that `prove` runs: loads the backend, multiplies two matrices and prints version and device as a line of JSON. */
import { stdout } from "node:process";
import { installNode } from "../adapters/node/install.ts";
import { proveTensorflow } from "../doctor/tensorflow.ts";

installNode();

stdout.write(`${JSON.stringify(await proveTensorflow())}\n`);
