/**
 * What a warning tells of its case: title, vulnerabilities with their products, and what may be done before publication. Each
 * change of it is a revision. Who found it is known to the operator alone, and is no part of it; as whom the world may be told of the
 * finder is, for two sign what the world reads.
 */
import { Type } from "typebox"
import { canonical } from "@tocsin/base/canonical"
import type { CaseDetails } from "./case.ts"
import { type Permission, deployments, permissionTextMax } from "./deployment-permission.ts"

const closed = { additionalProperties: false }
const text = (max: number) => Type.String({ minLength: 1, maxLength: max })

/** Empty while it is not known. */
const orEmpty = (max: number) => Type.String({ maxLength: max })

const product = Type.Object(
    { vendor: text(100), name: text(200), fixedIn: Type.Union([text(100), Type.Null()]) },
    closed,
)
const vulnerability = Type.Object(
    {
        ...{ cve: orEmpty(40), cwe: orEmpty(20), vector: orEmpty(200) },
        score: Type.Union([Type.Number({ minimum: 0, maximum: 10 }), Type.Null()]),
        products: Type.Array(product, { maxItems: 50 }),
    },
    closed,
)
export const detailFields = {
    title: text(200),
    vulnerabilities: Type.Array(vulnerability, { minItems: 1, maxItems: 50 }),
    finder: Type.String({ maxLength: 200 }),
    credit: Type.Optional(Type.String({ maxLength: 200 })),
}
export const detailsShape = Type.Object(detailFields, closed)
export const permissionShape = Type.Object(
    { deployment: Type.Enum([...deployments]), text: text(permissionTextMax) },
    closed,
)

/** One of the two, and all of it. */
export type Retold = { readonly details: CaseDetails } | { readonly permission: Permission }

/** What it replaces; null where the operator had not said. */
export type Told = { readonly details: CaseDetails } | { readonly permission: Permission | null }

export function isSame(before: Told, after: Retold): boolean {
    return canonical(withCredit(before)) === canonical(withCredit(after))
}

/** Cases that were opened before finders could be named say nothing of it. */
function withCredit<Its extends Told>(notified: Its): Its {
    return "details" in notified ? { ...notified, details: { credit: "", ...notified.details } } : notified
}

/** Whether whoever is warned reads anything else by it. */
export function tellsTheSame(before: Told, after: Retold): boolean {
    return isSame(withoutFinder(before), withoutFinder(after))
}

function withoutFinder<Its extends Told>(notified: Its): Its {
    return "details" in notified ? { ...notified, details: { ...notified.details, finder: "" } } : notified
}
