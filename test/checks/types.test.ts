/** For the quick run: `npm run lint`, which is part of the whole one, finds the same and more. */
import { passes } from "./support.ts";

describe("the project's code", () => {
  passes("typecheck");
});
