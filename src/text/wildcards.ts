/**
 * Names by patterns with wildcards. A name is read once, with the set of all places in the pattern that it may have
 * reached, so that no number of stars makes it slow: time is the product of both lengths.
 */

/** One sign of a pattern, and what happens to a place in front of it when a character is read. */
interface Step {
  /** Whether the place behind it is reached without a character. */
  readonly skips: boolean;
  /** Whether the place stays with this character. */
  readonly stays: (character: string) => boolean;
  /** Whether this character leads to the place behind it. */
  readonly moves: (character: string) => boolean;
}

/** A place that was reached, and one within a folder's name, from which only a slash leads on. */
const ENTERED = 2;
const WITHIN = 1;

const never = (): boolean => false;
const always = (): boolean => true;
const inName = (character: string): boolean => character !== "/";

const literal = (sign: string): Step => ({ skips: false, stays: never, moves: (one) => one === sign });
const anyRun: Step = { skips: true, stays: always, moves: never };
const anyRunInName: Step = { skips: true, stays: inName, moves: never };
const oneInName: Step = { skips: false, stays: never, moves: inName };
const anyFolders: Step = { skips: true, stays: always, moves: (one) => one === "/" };

/** `*` stands for any run of characters, everything else for itself. */
export function matchNames(pattern: string): (name: string) => boolean {
  return matcher(pattern, () => Array.from(pattern, (sign) => (sign === "*" ? anyRun : literal(sign))));
}

/** Paths: `*` and `?` stand for characters of one name, `**` and a slash for any folders. */
export function matchPaths(pattern: string): (path: string) => boolean {
  return matcher(pattern.replaceAll("**/", "**"), () =>
    (pattern.match(/\*\*\/|[^]/gu) ?? []).map((sign) =>
      sign === "**/" ? anyFolders : sign === "*" ? anyRunInName : sign === "?" ? oneInName : literal(sign),
    ),
  );
}

/** The steps are made when a text comes that is long enough for what is not a star. */
function matcher(pattern: string, read: () => readonly Step[]): (text: string) => boolean {
  const least = pattern.replaceAll("*", "").length;
  let matches: ((text: string) => boolean) | undefined;
  return (text) => text.length >= least && (matches ??= stepper(read()))(text);
}

function stepper(written: readonly Step[]): (text: string) => boolean {
  const steps = written.filter((step, i) => !step.skips || step !== written[i - 1]);
  /** Marks a place, and those behind it that are reached without a character. */
  const reach = (places: Uint8Array, from: number): void => {
    for (let at = from; places[at] !== ENTERED; at++) {
      places[at] = ENTERED;
      if (steps[at]?.skips !== true) return;
    }
  };
  return (text) => {
    let places = new Uint8Array(steps.length + 1);
    reach(places, 0);
    for (const character of text) {
      const next = new Uint8Array(steps.length + 1);
      for (const [at, step] of steps.entries()) {
        if (places[at] === 0) continue;
        if (step === anyFolders) next[at] ||= WITHIN;
        else if (step.stays(character)) reach(next, at);
        if (step.moves(character)) reach(next, at + 1);
      }
      places = next;
    }
    return places[steps.length] === ENTERED;
  };
}
