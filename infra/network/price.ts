/** What a VPC costs before any traffic, for those who plan one; `npm run cost` prices the whole stack. */
import { PRICED_REGION, PRICES } from "../observability/prices.ts";

/** As AWS's calculator counts a month. */
const HOURS_A_MONTH = 730;

/** A NAT gateway a month, and the public address that it needs. */
const NAT_GATEWAY_USD = (PRICES.natGatewayHour.usd + PRICES.publicAddressHour.usd) * HOURS_A_MONTH;
/** An interface endpoint a month in one zone. */
const INTERFACE_ENDPOINT_USD = PRICES.interfaceEndpointHour.usd * HOURS_A_MONTH;

export interface NetworkParts {
  readonly natGateways: number;
  readonly interfaceEndpoints: number;
  readonly zones: number;
}

/** USD a month, traffic apart. */
export const networkPriceUsd = ({ natGateways, interfaceEndpoints, zones }: NetworkParts): number =>
  natGateways * NAT_GATEWAY_USD + interfaceEndpoints * zones * INTERFACE_ENDPOINT_USD;

/** One line for whoever reads a plan; undefined where the VPC costs nothing. */
export function priceLine(parts: NetworkParts): string | undefined {
  const usd = networkPriceUsd(parts);
  if (usd === 0) return undefined;
  const things = parts.natGateways + parts.interfaceEndpoints;
  const counted = [
    count(parts.natGateways, "NAT gateway"),
    count(parts.interfaceEndpoints, "interface endpoint"),
  ];
  return `network: ${counted.filter((part) => part !== "").join(" and ")} in ${parts.zones} zones ${things === 1 ? "costs" : "cost"} about ${Math.round(usd)} USD a month in ${PRICED_REGION} before any traffic; npm run cost has the whole stack`;
}

const count = (number: number, thing: string): string =>
  number === 0 ? "" : `${number} ${thing}${number === 1 ? "" : "s"}`;
