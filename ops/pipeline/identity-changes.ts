/** Which changes of a plan are none of CI's: what gives it its own rights changes by an administrator alone. */
import type { Change, Plan } from "./plan.ts";

/** URNs of everything inside the component of GitHub's roles, their policies, the boundary and the provider. */
const IDENTITY = /:infra:Identity\$/;

/** The changes that the deploy role may not make. */
export const identityChanges = ({ changes }: Plan): readonly Change[] =>
  changes.filter(({ urn }) => IDENTITY.test(urn));
