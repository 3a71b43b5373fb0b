/** As many functions beside the service's own as there is room for. */
import type { OwnFunction } from "../../infra/functions/own-function.ts";
import { SECOND } from "./second-function.ts";

/** This module, as the list of functions for `runProgram`. */
export const MOST_FUNCTIONS_LIST = import.meta.url;

export const ownFunctions: readonly OwnFunction[] = ["statements", "letters", "exports"].map(
  (name) => ({ ...SECOND, name }),
);
