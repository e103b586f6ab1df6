/** Records partners' protection status, encrypted with its case, and lists it for staff and for the partner. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { lockToReport } from "../../../kernel/locks.ts"
import { assertCaseExists, decryptForCase, encryptForCase } from "../../../share/cases/actions/load-case.ts"
import { type Contacts, listContactsBefore } from "../../../share/delivery/actions/list-exposure.ts"
import { idOfAlias, aliasFor } from "../../../share/delivery/actions/resolve-alias.ts"
import { partnerOf } from "../../../share/delivery/actions/project-warnings.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { findPerson } from "../../../trust/identity/actions/load-people.ts"
import { filterVisible } from "../../../trust/partners/roster/actions/set-access-list.ts"
import {
    type Protection,
    isSameProtection,
    validateProtection,
    protectionsMax,
    timeToProtection,
} from "../protection.ts"
import * as store from "../store/protections.ts"
import { listOpenFollowUpsForPartner } from "./list-follow-ups.ts"

export interface ProtectionReport extends Protection {
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly at: Instant
}

/**
 * Records a status for a case that the actor can see. Repeating the last status adds nothing, unless a follow-up is
 * open. Refuses `protection.too_many`.
 */
export async function reportProtection(ctx: ActionContext, caseId: string, protection: Protection): Promise<void> {
    const report = { ...protection, note: protection.note.trim() }
    validateProtection(report, ctx.now)
    const { partner, person } = partnerOf(ctx)
    await lockToReport(ctx.tx, partner)
    const before = await store.listProtections(ctx.tx, { partner, case: caseId })
    const [last] = before
    const isSame = last !== undefined && isSameProtection(await decryptReport(ctx, last), report)
    if (isSame && !(await hasOpenFollowUp(ctx, partner, caseId))) return
    if (!(before.length < protectionsMax)) {
        refuse(
            "conflict",
            "protection.too_many",
            `a warning can have \`${protectionsMax}\` protection reports at most`,
            { max: protectionsMax },
        )
    }
    const id = ctx.services.newId()
    const event = await record(ctx, { kind: "protection.reported", case: caseId, partner, protection: id }, true)
    const { state, since, note } = report
    const ciphertext = await encryptForCase(ctx, caseId, place(id), note)
    await store.insertProtection(ctx.tx, event, {
        id,
        partner,
        person,
        case: caseId,
        state,
        since,
        ciphertext,
        at: ctx.now,
    })
}

/** Tells whether a follow-up that the actor can see is open. Repeating a status then answers it. */
async function hasOpenFollowUp(ctx: ActionContext, partner: string, caseId: string): Promise<boolean> {
    const followUps = await listOpenFollowUpsForPartner(ctx, aliasFor(ctx.services.keys, partner, "warning", caseId))
    return followUps.some(({ protectionAt }) => protectionAt === null)
}

/** Lists its partner's reports that the actor may see, with the partner's aliases, newest first. */
export async function listProtectionsForPartner(
    ctx: ActionContext,
    warning: string | null,
): Promise<(Omit<ProtectionReport, "case"> & { readonly warning: string })[]> {
    const { partner } = partnerOf(ctx)
    const onlyCase = warning === null ? null : idOfAlias(ctx.services.keys, partner, "warning", warning)
    const rows = await filterVisible(ctx, await store.listProtections(ctx.tx, { partner, case: onlyCase }))
    const list: Awaited<ReturnType<typeof listProtectionsForPartner>> = []
    for (const row of rows) {
        const { case: caseId, ...rest } = await decryptReport(ctx, row)
        list.push({ ...rest, warning: aliasFor(ctx.services.keys, partner, "warning", caseId) })
    }
    return list
}

export interface ProtectionReportWithName extends ProtectionReport {
    readonly name: string
    /** Milliseconds from the first notice or fetch of the case; null where it is not protected. */
    readonly tookMs: number | null
}

/** Lists all partners' reports on a case, newest first. Refuses `case.not_found`. */
export async function listProtections(ctx: ActionContext, caseId: string): Promise<ProtectionReportWithName[]> {
    await assertCaseExists(ctx, caseId)
    const first = await loadFirstContacts(ctx, caseId)
    const reports: ProtectionReportWithName[] = []
    for (const row of await store.listProtections(ctx.tx, { partner: null, case: caseId })) {
        const report = await decryptReport(ctx, row)
        const name = (await findPerson(ctx, report.person))?.name ?? ""
        reports.push({
            ...report,
            name,
            tookMs: timeToProtection(report, first.get(report.partner) ?? null),
        })
    }
    return reports
}

/** Returns how many milliseconds each protected partner took from its first notice. */
export async function loadTimesToProtection(ctx: ActionContext, caseId: string): Promise<Map<string, number>> {
    const first = await loadFirstContacts(ctx, caseId)
    const grouped = Map.groupBy(
        await store.listProtections(ctx.tx, { partner: null, case: caseId }),
        (row) => row.partner,
    )
    const times = new Map<string, number>()
    for (const [partner, [last]] of grouped) {
        const tookMs = last === undefined ? null : timeToProtection({ ...last, note: "" }, first.get(partner) ?? null)
        if (tookMs !== null) times.set(partner, tookMs)
    }
    return times
}

/** Returns when each partner first learned of a case. */
async function loadFirstContacts(ctx: ActionContext, caseId: string): Promise<Map<string, Instant>> {
    return firstContactsOf(await listContactsBefore(ctx, caseId, ctx.now + 1))
}

/** Takes the earliest notice or fetch of each partner. */
export function firstContactsOf({ notified, fetched }: Pick<Contacts, "notified" | "fetched">): Map<string, Instant> {
    const first = new Map<string, Instant>()
    for (const { partner, at } of [...notified, ...fetched]) {
        first.set(partner, Math.min(at, first.get(partner) ?? Infinity))
    }
    return first
}

async function decryptReport(
    ctx: ActionContext,
    { id, ciphertext, ...row }: store.ProtectionRow,
): Promise<ProtectionReport> {
    return { ...row, note: await decryptForCase(ctx, row.case, place(id), ciphertext, "") }
}

const place = (id: string): string => `protections.note:${id}`
