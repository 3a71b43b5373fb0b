/**
 * Makes the program's resources in the local cloud, behind the same provider as an offline plan.
 *
 * What a type's maker answers goes over the stand-in's outputs: versions, URLs and ids are then the local
 * cloud's own. Types without a maker have no behaviour there that anyone could see, for example budgets; they stay
 * stand-ins.
 */
import type { Properties } from "../provider/aws-types.ts";
import {
  type Backend,
  type Request,
  type StandInOptions,
  standInBackend,
} from "../provider/backend.ts";
import { apiGatewayMakers } from "./types/apigateway.ts";
import { apiGatewayV2Makers } from "./types/apigatewayv2.ts";
import { codeDeployMakers } from "./types/codedeploy.ts";
import { dynamodbMakers } from "./types/dynamodb.ts";
import { eventMakers } from "./types/events.ts";
import { iamMakers } from "./types/iam.ts";
import { kmsMakers } from "./types/kms.ts";
import { lambdaMakers } from "./types/lambda.ts";
import type { CloudClients, Maker } from "./types/maker.ts";
import { messagingMakers } from "./types/messaging.ts";
import { observabilityMakers } from "./types/observability.ts";
import { storageMakers } from "./types/storage.ts";

const MAKERS: Readonly<Record<string, Maker>> = {
  ...apiGatewayMakers,
  ...apiGatewayV2Makers,
  ...codeDeployMakers,
  ...dynamodbMakers,
  ...eventMakers,
  ...iamMakers,
  ...kmsMakers,
  ...lambdaMakers,
  ...messagingMakers,
  ...observabilityMakers,
  ...storageMakers,
};

/** Every resource type that the local cloud makes. */
export const MADE_TYPES: readonly string[] = Object.keys(MAKERS).sort();

/** Whether the local cloud makes resources of this type, for example `aws:sqs/queue:Queue`. */
export const isMade = (type: string): boolean => type in MAKERS;

export function emulatorBackend(clients: CloudClients, options: StandInOptions = {}): Backend {
  const standIns = standInBackend(options);
  const made = async (
    request: Request,
    stage: "create" | "update",
    standIn: Properties,
  ): Promise<Properties> => {
    const maker = MAKERS[request.type];
    if (!maker) return standIn;
    const answer = await maker[stage](request, clients).catch((error: unknown) => {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      throw new Error(`the local cloud cannot ${stage} ${request.logicalName}: ${reason}`);
    });
    return { ...standIn, ...answer };
  };
  return {
    ...standIns,
    create: async (request) => {
      const { id, outputs } = await standIns.create(request);
      const all = await made(request, "create", outputs);
      // A queue's id is its URL, which only the emulator knows.
      return { id: typeof all["id"] === "string" ? all["id"] : id, outputs: all };
    },
    update: async (request) => {
      // What an update does not answer again stays as it was.
      const kept = { ...request.previous, ...(await standIns.update(request)) };
      const own = MAKERS[request.type]?.ownOutputs ?? [];
      const previous = Object.fromEntries(own.map((key) => [key, request.previous[key]]));
      return made(request, "update", { ...kept, ...previous });
    },
    delete: async (request) => MAKERS[request.type]?.delete?.(request, clients),
  };
}
