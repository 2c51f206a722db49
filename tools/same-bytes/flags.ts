/**
 * Flags that the two checkouts may spell differently. Each checkout is asked by its `--help` which spelling it knows;
 * a flag that is not in the table is the same in both.
 */

interface FlagVariant {
  /** What the help of a command contains where the command knows the new spelling. */
  readonly newHelp: string;
  readonly old: readonly string[];
  readonly new: readonly string[];
}

const flagVariants = {
  ctcDecoder: { newHelp: "--decoder <", old: ["--mode", "ctc"], new: ["--decoder", "ctc"] },
  llmDecoder: { newHelp: "--decoder <", old: ["--mode", "full"], new: ["--decoder", "llm"] },
  tokenTimes: { newHelp: "--timestamps <", old: ["--timestamps"], new: ["--timestamps", "token"] },
  eighthOfRows: { newHelp: "--low-frame-rate", old: ["--audio-rows", "eighth"], new: ["--low-frame-rate"] },
  fixedCut: { newHelp: "--chunk-cut", old: ["--cut", "fixed"], new: ["--chunk-cut", "fixed"] },
  ctcBlankCut: { newHelp: "--chunk-cut", old: ["--cut", "ctc-blank"], new: ["--chunk-cut", "ctc-blank"] },
  allRows: { newHelp: "--low-frame-rate", old: ["--audio-rows", "all"], new: ["--no-low-frame-rate"] },
} as const satisfies { readonly [name: string]: FlagVariant };

type FlagName = keyof typeof flagVariants;

/** A word that is used unchanged, or a flag whose spelling depends on the checkout. */
export type Argument = string | { readonly flag: FlagName };

/** The arguments for a checkout whose help of this command is `help`. */
export function spelled(
  argv: readonly Argument[],
  help: string,
  variants: { readonly [name in FlagName]: FlagVariant } = flagVariants,
): string[] {
  return argv.flatMap((word) => {
    if (typeof word === "string") return [word];
    const variant = variants[word.flag];
    return help.includes(variant.newHelp) ? variant.new : variant.old;
  });
}
