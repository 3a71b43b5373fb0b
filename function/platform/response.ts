/**
 * Results and refusals as HTTP responses, in the shape that API Gateway, function URLs and load balancers take.
 * Put here: headers and bodies. Nothing else decides what a caller gets to see.
 */

export interface HttpResponse {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of `headers` for a load balancer that reads no others. */
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  /** JSON text, or nothing. */
  readonly body: string;
  readonly isBase64Encoded: false;
}

/** A batch: what of it has to be sent again. */
export interface BatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** An answer without a body. */
export const plain = (
  statusCode: number,
  headers: Readonly<Record<string, string>>,
  multiValue = false,
): HttpResponse => ({
  statusCode,
  ...(multiValue
    ? { multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, [v]])) }
    : { headers }),
  body: "",
  isBase64Encoded: false,
});

/** An answer in JSON, with the correlation id. */
export const json = (
  statusCode: number,
  correlationId: string,
  body: object,
  multiValue?: boolean,
): HttpResponse => ({
  ...plain(
    statusCode,
    { "content-type": "application/json", "x-correlation-id": correlationId },
    multiValue,
  ),
  body: JSON.stringify(body),
});
