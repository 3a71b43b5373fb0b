/** One way into the service in the local cloud, for people to try. */
export interface Trial {
  /** What a shell calls it by. */
  readonly variables: Readonly<Record<string, string>>;
  /** A call of it, once a shell knows the variables. */
  readonly curl: string;
}
