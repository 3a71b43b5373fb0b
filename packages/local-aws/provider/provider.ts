/**
 * A Pulumi provider for AWS that never calls AWS: the engine's protocol on one side, a `Backend` on the other.
 *
 * It speaks the protocol itself instead of through `@pulumi/pulumi/provider`, which cannot say that it
 * supports previews: without that an update would show every output as unknown, and so changes that are none.
 */
import * as grpc from "@grpc/grpc-js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import structProto from "google-protobuf/google/protobuf/struct_pb.js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import aws from "@pulumi/aws/package.json" with { type: "json" };
import { awsTypeOf, standInLocation, withDefaults } from "./aws-outputs.ts";
import type { AwsLocation, Properties } from "./aws-types.ts";
import type { Backend, ExistingRequest } from "./backend.ts";
import { type ChangeKind, difference } from "./diff.ts";
import { holdsSecret, seal, sealLike, unseal } from "./secrets.ts";

type Struct = structProto.Struct;

/** Properties as they came, secrets sealed. */
const sealed = (struct: Struct | undefined): Properties => struct?.toJavaScript() ?? {};

const open = (properties: Properties): Properties => unseal(properties) as Properties;

/** Properties with their secrets laid open, for work that depends on the values. */
const read = (struct: Struct | undefined): Properties => open(sealed(struct));

const write = (properties: Properties): Struct =>
  structProto.Struct.fromJavaScript(
    // `undefined` has no form on the wire.
    Object.fromEntries(
      Object.entries(properties).filter(([, value]) => value !== undefined),
    ) as Record<string, structProto.JavaScriptValue>,
  );

/** One handler: its errors become the engine's, with the message and nothing else. */
const unary =
  <Request, Response>(
    answer: (request: Request) => Promise<Response> | Response,
  ): grpc.handleUnaryCall<Request, Response> =>
  async (call, callback) => {
    try {
      callback(null, await answer(call.request));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      callback({ code: grpc.status.UNKNOWN, message, details: message });
    }
  };

/** Type and logical name of a URN. */
function identity(urn: string): { type: string; logicalName: string } {
  const [, , types = "", ...name] = urn.split("::");
  return { type: types.split("$").pop() ?? types, logicalName: name.join("::") };
}

/** What the engine configures a provider with. */
interface Configuration {
  readonly location: AwsLocation;
  readonly defaultTags: Properties;
}

function configuration(request: proto.ConfigureRequest): Configuration {
  const variables = request.getVariablesMap();
  const region = variables.get("aws:config:region") ?? "";
  if (region === "") throw new Error("the provider has no region; set aws:region");
  const defaultTags = JSON.parse(variables.get("aws:config:defaultTags") ?? "{}") as {
    tags?: Properties;
  };
  return { location: standInLocation(region), defaultTags: defaultTags.tags ?? {} };
}

const DIFF_KINDS: Readonly<
  Record<ChangeKind, readonly [inPlace: 0 | 2 | 4, replacing: 1 | 3 | 5]>
> = {
  add: [proto.PropertyDiff.Kind.ADD, proto.PropertyDiff.Kind.ADD_REPLACE],
  delete: [proto.PropertyDiff.Kind.DELETE, proto.PropertyDiff.Kind.DELETE_REPLACE],
  update: [proto.PropertyDiff.Kind.UPDATE, proto.PropertyDiff.Kind.UPDATE_REPLACE],
};

/** The handlers of one provider process. */
export function handlers(backend: Backend): grpc.UntypedServiceImplementation {
  let configured: Configuration | undefined;
  const current = (): Configuration => {
    if (configured === undefined) throw new Error("the provider is not configured yet");
    return configured;
  };

  /** The inputs as they will be stored: names filled in, default tags merged. */
  const checked = (type: string, logicalName: string, news: Properties): Properties => {
    const inputs = withDefaults(type, logicalName, news);
    if (!awsTypeOf(type).taggable) return inputs;
    const tags = inputs["tags"];
    const tagsAll = { ...current().defaultTags, ...(unseal(tags) as Properties | undefined) };
    return { ...inputs, tagsAll: holdsSecret(tags) ? seal(tagsAll) : tagsAll };
  };

  const existing = (
    urn: string,
    id: string,
    olds: Properties,
    inputs: Properties,
    changed: readonly string[],
  ): ExistingRequest => ({
    ...identity(urn),
    id,
    inputs,
    changed,
    location: current().location,
    previous: { ...olds, id },
  });

  return {
    getPluginInfo: unary<emptyProto.Empty, pluginProto.PluginInfo>(() =>
      new pluginProto.PluginInfo().setVersion(aws.version),
    ),
    configure: unary<proto.ConfigureRequest, proto.ConfigureResponse>((request) => {
      configured = configuration(request);
      return new proto.ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    invoke: unary<proto.InvokeRequest, proto.InvokeResponse>(async (request) => {
      const { location } = current();
      const result = await backend.invoke(request.getTok(), read(request.getArgs()), location);
      return new proto.InvokeResponse().setReturn(write(result));
    }),
    check: unary<proto.CheckRequest, proto.CheckResponse>((request) => {
      const { type, logicalName } = identity(request.getUrn());
      const inputs = checked(type, logicalName, sealed(request.getNews()));
      const missing = awsTypeOf(type).required.filter((key) => inputs[key] === undefined);
      return new proto.CheckResponse()
        .setInputs(write(inputs))
        .setFailuresList(
          missing.map((key) =>
            new proto.CheckFailure()
              .setProperty(key)
              .setReason(`${key} is missing: AWS creates no ${type} without it`),
          ),
        );
    }),
    diff: unary<proto.DiffRequest, proto.DiffResponse>((request) => {
      const { type, logicalName } = identity(request.getUrn());
      const found = difference(
        type,
        logicalName,
        read(request.getOldInputs()),
        read(request.getNews()),
      );
      const response = new proto.DiffResponse()
        .setChanges(
          found.changed.length > 0
            ? proto.DiffResponse.DiffChanges.DIFF_SOME
            : proto.DiffResponse.DiffChanges.DIFF_NONE,
        )
        .setDiffsList([...found.changed])
        .setReplacesList([...found.replaceKeys])
        .setDeletebeforereplace(found.deleteBeforeReplace)
        .setHasdetaileddiff(true);
      for (const { path, kind, replaces } of found.changes) {
        const [inPlace, replacing] = DIFF_KINDS[kind];
        response
          .getDetaileddiffMap()
          .set(
            path,
            new proto.PropertyDiff().setKind(replaces ? replacing : inPlace).setInputdiff(true),
          );
      }
      return response;
    }),
    create: unary<proto.CreateRequest, proto.CreateResponse>(async (request) => {
      const inputs = sealed(request.getProperties());
      // In a preview nothing but the inputs is known of a resource that does not exist yet.
      if (request.getPreview()) return new proto.CreateResponse().setProperties(write(inputs));
      const made = await backend.create({
        ...identity(request.getUrn()),
        inputs: open(inputs),
        changed: [],
        location: current().location,
      });
      return new proto.CreateResponse()
        .setId(made.id)
        .setProperties(write(sealLike(made.outputs, inputs)));
    }),
    update: unary<proto.UpdateRequest, proto.UpdateResponse>(async (request) => {
      const urn = request.getUrn();
      const { type, logicalName } = identity(urn);
      const inputs = sealed(request.getNews());
      const olds = sealed(request.getOlds());
      const oldInputs = read(request.getOldInputs());
      const { changed } = difference(type, logicalName, oldInputs, open(inputs));
      if (request.getPreview()) {
        const known = { ...without(olds, Object.keys(oldInputs)), ...inputs };
        const renewed = awsTypeOf(type).renewed(changed);
        return new proto.UpdateResponse().setProperties(write(without(known, renewed)));
      }
      const outputs = await backend.update(
        existing(urn, request.getId(), open(olds), open(inputs), changed),
      );
      return new proto.UpdateResponse().setProperties(write(sealLike(outputs, inputs)));
    }),
    read: unary<proto.ReadRequest, proto.ReadResponse>(async (request) => {
      const inputs = sealed(request.getInputs());
      const outputs = read(request.getProperties());
      const found = await backend.read(
        existing(request.getUrn(), request.getId(), outputs, open(inputs), []),
      );
      // No id means that it is gone.
      if (found === undefined) return new proto.ReadResponse();
      return new proto.ReadResponse()
        .setId(request.getId())
        .setInputs(write(inputs))
        .setProperties(write(sealLike(found, inputs)));
    }),
    delete: unary<proto.DeleteRequest, emptyProto.Empty>(async (request) => {
      const outputs = read(request.getProperties());
      const inputs = read(request.getOldInputs());
      await backend.delete(existing(request.getUrn(), request.getId(), outputs, inputs, []));
      return new emptyProto.Empty();
    }),
    attach: unary<pluginProto.PluginAttach, emptyProto.Empty>(() => new emptyProto.Empty()),
    cancel: unary<emptyProto.Empty, emptyProto.Empty>(() => new emptyProto.Empty()),
  };
}

const without = (properties: Properties, keys: readonly string[]): Properties =>
  Object.fromEntries(Object.entries(properties).filter(([key]) => !keys.includes(key)));

/** A provider that engines can work with. */
export interface Listening {
  readonly port: number;
  close(): void;
}

/** Serves the provider on a loopback port. */
export async function listen(backend: Backend): Promise<Listening> {
  // The engine allows messages of this size, and so must we: a plan of a big stack is one message.
  const unlimited = 400 * 1024 * 1024;
  const server = new grpc.Server({
    "grpc.max_receive_message_length": unlimited,
    "grpc.max_send_message_length": unlimited,
  });
  server.addService(services.ResourceProviderService, handlers(backend));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  return {
    port,
    close: () => {
      server.forceShutdown();
    },
  };
}

/** Serves it for the life of this process, and prints the port: that is how the engine finds an executable. */
export async function serve(backend: Backend): Promise<void> {
  const { port } = await listen(backend);
  console.log(String(port));
}
