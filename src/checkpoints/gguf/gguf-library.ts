/** The second parser of GGUF headers. The build replaces this module by the parser without the package's 60 other modules. */
export { gguf } from "@huggingface/gguf";
