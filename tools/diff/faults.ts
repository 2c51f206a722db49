/** `npm run diff:faults`: faults of a port, the stage that `diff` names for each, and its guess at the cause. */
import { check, faults } from "./faults/check.ts";

let wrong = 0;
let guessed = 0;
for (const [i, fault] of faults.entries()) {
  const { stage, guess } = await check(fault);
  const isNamed = stage === fault.stage;
  const isGuessed = fault.guess === undefined ? guess === undefined : guess?.includes(fault.guess) === true;
  if (!isNamed || !isGuessed) wrong++;
  if (guess !== undefined) guessed++;
  console.log(`${String(i + 1).padStart(2)} ${fault.what} (${fault.model})`);
  console.log(`   named: ${stage}${isNamed ? "" : `, wanted: ${fault.stage}`}`);
  console.log(`   guess: ${guess ?? "none"}${isGuessed ? "" : `, wanted: ${fault.guess ?? "none"}`}`);
}
console.log(`${faults.length} faults, ${wrong} not as wanted; ${guessed} with a guess`);
process.exitCode = wrong === 0 ? 0 : 1;
