/** The config of one stack, as far as the engine needs it. */
export interface StackConfig {
  /** The project's name. */
  readonly project: string;
  readonly stack: string;
  /** What the stack's file sets, by full key, for example `aws:region`; no secrets. */
  readonly stackValues: Readonly<Record<string, unknown>>;
}
