/** Takes how far partners are with their protection, keeps it sealed with its case, and shows it to the operator and to whoever said it. */
import type { Instant } from "../../../lib/instant.ts"
import { refuse } from "../../../lib/refusal.ts"
import { lockToReport } from "../../../platform/locks.ts"
import { mustExist, opened, sealed } from "../../../share/cases/actions.ts"
import { type Contacts, contactsBefore } from "../../../share/delivery/actions/exposure.ts"
import { idBehind, nameFor } from "../../../share/delivery/actions/names.ts"
import { partnerOf } from "../../../share/delivery/actions/projection.ts"
import { type Act, record } from "../../../trust/audit/actions.ts"
import { personById } from "../../../trust/identity/actions.ts"
import { withinCircle } from "../../../trust/partners/actions/circles.ts"
import { type Protection, isSameProtection, mustBeProtection, protectionsMax, timeToProtection } from "../protection.ts"
import * as store from "../store/protections.ts"
import { ownOwed } from "./owed.ts"

export interface SaidProtection extends Protection {
    readonly partner: string
    readonly person: string
    readonly case: string
    readonly at: Instant
}

/** Of a case that whoever acts was found to see. What was said last, said again, is nothing new, but where it is owed. */
export async function reportProtection(act: Act, of: string, told: Protection): Promise<void> {
    const its = { ...told, note: told.note.trim() }
    mustBeProtection(its, act.now)
    const { partner, person } = partnerOf(act)
    await lockToReport(act.tx, partner)
    const before = await store.protections(act.tx, { partner, case: of })
    const [last] = before
    const isSame = last !== undefined && isSameProtection(await saidIn(act, last), its)
    if (isSame && !(await isOwed(act, partner, of))) return
    if (!(before.length < protectionsMax)) {
        refuse("conflict", "protection.too_many", `of one warning it is said \`${protectionsMax}\` times at most`)
    }
    const id = act.doors.newId()
    const event = await record(act, { kind: "protection.reported", case: of, partner, protection: id }, true)
    const { state, since, note } = its
    const box = await sealed(act, of, place(id), note)
    await store.insertProtection(act.tx, event, { id, partner, person, case: of, state, since, box, at: act.now })
}

/** By a clock that whoever acts sees, and by no other: that it is still so is then an answer. */
async function isOwed(act: Act, partner: string, of: string): Promise<boolean> {
    const owed = await ownOwed(act, nameFor(act.doors.keys, partner, "warning", of))
    return owed.some(({ protectionAt }) => protectionAt === null)
}

/** What whoever acts may see of what its partner said, by the partner's own names, the newest first. */
export async function ownProtections(
    act: Act,
    warning: string | null,
): Promise<(Omit<SaidProtection, "case"> & { readonly warning: string })[]> {
    const { partner } = partnerOf(act)
    const only = warning === null ? null : idBehind(act.doors.keys, partner, "warning", warning)
    const rows = await withinCircle(act, await store.protections(act.tx, { partner, case: only }))
    const all: Awaited<ReturnType<typeof ownProtections>> = []
    for (const row of rows) {
        const { case: of, ...one } = await saidIn(act, row)
        all.push({ ...one, warning: nameFor(act.doors.keys, partner, "warning", of) })
    }
    return all
}

export interface SignedProtection extends SaidProtection {
    readonly name: string
    /** Milliseconds from the first notice, or fetch, of the case; null where it is not protected. */
    readonly tookMs: number | null
}

/** What all partners said of a case, the newest first. Refuses `case.not_found`. */
export async function protectionsOf(act: Act, caseId: string): Promise<SignedProtection[]> {
    await mustExist(act, caseId)
    const told = await firstTold(act, caseId)
    const all: SignedProtection[] = []
    for (const row of await store.protections(act.tx, { partner: null, case: caseId })) {
        const one = await saidIn(act, row)
        const name = (await personById(act, one.person))?.name ?? ""
        all.push({ ...one, name, tookMs: timeToProtection(one, told.get(one.partner) ?? null) })
    }
    return all
}

/** Of each partner that is protected now, how many milliseconds that took from when it was told first. */
export async function timesToProtection(act: Act, caseId: string): Promise<Map<string, number>> {
    const told = await firstTold(act, caseId)
    const grouped = Map.groupBy(await store.protections(act.tx, { partner: null, case: caseId }), (row) => row.partner)
    const times = new Map<string, number>()
    for (const [partner, [last]] of grouped) {
        const tookMs = last === undefined ? null : timeToProtection({ ...last, note: "" }, told.get(partner) ?? null)
        if (tookMs !== null) times.set(partner, tookMs)
    }
    return times
}

/** When each partner was told of a case first. */
async function firstTold(act: Act, caseId: string): Promise<Map<string, Instant>> {
    return firstIn(await contactsBefore(act, caseId, act.now + 1))
}

/** By a notice that left, or by what it fetched. */
export function firstIn({ notified, fetched }: Pick<Contacts, "notified" | "fetched">): Map<string, Instant> {
    const first = new Map<string, Instant>()
    for (const { partner, at } of [...notified, ...fetched]) {
        first.set(partner, Math.min(at, first.get(partner) ?? Infinity))
    }
    return first
}

async function saidIn(act: Act, { id, box, ...row }: store.ProtectionRow): Promise<SaidProtection> {
    return { ...row, note: await opened(act, row.case, place(id), box) }
}

const place = (id: string): string => `protections.note:${id}`
