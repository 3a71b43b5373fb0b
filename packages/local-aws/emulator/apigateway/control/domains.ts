/** Control plane of custom domains, which both kinds of API share (API Gateway API reference, both versions). */
import { AwsError } from "../../http.ts";
import type { Json } from "../definition.ts";
import { badRequest, json, listed, textOf } from "../document.ts";
import { type Domain, found, type Mapping, newId, type State } from "../state.ts";
import { items, type Operation, patchesOf } from "./operations.ts";

/** What a mapping without a path is called by the first API. */
const NONE = "(none)";

const domainOf = (state: State, name: string): Domain =>
  found(state.domains, name, "Invalid domain name identifier specified");

const mappingOf = (domain: Domain, basePath: string): Mapping =>
  found(
    domain.mappings,
    basePath === NONE ? "" : basePath,
    "Invalid base path mapping identifier specified",
  );

export function domainOperations(state: State, region: string): readonly Operation[] {
  const create = (name: string, settings: Json): Domain => {
    if (state.domains.has(name)) {
      throw badRequest("The domain name you provided already exists.");
    }
    const domain: Domain = { name, settings, mappings: new Map() };
    state.domains.set(name, domain);
    return domain;
  };
  const remove = (name: string): undefined => {
    domainOf(state, name);
    state.domains.delete(name);
    return undefined;
  };
  const map = (domain: Domain, basePath: string, apiId: string, stage: string): Mapping => {
    const stages = state.restApis.get(apiId)?.stages ?? state.httpApis.get(apiId)?.stages;
    if (!stages?.has(stage)) throw badRequest("Invalid stage identifier specified");
    if (domain.mappings.has(basePath)) {
      throw new AwsError(409, "ConflictException", "Base path already exists for this domain name");
    }
    const mapping = { id: newId(6), basePath, apiId, stage };
    domain.mappings.set(basePath, mapping);
    return mapping;
  };
  const shown = (domain: Domain): Json => shownDomain(domain, region);
  const byId = (domain: Domain, id: string): Mapping => {
    const mapping = [...domain.mappings.values()].find((one) => one.id === id);
    if (!mapping) throw new AwsError(404, "NotFoundException", "Invalid API mapping identifier");
    return mapping;
  };
  return [
    [
      "POST",
      "/domainnames",
      (_, call) => shown(create(textOf(call.json()["domainName"]), call.json())),
    ],
    ["GET", "/domainnames", () => items([...state.domains.values()].map(shown))],
    ["GET", "/domainnames/{name}", ([name = ""]) => shown(domainOf(state, name))],
    [
      "PATCH",
      "/domainnames/{name}",
      ([name = ""], call) => {
        const domain = domainOf(state, name);
        const changes = patchesOf(call).map(({ path, value }) => [path[0] ?? "", value]);
        const settings = { ...domain.settings, ...Object.fromEntries(changes) };
        state.domains.set(name, { ...domain, settings });
        return shown({ ...domain, settings });
      },
    ],
    ["DELETE", "/domainnames/{name}", ([name = ""]) => remove(name)],
    [
      "POST",
      "/domainnames/{name}/basepathmappings",
      ([name = ""], call) => {
        const { basePath, restApiId, stage } = call.json();
        const path = textOf(basePath).replace(NONE, "");
        return shownMapping(map(domainOf(state, name), path, textOf(restApiId), textOf(stage)));
      },
    ],
    [
      "GET",
      "/domainnames/{name}/basepathmappings",
      ([name = ""]) => items([...domainOf(state, name).mappings.values()].map(shownMapping)),
    ],
    [
      "GET",
      "/domainnames/{name}/basepathmappings/{path}",
      ([name = "", path = ""]) => shownMapping(mappingOf(domainOf(state, name), path)),
    ],
    [
      "PATCH",
      "/domainnames/{name}/basepathmappings/{path}",
      ([name = "", path = ""], call) => {
        const domain = domainOf(state, name);
        const before = mappingOf(domain, path);
        const changed = patchesOf(call).reduce((mapping, { path: [member], value }): Mapping => {
          if (member === "restapiId" || member === "restApiId") return { ...mapping, apiId: value };
          if (member === "stage") return { ...mapping, stage: value };
          return { ...mapping, basePath: value === NONE ? "" : value };
        }, before);
        domain.mappings.delete(before.basePath);
        domain.mappings.set(changed.basePath, changed);
        return shownMapping(changed);
      },
    ],
    [
      "DELETE",
      "/domainnames/{name}/basepathmappings/{path}",
      ([name = "", path = ""]) => {
        const domain = domainOf(state, name);
        domain.mappings.delete(mappingOf(domain, path).basePath);
        return undefined;
      },
    ],
    [
      "POST",
      "/v2/domainnames",
      (_, call) => shownV2(create(textOf(call.json()["domainName"]), call.json()), region),
    ],
    ["GET", "/v2/domainnames/{name}", ([name = ""]) => shownV2(domainOf(state, name), region)],
    ["DELETE", "/v2/domainnames/{name}", ([name = ""]) => remove(name)],
    [
      "POST",
      "/v2/domainnames/{name}/apimappings",
      ([name = ""], call) => {
        const { apiId, apiMappingKey, stage } = call.json();
        const domain = domainOf(state, name);
        return shownV2Mapping(map(domain, textOf(apiMappingKey), textOf(apiId), textOf(stage)));
      },
    ],
    [
      "GET",
      "/v2/domainnames/{name}/apimappings/{id}",
      ([name = "", id = ""]) => shownV2Mapping(byId(domainOf(state, name), id)),
    ],
    [
      "DELETE",
      "/v2/domainnames/{name}/apimappings/{id}",
      ([name = "", id = ""]) => {
        const domain = domainOf(state, name);
        domain.mappings.delete(byId(domain, id).basePath);
        return undefined;
      },
    ],
  ];
}

/** Where API Gateway's own names of regional domains are; the id says nothing to anybody. */
const regionalName = (name: string, region: string): string =>
  `d-${Buffer.from(name).toString("hex").slice(0, 10)}.execute-api.${region}.amazonaws.com`;

const shownDomain = ({ name, settings }: Domain, region: string): Json => ({
  ...settings,
  domainName: name,
  domainNameStatus: "AVAILABLE",
  regionalDomainName: regionalName(name, region),
  regionalHostedZoneId: "Z2OJLYMUO9EFXC",
});

const shownV2 = ({ name, settings }: Domain, region: string): Json => ({
  domainName: name,
  domainNameConfigurations: listed(settings["domainNameConfigurations"]).map((configuration) => ({
    ...json(configuration),
    apiGatewayDomainName: regionalName(name, region),
    domainNameStatus: "AVAILABLE",
    hostedZoneId: "Z2OJLYMUO9EFXC",
  })),
});

const shownMapping = ({ basePath, apiId, stage }: Mapping): Json => ({
  basePath: basePath || NONE,
  restApiId: apiId,
  stage,
});

const shownV2Mapping = ({ id, basePath, apiId, stage }: Mapping): Json => ({
  apiMappingId: id,
  apiId,
  apiMappingKey: basePath,
  stage,
});
