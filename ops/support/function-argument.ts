/** A stack and a function of it, as command lines in remedies name them. Pure. */

/** Which function: absent for the service's own. */
export interface OfFunction {
  readonly functionId?: string | undefined;
}

/** The part of a command line that names a function; empty for the service's own. */
export const functionArgument = ({ functionId }: OfFunction): string =>
  functionId === undefined ? "" : ` --function ${functionId}`;

/** For example `--stack staging`, or `--stack staging --function reports`. */
export const stackArgument = (stack: string, of: OfFunction): string =>
  `--stack ${stack}${functionArgument(of)}`;
