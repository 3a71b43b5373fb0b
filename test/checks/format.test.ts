import { passes } from "./support.ts";

describe("the project's code", () => {
  passes("format:check");
});
