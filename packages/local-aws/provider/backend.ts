/** What makes resources: an invention here, an emulator elsewhere. The provider's protocol is the same for both. */
import type { AwsLocation, Properties, Resource } from "./aws-types.ts";
import { standIn, standInInvoke } from "./aws-outputs.ts";

/** A resource that exists: its id and all of its outputs, inputs included. */
export interface Made {
  readonly id: string;
  readonly outputs: Properties;
}

/** One resource of one type, as the engine asks for it. */
export interface Request extends Resource {
  /** For example `aws:sqs/queue:Queue`. Its type is in the catalogue; that is checked before. */
  readonly type: string;
}

/** A resource that exists already. */
export interface ExistingRequest extends Request {
  readonly id: string;
  /** Its outputs as the engine last saw them. */
  readonly previous: Properties;
}

export interface Backend {
  create(request: Request): Promise<Made>;
  /** Changes it in place; the id stays. */
  update(request: ExistingRequest): Promise<Properties>;
  delete(request: ExistingRequest): Promise<void>;
  /** The outputs as they are now, or undefined when it is gone. */
  read(request: ExistingRequest): Promise<Properties | undefined>;
  /** A function such as `aws:index/getCallerIdentity:getCallerIdentity`. */
  invoke(token: string, inputs: Properties, location: AwsLocation): Promise<Properties>;
}

/** Makes nothing, and answers what AWS would plausibly answer. */
export const standInBackend: Backend = {
  create: async ({ type, ...resource }) => standIn(type, resource),
  update: async ({ type, ...resource }) => standIn(type, resource).outputs,
  delete: async () => {},
  read: async ({ previous }) => previous,
  invoke: async (token, _inputs, location) => standInInvoke(token, location),
};
