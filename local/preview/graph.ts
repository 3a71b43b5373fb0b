/** The resources of a stack as a Mermaid picture: one box a component, arrows to what each resource uses. */
import type { StateResource } from "local-aws/provider/operation.ts";

const BUCKET = "aws:s3/bucket:Bucket";
const ROLE = "aws:iam/role:Role";

/**
 * Types that only say something about another resource, and the type of that one: they are listed in its
 * node, where nodes of their own would hide the picture.
 */
const ATTRIBUTES: ReadonlyMap<string, { readonly says: string; readonly of: string }> = new Map([
  ["aws:s3/bucketVersioning:BucketVersioning", { says: "versioning", of: BUCKET }],
  [
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    { says: "encryption", of: BUCKET },
  ],
  [
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    { says: "public access block", of: BUCKET },
  ],
  ["aws:s3/bucketOwnershipControls:BucketOwnershipControls", { says: "ownership", of: BUCKET }],
  [
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    { says: "lifecycle", of: BUCKET },
  ],
  ["aws:s3/bucketPolicy:BucketPolicy", { says: "policy", of: BUCKET }],
  ["aws:sqs/queuePolicy:QueuePolicy", { says: "policy", of: "aws:sqs/queue:Queue" }],
  ["aws:sns/topicPolicy:TopicPolicy", { says: "policy", of: "aws:sns/topic:Topic" }],
  ["aws:iam/rolePolicy:RolePolicy", { says: "permissions", of: ROLE }],
  ["aws:iam/rolePolicyAttachment:RolePolicyAttachment", { says: "attached policies", of: ROLE }],
]);

const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");

/** `aws:sqs/queue:Queue` as people say it: `sqs Queue`. */
const label = (type: string): string => {
  const [pkg = "", module = "", name = ""] = type.split(":");
  return `${pkg === "aws" ? (module.split("/", 1)[0] ?? "") : pkg} ${name}`;
};

const isComponent = ({ type }: StateResource): boolean => !/^(aws|awsx|pulumi):/.test(type);
const isResource = ({ type }: StateResource): boolean => type.startsWith("aws:");

/** Mermaid's ids are plain words. */
const idOf = ({ type, urn }: StateResource): string =>
  `${label(type)}_${nameOf(urn)}`.replaceAll(/\W/g, "_");

/** The picture as Mermaid text; the same state gives the same text. */
export function renderGraph(state: readonly StateResource[]): string {
  const sorted = [...state].sort((a, b) => a.urn.localeCompare(b.urn, "en"));
  const resources = sorted.filter(isResource);
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));

  const ownerOf = (resource: StateResource): StateResource => {
    const attribute = ATTRIBUTES.get(resource.type);
    const used = (resource.dependencies ?? []).flatMap((urn) => byUrn.get(urn) ?? []);
    return used.find(({ type }) => type === attribute?.of) ?? resource;
  };
  const attributesOf = (resource: StateResource): string[] => [
    ...new Set(
      resources
        .filter((other) => other !== resource && ownerOf(other) === resource)
        .map(({ type }) => ATTRIBUTES.get(type)?.says ?? type),
    ),
  ];

  const nodes = resources.filter((resource) => ownerOf(resource) === resource);
  const node = (resource: StateResource): string => {
    const lines = [
      `<b>${nameOf(resource.urn)}</b>`,
      label(resource.type),
      ...attributesOf(resource),
    ];
    return `${idOf(resource)}["${lines.join("<br/>")}"]`;
  };
  const groups = sorted.filter(isComponent).map((component) => {
    const members = nodes.filter(({ parent }) => parent === component.urn).map(node);
    return [
      `  subgraph ${nameOf(component.urn)}`,
      ...members.map((member) => `    ${member}`),
      "  end",
    ];
  });
  const loose = nodes
    .filter(({ parent }) => !sorted.some((other) => isComponent(other) && other.urn === parent))
    .map((resource) => `  ${node(resource)}`);
  const arrows = reduced(usesOf(resources, byUrn, ownerOf)).map(
    ([from, to]) => `  ${idOf(from)} --> ${idOf(to)}`,
  );
  return ["flowchart LR", ...groups.flat(), ...loose, ...arrows.sort()].join("\n");
}

type Uses = Map<StateResource, Set<StateResource>>;

function usesOf(
  resources: readonly StateResource[],
  byUrn: ReadonlyMap<string, StateResource>,
  ownerOf: (resource: StateResource) => StateResource,
): Uses {
  const uses: Uses = new Map();
  for (const resource of resources) {
    const from = ownerOf(resource);
    for (const urn of resource.dependencies ?? []) {
      const used = byUrn.get(urn);
      if (used === undefined || ownerOf(used) === from) continue;
      uses.set(from, (uses.get(from) ?? new Set()).add(ownerOf(used)));
    }
  }
  return uses;
}

/** Leaves out an arrow where a longer way leads to the same resource. */
function reduced(uses: Uses): [StateResource, StateResource][] {
  const reaches = (
    from: StateResource,
    to: StateResource,
    seen = new Set<StateResource>(),
  ): boolean =>
    [...(uses.get(from) ?? [])].some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  return [...uses].flatMap(([from, direct]) =>
    [...direct]
      .filter((to) => ![...direct].some((other) => other !== to && reaches(other, to)))
      .map((to): [StateResource, StateResource] => [from, to]),
  );
}

const BEGIN = "<!-- graph:begin -->";
const END = "<!-- graph:end -->";

/** The document with the picture between its markers. Throws when a marker is missing. */
export function withGraph(document: string, graph: string): string {
  const begin = document.indexOf(BEGIN);
  const end = document.indexOf(END);
  if (begin === -1 || end < begin) throw new Error(`the document lacks ${BEGIN} … ${END}`);
  const section = `${BEGIN}\n\`\`\`mermaid\n${graph}\n\`\`\`\n`;
  return document.slice(0, begin) + section + document.slice(end);
}
