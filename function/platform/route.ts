/**
 * What a route is: one call that the service offers over HTTP, and the event that it stands for. The OpenAPI document
 * is made from the same data.
 * Put here: the interface alone. The routes themselves are the domain's.
 */
import type { Schema } from "./schema.ts";

export interface Route {
  /** Identifies the operation in the OpenAPI document and in clients made from it: `createRecord`. */
  readonly name: string;
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** `/records/{id}`: a name in braces is one whole segment. Of two routes that fit, the more literal one is taken. */
  readonly path: string;
  /** What the call does, in a few words. */
  readonly summary: string;
  /** Rules of the values in the path, by name. Default: any text that is not empty. */
  readonly parameters?: Readonly<Record<string, Schema>>;
  /** Rules of what may stand behind the `?`: texts; by their rules numbers, true or false. Others are ignored. */
  readonly query?: ObjectSchema;
  /** Rules of the body, which is JSON. Default: none is read. */
  readonly body?: ObjectSchema;
  /** Whether `If-Match` is taken: an `ETag`, so that nobody overwrites what somebody else changed meanwhile. */
  readonly isConditional?: boolean;
  /** HTTP status of success. */
  readonly status: 200 | 201 | 202;
  /** Where what was made is found: a path whose names in braces are members of the result. Sent as `Location`. */
  readonly location?: string;
  /** What a success answers with. For the document alone: the handler does not check its own answers. */
  readonly result: Schema;
  /** Statuses of refusals beside 400, for the document. 409 and 422 are said of every route that changes something. */
  readonly refusals?: readonly (404 | 409 | 410 | 412 | 422)[];
  /** An example of the body and of the answer, for the document. The first one of a body is run at init: see prime.ts. */
  readonly example?: { readonly body?: object; readonly result?: object };
  /** The domain's event that the call stands for, as its `parse` takes it. Pure. Throws `RefusedError`. */
  readonly event: (call: RouteCall) => unknown;
}

export type ObjectSchema = Schema & { readonly type: "object" };

/** A call of a route, by whose rules all of it has been read. */
export interface RouteCall {
  /** Texts; by their rules numbers, true or false. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** The version that `If-Match` names, of a conditional route. */
  readonly expectedVersion?: number;
}
