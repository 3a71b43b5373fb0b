/** The description of a resource type, made of what the SDK declares and of what AWS publishes. */
import {
  type AwsType,
  digits,
  type Override,
  type Properties,
  type Resource,
  text,
  uuid,
} from "./aws-types.ts";
import { invented, kebab } from "./invent.ts";
import { type KnownType, knowledge } from "./knowledge.ts";
import { type SdkResource, sdkResource } from "./sdk.ts";

/** The description of a resource type; undefined where the SDK has no such class. */
export function describe(type: string, override: Override = {}): AwsType | undefined {
  const sdk = sdkResource(type);
  return sdk && describeClass(type, sdk, knowledge().types[type] ?? {}, override);
}

/** Service of a type's ARNs, as far as its own form or its module tells. */
export function serviceOf(type: string): string {
  const form = knowledge().types[type]?.arn;
  return form?.split(":")[2] ?? type.split(":")[1]?.split("/", 1)[0] ?? "";
}

/** Whether everything that makes a new resource of it is known. */
export function replacementKnownOf(type: string, override: Override = {}): boolean {
  if (override.replaceOn !== undefined) return true;
  const { replaceOn, partial } = knowledge().types[type] ?? {};
  return replaceOn !== undefined && partial !== true;
}

function describeClass(
  type: string,
  { inputs, outputs }: SdkResource,
  known: KnownType,
  override: Override,
): AwsType {
  const required = [...inputs].filter(([, { optional }]) => !optional).map(([key]) => key);
  const nameKey = override.nameKey ?? nameKeyOf({ inputs, outputs });
  // An update keeps the id that the resource was created with.
  const id = (resource: Resource): string =>
    text(resource.previous ?? {}, "id") || (override.id ?? derivedId(type, known))(resource);
  const computed = (resource: Resource): Properties => {
    const { location, logicalName, inputs: given } = resource;
    const subject = {
      location,
      service: serviceOf(type),
      seed: `${type}/${logicalName}`,
      name: text(given, nameKey ?? "name") || logicalName,
      own: ownValues(type, known, resource, id(resource)),
    };
    // What the program may set and did is no output of AWS's; tags are the program's and the provider's.
    const left = [...outputs].filter(
      ([key]) => given[key] === undefined && !/^tags(All)?$/.test(key),
    );
    const isSetting = ([key]: (typeof left)[number]): boolean => inputs.has(key);
    return {
      ...invented(new Map(left.filter(isSetting)), { ...subject, setting: true }),
      ...invented(new Map(left.filter((output) => !isSetting(output))), subject),
      ...override.computed?.(resource),
    };
  };
  return {
    required: [...new Set([...required, ...(override.required ?? [])])],
    replaceOn: override.replaceOn ?? withPrefixKeys(known.replaceOn ?? [], inputs),
    ...(nameKey !== undefined && { nameKey }),
    taggable: outputs.has("tagsAll"),
    id,
    computed,
    renewed: override.renewed ?? (() => []),
  };
}

const derivedId =
  (type: string, known: KnownType) =>
  (resource: Resource): string => {
    if (known.id !== "arn")
      return text(resource.inputs, known.id ?? "") || drawnId(type, known, resource);
    return (
      text(resource.inputs, "arn") || arnOf(type, known, resource, drawnId(type, known, resource))
    );
  };

/** The provider names what the program leaves without a name, where it has to have one. */
function nameKeyOf({ inputs, outputs }: SdkResource): string | undefined {
  const optional = inputs.get("name")?.optional === true;
  return optional && outputs.get("name")?.optional === false ? "name" : undefined;
}

/** Wherever a name replaces, so does the prefix that one is made of. */
const withPrefixKeys = (keys: readonly string[], inputs: SdkResource["inputs"]): string[] =>
  keys.flatMap((key) => [key, ...(inputs.has(`${key}Prefix`) ? [`${key}Prefix`] : [])]);

/** Outputs that say the same as the resource's id or ARN, under whatever name. */
function ownValues(
  type: string,
  known: KnownType,
  resource: Resource,
  id: string,
): Readonly<Record<string, unknown>> {
  const kind = type.split(":")[2] ?? "";
  const stem = kind.charAt(0).toLowerCase() + kind.slice(1);
  const arn = known.id === "arn" ? id : arnOf(type, known, resource, id);
  return {
    arn,
    [`${stem}Arn`]: arn,
    [`${stem}Id`]: id,
    uuid: id,
    region: resource.location.region,
  };
}

/** What AWS draws, in the form that most services have; types that AWS says nothing of have their name as id. */
function drawnId(type: string, known: KnownType, { logicalName, inputs }: Resource): string {
  const seed = `${type}/${logicalName}`;
  const drawn = known.arn === undefined && known.replaceOn === undefined;
  const name = text(inputs, "name");
  if (drawn && name !== "") return name;
  return /uuid/i.test(known.arn ?? "") ? uuid(seed) : digits(seed, 10);
}

function arnOf(
  type: string,
  { arn }: KnownType,
  { location, inputs, logicalName }: Resource,
  id: string,
): string {
  const kind = kebab(type.split(":")[2] ?? "");
  const form = arn ?? `arn:{partition}:${serviceOf(type)}:{region}:{account}:${kind}/{name}`;
  const values: Properties = {
    id,
    name: id,
    ...inputs,
    partition: location.partition,
    region: location.region,
    account: location.accountId,
  };
  return (
    form
      .replaceAll(/\{(\w+)\}/g, (_, key: string) => text(values, key) || logicalName)
      // A parameter's name may begin with the slash that its ARN has before it.
      .replaceAll("//", "/")
  );
}
