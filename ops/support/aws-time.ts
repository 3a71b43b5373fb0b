/**
 * The time as AWS has it. What commands write down and compare was stamped by AWS, and the clock of the machine
 * that they run on may be wrong by hours (the SDK corrects its signatures silently, so nothing else shows it).
 */

/** The part of a client that this needs: where its middleware is added. */
interface Client {
  readonly middlewareStack: {
    add(
      middleware: <Args, Result extends { readonly response: unknown }>(
        next: (args: Args) => Promise<Result>,
      ) => (args: Args) => Promise<Result>,
      options: { readonly step: "deserialize"; readonly name: string; readonly override: boolean },
    ): void;
  };
}

/** An answer's date is whole seconds, and the answer has travelled: below this the clocks agree. */
const PRECISION_MS = 2_000;

export class AwsTime {
  #offsetMs = 0;

  /** Milliseconds since 1970, corrected by the last answer that was seen. */
  now = (): number => Date.now() + this.#offsetMs;

  /** Reads the date of every answer that this client gets. */
  watch(client: unknown): void {
    (client as Client).middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const { headers } = result.response as { readonly headers?: Record<string, string> };
        this.#saw(Date.parse(headers?.["date"] ?? ""));
        return result;
      },
      { step: "deserialize", name: "readAwsTime", override: true },
    );
  }

  #saw(awsMs: number): void {
    if (Number.isNaN(awsMs)) return;
    const offsetMs = awsMs - Date.now();
    this.#offsetMs = Math.abs(offsetMs) < PRECISION_MS ? 0 : offsetMs;
  }
}
