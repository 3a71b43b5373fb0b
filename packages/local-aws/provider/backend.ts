/** What makes resources: an invention here, an emulator elsewhere. The provider's protocol is the same for both. */
import type { AwsLocation, Properties, Resource } from "./aws-types.ts";
import { standIn } from "./aws-outputs.ts";
import { answer, type OwnAnswers } from "./data-sources.ts";

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

export interface StandInOptions {
  /** The program's own answers to data sources. Default none. */
  readonly answers?: OwnAnswers;
  /** Is called with each function whose answer is made up. */
  readonly onMadeUp?: (token: string) => void;
}

/** Makes nothing, and answers what AWS would plausibly answer. */
export const standInBackend = ({ answers, onMadeUp }: StandInOptions = {}): Backend => ({
  create: async ({ type, ...resource }) => standIn(type, resource),
  update: async ({ type, ...resource }) => standIn(type, resource).outputs,
  delete: async () => {},
  // A resource that the program looks up by its id has no outputs yet.
  read: async ({ type, ...resource }) => ({
    ...standIn(type, resource).outputs,
    ...resource.previous,
  }),
  invoke: async (token, args, location) => {
    const { values, madeUp } = answer(token, args, location, answers);
    if (madeUp) onMadeUp?.(token);
    return values;
  },
});
