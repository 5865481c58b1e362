import { OperatorError } from "../errors.js";
import { cut, harmless } from "./sound-text.js";

const LONGEST_SENTENCE = 2000;

/** A sentence for the operator about a file, a mapping or a path, all of which may be a stranger's. */
export function mistake(sentence: string): OperatorError {
  return new OperatorError(cut(harmless(sentence), LONGEST_SENTENCE));
}
