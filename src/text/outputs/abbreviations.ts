/**
 * Abbreviations with a point, which does not end a sentence: of the languages of the models that write points, and of
 * German, Spanish, French, Italian and Russian, which the CTC vocabulary has. Left out are those that are also common
 * words of another language at the end of a sentence ("is.", "no.", "al.").
 */

/** As written, or with a capital first letter. */
const ANY_CASE = list(
  "dr drs mr mrs ms messrs prof st jr sr vs etc approx dept est govt inc ltd corp bros assn asst univ viz mfg", // English
  "bzw usw ggf evtl inkl exkl zzgl vgl bspw sog hrsg geb dipl ing", // German
  "sra srta avda mme mlle mgr dott dottssa sigra avv geom", // Spanish, French, Italian; Portuguese shares them
  "mevr dhr mw bijv enz incl excl resp", // Dutch
  "hr fru frk ifm vedr osv mht pga iht evt jfr dvs mfl", // Danish, Swedish
  "esim ym jne ks puh alk vrt lk pvz", // Finnish, Estonian, Lithuanian
  "tzn tzv apod mudr judr phdr atd např popř příp tj napr atď", // Czech, Slovak
  "np itd itp tzw inż ul npr oz ipd tzv odn gosp", // Polish, Slovenian, Croatian
  "stb vö özv ifj pl dl dlui utt piem", // Hungarian, Romanian, Latvian
  "κ κα κος δρ κλπ δηλ βλ г гр ул бул др проф акад инж", // Greek, Bulgarian, Russian
  "sdr sdri bpk dll dsb dkk ths pgs", // Indonesian, Malay, Vietnamese
);
/** Only with a capital first letter: the same letters in lower case are a word. */
const CAPITAL = list(
  "Gen Col Capt Cpt Sgt Lt Maj Cmdr Adm Rev Hon Sen Rep Gov Pres Supt Mt Ft Ave Blvd Rd Co Mar Jan Feb Aug Sept Oct Nov Dec",
  "Hr Fr Frl Str Sig Exc Exmo Exma Sto Sta",
);
/** Only before a number: "No. 5", but "He said no." */
const BEFORE_NUMBER = list(
  "no nos nr nº n.º fig figs vol vols art sec ch p pp pg s tel ext eq str št č čís sz kl kap núm núms ca",
);

/** Letters between points: U.S., p.m., z.B., e.g., Ph.D., t.ex., a.s.o. */
const DOTTED = /^\p{L}{1,3}(?:\.\p{L}{1,3})+$/u;
/** An initial: J. Smith. */
const INITIAL = /^\p{Lu}$/u;
/** The last word before a point, which closing brackets and quotes may follow. */
const LAST = /(?<word>[\p{L}\p{M}\p{N}º.]*[\p{L}\p{M}\p{N}º])\.[\p{Pe}\p{Pf}"'”’]*$/u;

/** Whether the point at the end of `text` belongs to an abbreviation; `next` is the word after it. */
export function endsInAbbreviation(text: string, next: string): boolean {
  const word = LAST.exec(text)?.groups?.["word"];
  if (word === undefined) return false;
  if (DOTTED.test(word) || CAPITAL.has(word) || ANY_CASE.has(lowerFirst(word))) return true;
  if (/^\p{Nd}/u.test(next)) return BEFORE_NUMBER.has(lowerFirst(word));
  if (/^\p{Nd}{1,2}$/u.test(word)) return /^\p{Ll}/u.test(next); // an ordinal: "am 3. und 4. Mai"
  return INITIAL.test(word) && word !== "I" && /^\p{Lu}/u.test(next);
}

function list(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(" ")));
}

const lowerFirst = (word: string): string => word.charAt(0).toLowerCase() + word.slice(1);
