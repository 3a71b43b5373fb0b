/** A refusal or failure that the user can act on, as a value: only the printer joins its parts. */
export interface Refusal {
  /** What is wrong: the key or argument, its value and the rule, in one line. */
  readonly problem: string;
  /** What to do about it; absent where the problem says so itself. */
  readonly remedy?: string | undefined;
  /** A word for code that has to tell refusals apart. */
  readonly reason?: string | undefined;
}

/** Thrown for a refusal; it ends a command with exit status 1 and without a stack trace. */
export class Refused extends Error implements Refusal {
  override readonly name = "Refused";
  readonly problem: string;
  readonly remedy: string | undefined;
  readonly reason: string | undefined;
  constructor(
    problem: string,
    remedy?: string,
    { reason, ...options }: ErrorOptions & { readonly reason?: string } = {},
  ) {
    super(render({ problem, remedy }), options);
    this.problem = problem;
    this.remedy = remedy;
    this.reason = reason;
  }
}

/** Whether an error is one that the user can act on: ours, or that of a package that says it the same way. */
export const isRefusal = (error: unknown): error is Error & Refusal =>
  error instanceof Error && "problem" in error && typeof error.problem === "string";

/** The refusal as people read it, in one line. */
export const render = ({ problem, remedy }: Refusal): string =>
  remedy === undefined ? problem : `${problem}; ${remedy}`;
