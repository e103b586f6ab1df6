/** Records partners' protection status, encrypted with its case, and lists it for staff and for the partner. */
import type { Instant } from "@tocsin/base/instant"
import { refuse } from "@tocsin/base/refusal"
import { lockToReport } from "../../../kernel/locks.ts"
import { assertExists, opened, sealed } from "../../../share/cases/actions.ts"
import { type Contacts, contactsBefore } from "../../../share/delivery/actions/list-exposure.ts"
import { idOfAlias, aliasFor } from "../../../share/delivery/actions/aliases.ts"
import { partnerOf } from "../../../share/delivery/actions/projection.ts"
import { type ActionContext, record } from "../../../kernel/action-context.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { withinCircle } from "../../../trust/partners/roster/actions/set-access-list.ts"
import {
    type Protection,
    isSameProtection,
    validateProtection,
    protectionsMax,
    timeToProtection,
} from "../protection.ts"
import * as store from "../store/protections.ts"
import { ownOwed } from "./list-follow-ups.ts"

export interface SaidProtection extends Protection {
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly at: Instant
}

/**
 * Records a status for a case that the actor can see. Repeating the last status adds nothing, unless a follow-up is
 * open. Refuses `protection.too_many`.
 */
export async function reportProtection(ctx: ActionContext, subject: string, protection: Protection): Promise<void> {
    const input = { ...protection, note: protection.note.trim() }
    validateProtection(input, ctx.now)
    const { partner, person } = partnerOf(ctx)
    await lockToReport(ctx.tx, partner)
    const before = await store.listProtections(ctx.tx, { partner, case: subject })
    const [last] = before
    const isSame = last !== undefined && isSameProtection(await saidIn(ctx, last), input)
    if (isSame && !(await isOwed(ctx, partner, subject))) return
    if (!(before.length < protectionsMax)) {
        refuse("conflict", "protection.too_many", `a warning can have \`${protectionsMax}\` protection reports at most`)
    }
    const id = ctx.services.newId()
    const event = await record(ctx, { kind: "protection.reported", case: subject, partner, protection: id }, true)
    const { state, since, note } = input
    const box = await sealed(ctx, subject, place(id), note)
    await store.insertProtection(ctx.tx, event, { id, partner, person, case: subject, state, since, box, at: ctx.now })
}

/** Tells whether a follow-up that the actor can see is open. Repeating a status then answers it. */
async function isOwed(ctx: ActionContext, partner: string, subject: string): Promise<boolean> {
    const owed = await ownOwed(ctx, aliasFor(ctx.services.keys, partner, "warning", subject))
    return owed.some(({ protectionAt }) => protectionAt === null)
}

/** Lists what the actor may see of its partner's reports, with the partner's aliases, newest first. */
export async function ownProtections(
    ctx: ActionContext,
    warning: string | null,
): Promise<(Omit<SaidProtection, "case"> & { readonly warning: string })[]> {
    const { partner } = partnerOf(ctx)
    const only = warning === null ? null : idOfAlias(ctx.services.keys, partner, "warning", warning)
    const rows = await withinCircle(ctx, await store.listProtections(ctx.tx, { partner, case: only }))
    const list: Awaited<ReturnType<typeof ownProtections>> = []
    for (const row of rows) {
        const { case: caseId, ...rest } = await saidIn(ctx, row)
        list.push({ ...rest, warning: aliasFor(ctx.services.keys, partner, "warning", caseId) })
    }
    return list
}

export interface SignedProtection extends SaidProtection {
    readonly name: string
    /** Milliseconds from the first notice or fetch of the case; null where it is not protected. */
    readonly tookMs: number | null
}

/** Lists all partners' reports on a case, newest first. Refuses `case.not_found`. */
export async function protectionsOf(ctx: ActionContext, caseId: string): Promise<SignedProtection[]> {
    await assertExists(ctx, caseId)
    const first = await firstTold(ctx, caseId)
    const signedProtections: SignedProtection[] = []
    for (const row of await store.listProtections(ctx.tx, { partner: null, case: caseId })) {
        const saidProtection = await saidIn(ctx, row)
        const name = (await personById(ctx, saidProtection.person))?.name ?? ""
        signedProtections.push({
            ...saidProtection,
            name,
            tookMs: timeToProtection(saidProtection, first.get(saidProtection.partner) ?? null),
        })
    }
    return signedProtections
}

/** Returns how many milliseconds each protected partner took from its first notice. */
export async function timesToProtection(ctx: ActionContext, caseId: string): Promise<Map<string, number>> {
    const first = await firstTold(ctx, caseId)
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
async function firstTold(ctx: ActionContext, caseId: string): Promise<Map<string, Instant>> {
    return firstIn(await contactsBefore(ctx, caseId, ctx.now + 1))
}

/** Takes the earliest notice or fetch of each partner. */
export function firstIn({ notified, fetched }: Pick<Contacts, "notified" | "fetched">): Map<string, Instant> {
    const first = new Map<string, Instant>()
    for (const { partner, at } of [...notified, ...fetched]) {
        first.set(partner, Math.min(at, first.get(partner) ?? Infinity))
    }
    return first
}

async function saidIn(ctx: ActionContext, { id, box, ...row }: store.ProtectionRow): Promise<SaidProtection> {
    return { ...row, note: await opened(ctx, row.case, place(id), box) }
}

const place = (id: string): string => `protections.note:${id}`
