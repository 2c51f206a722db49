/** The whole public API. */
export {
  FunAsrError,
  UsageError,
  ModelFormatError,
  TensorsError,
  CtcUnavailableError,
  AudioError,
  RuntimeError,
} from "./errors.ts";
export type { ErrorCode } from "./errors.ts";
