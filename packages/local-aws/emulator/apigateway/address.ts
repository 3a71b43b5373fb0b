/**
 * Which API a request is for. On this machine an API is found
 *
 * - by path: `/_api/ID/STAGE/records`, or the longer `/restapis/ID/STAGE/_user_request_/records`;
 * - by host: `ID.execute-api.REGION.localhost` (which curl takes for this machine by itself), or AWS's own name;
 * - by a custom domain's name in the header Host.
 *
 * Where an API's own address is disabled, only its host is: the path is this machine's alone.
 *
 * The bucket of S3 that could be meant by a path is none of these: no bucket's name begins with `_`.
 */
import type { Call } from "../http.ts";
import type { HttpApi, HttpStage } from "./http-state.ts";
import type { Mount } from "./request.ts";
import type { Domain, RestApi, RestStage, State } from "./state.ts";

export type Found = { readonly path: string; readonly mount: Mount | undefined } & (
  | { readonly kind: "REST"; readonly api: RestApi; readonly stage: RestStage }
  | { readonly kind: "HTTP"; readonly api: HttpApi; readonly stage: HttpStage }
);

/** Nobody's address, or that of an API that is not there: what AWS answers then. */
export type Missing = { readonly kind: "forbidden" } | { readonly kind: "not found" };

const BY_PATH = /^\/_api\/([^/]+)(\/.*)?$/;
const BY_LONG_PATH = /^\/restapis\/([^/]+)\/([^/]+)\/_user_request_(\/.*)?$/;
const BY_HOST = /^([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.(?:localhost|amazonaws\.com(?:\.cn)?)$/;

/** The API, stage and rest of the path of a request; nothing where the request is for no API. */
export function addressed(call: Call, state: State): Found | Missing | undefined {
  const path = call.url.split("?")[0] ?? "/";
  const long = BY_LONG_PATH.exec(path);
  if (long) return byStage(state, long[1] ?? "", `/${long[2] ?? ""}${long[3] ?? "/"}`);
  const short = BY_PATH.exec(path);
  if (short) return byStage(state, short[1] ?? "", short[2] ?? "/");
  const host = (call.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  const id = BY_HOST.exec(host)?.[1];
  if (id !== undefined) return byStage(state, id, path, true);
  const domain = state.domains.get(host);
  return domain && byMapping(state, domain, path);
}

function byStage(state: State, id: string, path: string, byHost = false): Found | Missing {
  const [, first = "", rest = ""] = /^\/([^/]*)(.*)$/.exec(path) ?? [];
  const restApi = state.restApis.get(id);
  if (restApi) {
    const stage = restApi.stages.get(first);
    if (!stage) return { kind: "forbidden" };
    const deployed = restApi.deployments.get(stage.deploymentId)?.definition;
    if (byHost && deployed?.disableExecuteApiEndpoint) return { kind: "forbidden" };
    return { kind: "REST", api: restApi, stage, path: rest || "/", mount: undefined };
  }
  const httpApi = state.httpApis.get(id);
  if (!httpApi) return { kind: "forbidden" };
  // `$default` may be written `%24default`.
  const named = httpApi.stages.get(first.replace(/^%24/, "$"));
  const stage = named ?? httpApi.stages.get("$default");
  if (!stage || (byHost && httpApi.disableExecuteApiEndpoint)) return { kind: "not found" };
  const inner = named ? rest || "/" : path;
  return { kind: "HTTP", api: httpApi, stage, path: inner, mount: undefined };
}

/** The longest base path that the path begins with (guide, "API mappings for custom domain names"). */
function byMapping(
  state: State,
  { name: domainName, mappings }: Domain,
  path: string,
): Found | Missing {
  const [mapping] = [...mappings.values()]
    .filter(({ basePath }) => basePath === "" || `${path}/`.startsWith(`/${basePath}/`))
    .sort((one, other) => other.basePath.length - one.basePath.length);
  if (!mapping) return { kind: "forbidden" };
  const rest = mapping.basePath === "" ? path : path.slice(mapping.basePath.length + 1) || "/";
  const mount = { domainName, basePath: mapping.basePath && `/${mapping.basePath}` };
  const restApi = state.restApis.get(mapping.apiId);
  const restStage = restApi?.stages.get(mapping.stage);
  if (restApi && restStage)
    return { kind: "REST", api: restApi, stage: restStage, path: rest, mount };
  const httpApi = state.httpApis.get(mapping.apiId);
  const httpStage = httpApi?.stages.get(mapping.stage);
  if (httpApi && httpStage)
    return { kind: "HTTP", api: httpApi, stage: httpStage, path: rest, mount };
  return { kind: "forbidden" };
}
