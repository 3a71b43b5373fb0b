import type { Deployed } from "local-aws/cloud/session.ts";
import { shortType } from "../preview/render.ts";

/** What the program asks for and the local cloud does not have, one line a type, with what follows from it. */
export const notMadeLines = ({
  notMade,
  madeUp,
}: Pick<Deployed, "notMade" | "madeUp">): string[] => [
  ...notMade.map(
    ({ type, count, consequence }) =>
      `not in the local cloud: ${count} × ${shortType(type)}: ${consequence}`,
  ),
  ...madeUp.map(
    (token) =>
      `not in the local cloud: ${shortType(token)}: its values are made up; set your own in infra/own/data-sources.ts`,
  ),
];
