/**
 * Results and refusals as HTTP responses, in the shape that API Gateway, function URLs and load balancers take.
 * Put here: headers and bodies. Nothing else decides what a caller gets to see.
 */

/** By their names in small letters. */
export type Headers = Readonly<Record<string, string>>;

export interface HttpResponse {
  readonly statusCode: number;
  readonly headers?: Headers;
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

/** An answer without a body. The correlation id is in every answer, so that whoever asks can be helped. */
export const plain = (
  statusCode: number,
  correlationId: string,
  given: Headers = {},
  multiValue = false,
): HttpResponse => {
  const headers = { "x-correlation-id": correlationId, ...given };
  return {
    statusCode,
    ...(multiValue
      ? { multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([k, v]) => [k, [v]])) }
      : { headers }),
    body: "",
    isBase64Encoded: false,
  };
};

/** An answer in JSON. */
export const json = (
  statusCode: number,
  correlationId: string,
  body: object,
  headers?: Headers,
  multiValue?: boolean,
): HttpResponse => ({
  ...plain(
    statusCode,
    correlationId,
    { "content-type": "application/json", ...headers },
    multiValue,
  ),
  body: JSON.stringify(body),
});
