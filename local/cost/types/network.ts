/** What a network is paid for. */
import { listAt, textAt } from "../inputs.ts";
import { type Context, ofType, type PricerTable } from "../pricing.ts";
import { HOURS_A_MONTH } from "../usage.ts";

const NAT_GATEWAY = "aws:ec2/natGateway:NatGateway";

/** Several gateways share the traffic. */
const natShare = (context: Context): number =>
  context.usage.networkGb / Math.max(1, ofType(context, NAT_GATEWAY).length);

const isInterface = (type: string): boolean => type === "Interface";

/** Endpoints share what does not leave through a gateway. */
function endpointShare(context: Context): number {
  if (ofType(context, NAT_GATEWAY).length > 0) return 0;
  const endpoints = ofType(context, "aws:ec2/vpcEndpoint:VpcEndpoint").filter(({ inputs }) =>
    isInterface(textAt(inputs, "vpcEndpointType")),
  );
  return context.usage.networkGb / Math.max(1, endpoints.length);
}

export const NETWORK_TYPES: PricerTable = {
  [NAT_GATEWAY]: (_gateway, context) => [
    ["NAT gateway", "natGatewayHour", HOURS_A_MONTH],
    ["traffic through it", "natTraffic", natShare(context)],
  ],
  "aws:ec2/eip:Eip": () => [["public address", "publicAddressHour", HOURS_A_MONTH]],
  "aws:ec2/vpcEndpoint:VpcEndpoint": ({ inputs }, context) => {
    const type = textAt(inputs, "vpcEndpointType");
    // Gateway endpoints, the default, are free.
    if (type === "" || type === "Gateway") return [];
    if (!isInterface(type)) return undefined;
    const zones = Math.max(
      1,
      listAt(inputs, "subnetIds").length,
      listAt(inputs, "subnetConfigurations").length,
    );
    return [
      ["interface endpoint", "interfaceEndpointHour", zones * HOURS_A_MONTH, `${zones} zones`],
      ["traffic through it", "endpointTraffic", endpointShare(context)],
    ];
  },
  "aws:ec2/flowLog:FlowLog": ({ inputs }, { usage: { networkGb } }) => {
    const destination = textAt(inputs, "logDestinationType") || "cloud-watch-logs";
    // Elsewhere the same lines have prices that are not known here.
    if (destination !== "cloud-watch-logs") return undefined;
    return [["flow log", "logsWritten", networkGb * FLOW_LOG_GB, "1 % of the traffic"]];
  },
};

/**
 * GB of flow log a GB of traffic: a line of about 110 bytes a connection and minute or ten, for connections that
 * carry 10 KB or more.
 */
const FLOW_LOG_GB = 0.01;
