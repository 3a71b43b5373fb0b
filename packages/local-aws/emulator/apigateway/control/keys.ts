/** Control plane of API keys (API Gateway API reference). */
import { randomBytes } from "node:crypto";
import { AwsError } from "../../http.ts";
import type { Json } from "../definition.ts";
import { badRequest, textOf } from "../document.ts";
import type { ApiKey } from "../plans.ts";
import { found, newId, type State } from "../state.ts";
import { isTrue, items, type Operation, patchesOf } from "./operations.ts";

/** API reference, CreateApiKey. */
const SHORTEST_KEY = 20;

export const keyOf = (state: State, id: string): ApiKey =>
  found(state.keys, id, "Invalid API Key identifier specified");

export function keyOperations(state: State): readonly Operation[] {
  const keep = (key: ApiKey): Json => {
    state.keys.set(key.id, key);
    return { ...key };
  };
  return [
    [
      "POST",
      "/apikeys",
      (_, call) => {
        const input = call.json();
        const value = textOf(input["value"]) || randomBytes(30).toString("base64url").slice(0, 40);
        if (value.length < SHORTEST_KEY) {
          throw badRequest(`API Key value should be at least ${SHORTEST_KEY} characters`);
        }
        if ([...state.keys.values()].some((key) => key.value === value)) {
          throw new AwsError(409, "ConflictException", "API Key already exists");
        }
        const enabled = input["enabled"] === true;
        return keep({ id: newId(), name: textOf(input["name"]), value, enabled });
      },
    ],
    [
      "GET",
      "/apikeys",
      (_, { query }) => {
        const name = query.get("name") ?? query.get("nameQuery") ?? "";
        const all = [...state.keys.values()].filter((key) => key.name.startsWith(name));
        return items(all.map((key) => withoutValue(key, query.get("includeValues"))));
      },
    ],
    [
      "GET",
      "/apikeys/{id}",
      ([id = ""], { query }) => withoutValue(keyOf(state, id), query.get("includeValue")),
    ],
    [
      "PATCH",
      "/apikeys/{id}",
      ([id = ""], call) =>
        keep(
          patchesOf(call).reduce(
            (key, { path: [member], value }): ApiKey => {
              if (member === "enabled") return { ...key, enabled: isTrue(value) };
              return member === "name" ? { ...key, name: value } : key;
            },
            keyOf(state, id),
          ),
        ),
    ],
    [
      "DELETE",
      "/apikeys/{id}",
      ([id = ""]) => {
        keyOf(state, id);
        state.keys.delete(id);
        for (const plan of state.plans.values()) {
          const keyIds = plan.keyIds.filter((one) => one !== id);
          state.plans.set(plan.id, { ...plan, keyIds });
        }
        return undefined;
      },
    ],
  ];
}

const withoutValue = ({ value, ...key }: ApiKey, include: string | null): Json => ({
  ...key,
  ...(include === "true" && { value }),
});
