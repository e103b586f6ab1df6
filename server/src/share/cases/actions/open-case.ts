/** Opens a case, revises it, and sets its deployment permission. */
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { type CaseDetails, validateCase } from "../case.ts"
import { refuse } from "@tocsin/base/refusal"
import * as store from "../store/cases.ts"
import {
    cveHash,
    decryptDetails,
    decryptPermission,
    encryptForCase,
    lockCase,
    lockOpenCase,
    noSuchCase,
} from "./load-case.ts"
import { type CaseAmendment, areDisclosedFactsEqual, areFactsEqual } from "../disclosed-facts.ts"
import { createHmac } from "node:crypto"
import { canonical } from "@tocsin/base/canonical"
import { type Permission } from "../deployment-permission.ts"
import { validatePermission } from "../validate-permission.ts"

/** Opens a case; returns its id. Refuses `case.staff_only` and invalid details. */
export async function openCase(ctx: ActionContext, details: CaseDetails): Promise<string> {
    validateCase(details)
    if (ctx.actor.kind !== "operator") refuse("forbidden", "case.staff_only", "only staff can open a case")
    const id = ctx.services.newId()
    const row = {
        id,
        details_ciphertext: await encryptDetails(ctx, id, details),
        created_by: ctx.actor.person,
        created_at: ctx.now,
    }
    const names = cveHashes(ctx, details)
    await store.insertCase(ctx.tx, row, names)
    await record(ctx, { kind: "case.opened", case: id })
    return id
}

/**
 * Replaces the details of a case, such as CVEs, products or the title. Equal details are not a change. Once a wave is
 * released, use the release's amendment instead.
 */
export async function reviseCase(ctx: ActionContext, id: string, details: CaseDetails): Promise<void> {
    validateCase(details)
    if (ctx.actor.kind !== "operator") refuse("forbidden", "case.staff_only", "only staff can revise a case")
    const row = await lockCase(ctx, id)
    const [before, after] = [{ details: await decryptDetails(ctx, row) }, { details }]
    if (areFactsEqual(before, after)) return
    const revision = areDisclosedFactsEqual(before, after) ? row.revision : row.revision + 1
    const names = cveHashes(ctx, details)
    await store.updateCase(
        ctx.tx,
        id,
        { ciphertext: await encryptDetails(ctx, id, details), revision, at: ctx.now },
        names,
    )
    await record(ctx, { kind: "case.revised", case: id, revision })
}

/** Returns the revision of the disclosed facts. Needs no decryption. */
export async function loadRevision(ctx: ActionContext, id: string): Promise<number> {
    return ((await store.findCaseRow(ctx.tx, id)) ?? noSuchCase()).revision
}

/** Returns a keyed hash of amended facts, for signatures. A plain hash of a short title could be guessed. */
export function amendmentHash(ctx: ActionContext, id: string, amendment: CaseAmendment): string {
    const key = ctx.services.keys.derive("case-retelling", 32)
    return createHmac("sha256", key)
        .update(canonical({ case: id, ...amendment }))
        .digest("hex")
}

async function encryptDetails(ctx: ActionContext, id: string, details: CaseDetails): Promise<Buffer> {
    const { title, vulnerabilities, finder, credit = "" } = details
    return await encryptForCase(ctx, id, "cases.details", JSON.stringify({ title, vulnerabilities, finder, credit }))
}

/**
 * Sets the deployment permission, shown to all partners warned of the case. As for `reviseCase`, amend it once a wave
 * is released.
 */
export async function setPermission(ctx: ActionContext, id: string, permission: Permission): Promise<void> {
    validatePermission(permission)
    const row = await lockOpenCase(ctx, id)
    if (areFactsEqual({ permission: await decryptPermission(ctx, row) }, { permission })) return
    const { deployment, text } = permission
    const ciphertext = await encryptForCase(ctx, id, "cases.permission", JSON.stringify({ deployment, text }))
    const revision = row.revision + 1
    await store.setPermission(ctx.tx, id, { ciphertext, revision, at: ctx.now })
    await record(ctx, { kind: "case.permission_set", case: id, deployment, revision })
}

function cveHashes(ctx: ActionContext, { vulnerabilities }: CaseDetails): Buffer[] {
    return vulnerabilities.flatMap(({ cve }) => (cve === "" ? [] : [cveHash(ctx, cve)]))
}
