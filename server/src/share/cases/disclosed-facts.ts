/**
 * The disclosed facts of a case: title, vulnerabilities with products, and the deployment permission. Each change is a
 * revision.
 *
 * The finder's name is for the operator only. The public credit is not, since two people sign the public text.
 */
import { Type } from "typebox"
import { canonical } from "@tocsin/base/canonical"
import type { CaseDetails } from "./case.ts"
import { type Permission, deployments, permissionTextMax } from "./deployment-permission.ts"
import { closed, orNull } from "../../kernel/schemas.ts"

const text = (max: number) => Type.String({ minLength: 1, maxLength: max })

/** Empty while unknown. */
const orEmpty = (max: number) => Type.String({ maxLength: max })

const product = Type.Object({ vendor: text(100), name: text(200), fixedIn: orNull(text(100)) }, closed)
const vulnerability = Type.Object(
    {
        cve: orEmpty(40),
        cwe: orEmpty(20),
        vector: orEmpty(200),
        score: orNull(Type.Number({ minimum: 0, maximum: 10 })),
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
export const detailsSchema = Type.Object(detailFields, closed)
export const permissionSchema = Type.Object(
    { deployment: Type.Enum([...deployments]), text: text(permissionTextMax) },
    closed,
)

/** New facts: all details, or the whole permission. */
export type CaseAmendment = { readonly details: CaseDetails } | { readonly permission: Permission }

/** The facts before; null where the operator had not set a permission. */
export type EarlierFacts = { readonly details: CaseDetails } | { readonly permission: Permission | null }

/** Whether the facts before and after are equal. */
export function areFactsEqual(before: EarlierFacts, after: CaseAmendment): boolean {
    return canonical(withCredit(before)) === canonical(withCredit(after))
}

/** Adds the empty credit where it is missing. */
function withCredit<Facts extends EarlierFacts>(facts: Facts): Facts {
    return "details" in facts ? { ...facts, details: { credit: "", ...facts.details } } : facts
}

/** Whether the change leaves the disclosed facts equal: it may change the finder only. */
export function areDisclosedFactsEqual(before: EarlierFacts, after: CaseAmendment): boolean {
    return areFactsEqual(withoutFinder(before), withoutFinder(after))
}

function withoutFinder<Facts extends EarlierFacts>(facts: Facts): Facts {
    return "details" in facts ? { ...facts, details: { ...facts.details, finder: "" } } : facts
}
