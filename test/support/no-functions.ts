/** No function beside the service's own: what a team lists must not change what is asserted of the template. */
import type { OwnFunction } from "../../infra/functions/own-function.ts";

export const NO_FUNCTIONS = import.meta.url;

export const ownFunctions: readonly OwnFunction[] = [];
