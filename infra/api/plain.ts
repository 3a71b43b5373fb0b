/** The routes of the shipped domain. */
import type { OpenApiDocument } from "./document.ts";

export const recordsDocument = (): OpenApiDocument => {
  const id = { name: "id", in: "path", required: true, schema: { type: "string" } };
  const requestBody = {
    required: true,
    content: { "application/json": { schema: { $ref: "#/components/schemas/Record" } } },
  };
  const responses = (status: string, description: string) => ({ [status]: { description } });
  return {
    openapi: "3.0.1",
    info: { title: "records", version: "1" },
    paths: {
      "/records": {
        post: {
          operationId: "createRecord",
          requestBody,
          responses: responses("201", "Created"),
        },
      },
      "/records/{id}": {
        get: { operationId: "getRecord", parameters: [id], responses: responses("200", "Found") },
        put: {
          operationId: "updateRecord",
          parameters: [id],
          requestBody,
          responses: responses("200", "Updated"),
        },
        delete: {
          operationId: "deleteRecord",
          parameters: [id],
          responses: responses("200", "Deleted"),
        },
      },
      "/health": { get: { operationId: "health", responses: responses("200", "Up") } },
    },
    components: {
      schemas: {
        Record: {
          type: "object",
          required: ["name"],
          properties: { name: { type: "string", minLength: 1, maxLength: 200 } },
        },
      },
    },
  };
};
