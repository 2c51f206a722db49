/** RE2's algorithm. The build replaces this module by one that reads the library when the first pattern is parsed. */
import { RE2JS } from "re2js";

export const re2 = (): typeof RE2JS => RE2JS;
