/** Which keys each role gets from the key process. What is not listed is refused. */

/** The roles that ask a key process. */
export const keyRoles = ["console", "portal", "worker"] as const
export type KeyRole = (typeof keyRoles)[number]

/**
 * When a role gets the data key of a scope. `released`: a wave of the case is released. `poc_released`: a released wave
 * of the case has a proof of concept. `questioned`: a partner was asked in the inquiry.
 */
export type ScopeCondition = "always" | "released" | "poc_released" | "questioned"

/** By the first part of the scope. Null: the portal never gets it. Console and worker get all but `signing`. */
const portalScopes: Readonly<Record<string, ScopeCondition | null>> = {
    canaries: "always",
    case: "released",
    case_hold: null,
    console_answers: null,
    evidence: null,
    inquiry: "questioned",
    marks: "always",
    partner: "always",
    person: "always",
    poc: "poc_released",
    portal_answers: "always",
    program: "always",
    signing: null,
    tracing: null,
}

export const scopeFamilies: readonly string[] = Object.keys(portalScopes)

/** Null: the role never gets this scope. */
export function scopeConditionOf(role: KeyRole, scope: string): ScopeCondition | null {
    const family = scope.split(":")[0] ?? ""
    // Seeds of signing keys stay in the key process.
    if (family === "signing" || !Object.hasOwn(portalScopes, family)) return null
    return role === "portal" ? (portalScopes[family] ?? null) : "always"
}

/** Purposes of derived keys. One that ends in `:` or `/` has an id behind it. */
const purposes: Readonly<Record<string, readonly KeyRole[]>> = {
    "approval-hashes": ["console", "portal", "worker"],
    backup: ["worker"],
    "canary sources": ["console", "worker"],
    "case-names": ["console", "worker"],
    "case-retelling": ["console", "worker"],
    "csaf-groups": ["console", "portal", "worker"],
    "csaf-ids": ["console", "portal", "worker"],
    "drafts:": ["console", "portal"],
    "evidence/prints": ["console", "worker"],
    "evidence/seed": ["console", "worker"],
    "high-water": [],
    "keys/confirm/": ["console", "portal", "worker"],
    "keys/test-copy/": ["console", "portal", "worker"],
    "mail/returns": ["worker"],
    measures: ["console", "worker"],
    "misp-ids": ["console", "portal", "worker"],
    "names:": ["console", "portal", "worker"],
    "partner-import": ["console", "worker"],
    "passkey-challenges": ["console", "portal"],
    "person-details": ["console", "worker"],
    "scim-account-ids": ["console", "portal"],
    "shown:": ["console", "portal", "worker"],
    "sighting-objects:": ["console", "portal", "worker"],
    "single-sign-on-": ["console", "portal", "worker"],
    "spent-budget": ["console", "worker"],
    "spent-budget-id": ["console", "worker"],
    "stix-ids": ["console", "portal", "worker"],
    "stranger-counts": ["console", "portal"],
    "taxii-collections": ["console", "portal", "worker"],
    "taxii-next:": ["console", "portal", "worker"],
}

/** Whether a role gets the key of a purpose. Signing keys are never given: `maySign` says who gets signatures. */
export function mayDerive(role: KeyRole, purpose: string): boolean {
    return rolesOf(purposes, purpose).includes(role)
}

/** Whether the purpose is in a table. */
export const isKnownPurpose = (purpose: string): boolean =>
    familyIn(purposes, purpose) !== null || Object.values(firstPurposes).flat().includes(purpose)

/** The logs, and the purposes of their first keys. Each role gets their public halves. */
export const firstPurposes: Readonly<Record<"audit_log" | "receipt_log", readonly string[]>> = {
    audit_log: ["record-heads"],
    receipt_log: ["receipt-heads", "receipt-heads-ml-dsa-44"],
}

/** Names a signing key whose seeds the database has. */
export const storedPurposeOf = (verifierKey: string): string => `signing/${verifierKey}`

/** Null: the purpose names no such key. */
export const verifierKeyIn = (purpose: string): string | null =>
    purpose.startsWith("signing/") ? purpose.slice("signing/".length) : null

/**
 * Whether a role gets signatures of a log. Of the receipt log, each role gets those of batches that the database has.
 */
export const maySign = (role: KeyRole, log: keyof typeof firstPurposes): boolean =>
    log === "receipt_log" || role === "worker"

type Table = Readonly<Record<string, readonly KeyRole[]>>

function rolesOf(table: Table, purpose: string): readonly KeyRole[] {
    const family = familyIn(table, purpose)
    return family === null ? [] : (table[family] ?? [])
}

function familyIn(table: Table, purpose: string): string | null {
    if (Object.hasOwn(table, purpose)) return purpose
    const found = Object.keys(table).find((family) => /[:/-]$/.test(family) && purpose.startsWith(family))
    return found ?? null
}
