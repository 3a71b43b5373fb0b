/**
 * What the service offers over HTTP, where config turns an API on. The OpenAPI document is made from it.
 * Put here: each call with its rules, and the event that it stands for. No logic.
 */
import { RefusedError } from "../platform/errors.ts";
import type { Route } from "../platform/route.ts";
import type { Schema } from "../platform/schema.ts";
import { TEXT, VERSION } from "./event.ts";

const ID = { ...TEXT, description: "What the record is known by" };
const FIELDS = {
  name: { ...TEXT, description: "What people call it" },
  userId: { ...TEXT, description: "Who caused the change, for logs and traces" },
};
const RESULT = {
  title: "Record",
  type: "object",
  required: ["id", "status", "timestamp"],
  properties: {
    id: ID,
    name: FIELDS.name,
    status: { enum: ["created", "updated", "deleted", "current"] },
    timestamp: { type: "string", description: "When it was changed: ISO 8601, UTC" },
    version: {
      ...VERSION,
      description: "Where records are kept: counts its changes. The header ETag holds it too",
    },
    data: { type: "object", description: "What is kept of it, where it was asked for" },
  },
} as const satisfies Schema;

const id = "8476a536";
const name = "sample";
const timestamp = "2026-01-02T03:04:05.678Z";

export const ROUTES: readonly Route[] = [
  {
    name: "createRecord",
    method: "POST",
    path: "/records",
    summary: "Create a record",
    body: { type: "object", properties: { id: ID, ...FIELDS } },
    status: 201,
    location: "/records/{id}",
    result: RESULT,
    example: { body: { name }, result: { id, name, status: "created", timestamp, version: 1 } },
    event: ({ body }) => ({ action: "create", data: body }),
  },
  {
    name: "readRecord",
    method: "GET",
    path: "/records/{id}",
    summary: "Read a record",
    parameters: { id: ID },
    status: 200,
    result: RESULT,
    refusals: [404],
    example: {
      result: { id, name, status: "current", timestamp, version: 1, data: { name } },
    },
    event: ({ parameters }) => ({ action: "read", data: { id: parameters.id } }),
  },
  {
    name: "updateRecord",
    method: "PUT",
    path: "/records/{id}",
    summary: "Update a record",
    parameters: { id: ID },
    body: { type: "object", properties: FIELDS },
    isConditional: true,
    status: 200,
    result: RESULT,
    refusals: [404],
    example: { body: { name }, result: { id, name, status: "updated", timestamp, version: 2 } },
    event: ({ parameters, body, expectedVersion }) => {
      if ((body.id ?? parameters.id) !== parameters.id) {
        throw new RefusedError([
          { path: "id", message: "must be the one in the path, or left out" },
        ]);
      }
      return { action: "update", data: { ...body, id: parameters.id }, expectedVersion };
    },
  },
  {
    name: "deleteRecord",
    method: "DELETE",
    path: "/records/{id}",
    summary: "Delete a record",
    parameters: { id: ID },
    isConditional: true,
    status: 200,
    result: RESULT,
    refusals: [404],
    example: { result: { id, status: "deleted", timestamp, version: 3 } },
    event: ({ parameters, expectedVersion }) => ({
      action: "delete",
      data: { id: parameters.id },
      expectedVersion,
    }),
  },
];
